"""The test box: what a phrase would change in stored reviews."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection

from reviews.correction import correct_causes
from reviews.models import Review, Shop
from reviews.vocabulary import effects
from reviews.vocabulary.effects import Effect, Outcome, effect_of
from reviews.vocabulary.matching import normal_form
from reviews.vocabulary.rules import Kind, Rule
from tests.conftest import NOW
from tests.reviews.vocabulary.test_application import Model

MakeReview = Callable[..., Review]
SINCE = NOW - timedelta(days=90)


def effect(text: str, cause: str = "quality.workmanship", kind: Kind = Kind.SIGN, shop: Shop | None = None) -> Effect:
    rule = Rule(normal_form(text), kind, cause)
    found = effect_of(rule, shop_id=shop and shop.pk, since=SINCE, classifier=Model())  # type: ignore[arg-type]
    assert found is not None
    return found


def counted(found: Effect) -> dict[str, int]:
    return {outcome.value: count for outcome, count in found.outcomes if count}


def test_every_review_with_the_phrase_is_told_by_what_becomes_of_it(make_review: MakeReview, agent: User) -> None:
    make_review(content="用两天就跑珠")
    make_review(content="跑珠", causes=["quality.workmanship"])
    make_review(content="物流慢,没有跑珠")
    make_review(content="跑珠了很好")
    decided = make_review(content="一写就跑珠")
    correct_causes(review=decided, codes=["price.fee"], actor=agent, now=NOW)
    make_review(content="物流慢")
    found = effect("跑珠")
    assert (found.searched, found.containing, found.judged, found.is_all) == (6, 5, 5, True)
    assert counted(found) == {"added": 1, "had": 1, "silent": 2, "decided": 1}


def test_a_review_shows_the_phrase_marked_and_its_causes_before_and_after(make_review: MakeReview) -> None:
    make_review(content="ＵＳＢ口松动", append_content="usb 又松了", causes=["courier.slow"])
    [shown] = effect("usb").shown
    assert [piece.text for piece in shown.words if piece.code] == ["ＵＳＢ", "usb"]
    assert [cause.code for cause in shown.before] == ["courier.slow"]
    assert [(cause.code, cause.source) for cause in shown.after] == [
        ("courier.slow", "model"),
        ("quality.workmanship", "words"),
    ]


def test_what_is_no_sign_is_told_too(make_review: MakeReview) -> None:
    make_review(content="慢炖锅坏了", causes=["courier.slow"])
    make_review(content="慢炖锅坏了,物流慢", causes=["courier.slow", "quality.defect"])
    make_review(content="慢炖锅坏了", causes=["quality.defect"])
    found = effect("慢炖锅", "courier.slow", Kind.NO_SIGN)
    assert counted(found) == {"taken": 1, "kept": 1, "without": 1}


def test_of_a_word_only_the_reviews_are_counted(make_review: MakeReview) -> None:
    make_review(content="慢炖锅坏了")
    found = effect("慢炖锅", "", Kind.WORD)
    assert (found.containing, found.outcomes, found.shown[0].outcome) == (1, [], None)


def test_only_complaints_of_the_shop_and_the_days_are_looked_at(
    make_review: MakeReview, shop: Shop, other_shop: Shop
) -> None:
    make_review(content="跑珠")
    make_review(content="跑珠", shop=other_shop)
    make_review(content="跑珠", reviewed_at=SINCE - timedelta(days=1))
    make_review(content="没有跑珠,好", is_negative=False, rating="good", causes=[])
    assert effect("跑珠", shop=shop).containing == 1
    assert effect("跑珠").containing == 2


def test_nothing_is_stored_by_looking(make_review: MakeReview) -> None:
    review = make_review(content="跑珠")
    effect("跑珠")
    assert [(cause.code, cause.source) for cause in review.causes.all()] == [("courier.slow", "model")]


def test_the_newest_are_shown_and_judged_within_bounds(
    make_review: MakeReview, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"SEARCHED_AT_MOST": 4, "JUDGED_AT_MOST": 3, "SHOWN": 2}.items():
        monkeypatch.setattr(effects, name, value)
    reviews = [make_review(content="跑珠", reviewed_at=NOW - timedelta(hours=hour)) for hour in range(6)]
    found = effect("跑珠", shop=shop)
    assert (found.searched, found.is_all, found.containing, found.judged) == (4, False, 4, 3)
    assert counted(found) == {"added": 3}
    assert [changed.review for changed in found.shown] == reviews[:2]


def test_what_would_change_is_shown_first_and_from_near_the_phrase(make_review: MakeReview) -> None:
    make_review(content="跑珠", causes=["quality.workmanship"])
    changing = make_review(content="等了很久才到," * 9 + "一写就跑珠", reviewed_at=NOW - timedelta(days=2))
    first = effect("跑珠").shown[0]
    assert first.review == changing
    assert "".join(piece.text for piece in first.words).startswith("…")
    assert len("".join(piece.text for piece in first.words)) < 30


def test_a_search_that_takes_too_long_is_given_up(make_review: MakeReview, monkeypatch: pytest.MonkeyPatch) -> None:
    make_review(content="跑珠")
    slow = Review.objects.extra(where=["(SELECT true FROM pg_sleep(1.5))"])
    monkeypatch.setattr(effects, "newest_complaints", lambda *_about: slow)
    monkeypatch.setattr(effects, "SECONDS_AT_MOST", 1)
    rule = Rule("跑珠", Kind.SIGN, "quality.workmanship")
    assert effect_of(rule, shop_id=None, since=SINCE, classifier=Model()) is None  # type: ignore[arg-type]
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("0",)


def test_the_outcomes_of_each_meaning_are_its_own() -> None:
    told = [outcome for kind in Kind for outcome in effects.OUTCOMES[kind]]
    assert set(told) == set(Outcome)


def test_looking_costs_the_same_however_many_reviews_there_are(
    make_review: MakeReview, django_assert_num_queries: Callable[..., Any]
) -> None:
    for _ in range(30):
        make_review(content="跑珠")
    with django_assert_num_queries(7):
        effect("跑珠")
