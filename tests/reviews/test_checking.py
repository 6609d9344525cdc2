"""Which reviews wait to be checked, and a decision while others decide."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from cases.models import Case, Outcome, State
from reviews.certainty import CERTAIN_FROM
from reviews.checking import (
    COUNTED_AT_MOST,
    ChangedMeanwhile,
    count_to_check,
    decide,
    dismissable,
    reviews_to_check,
    take_back,
)
from reviews.correction import correct_causes
from reviews.models import CauseDecision, Review, ReviewCause
from reviews.search import ReviewFilter
from tests.conftest import NOW
from tests.connections import together

MakeReview = Callable[..., Review]
LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def make_unsure(make_review: MakeReview) -> MakeReview:
    """A review whose last cause the model was unsure of."""

    def make(causes: list[str] | None = None, **fields: Any) -> Review:
        review = make_review(causes or ["courier.slow"], **fields)
        last = review.causes.order_by("-rank")[0]
        ReviewCause.objects.filter(pk=last.pk).update(score=0.5)
        return review

    return make


def waiting(**wanted: Any) -> set[Review]:
    return set(reviews_to_check(Review.objects.all(), ReviewFilter(**wanted)))


def stored(review: Review) -> list[tuple[str, float | None, str, list[list[int]]]]:
    return [(cause.code, cause.score, cause.source, cause.spans) for cause in review.causes.all()]


def as_stored(review: Review) -> tuple[Any, ...]:
    review = Review.objects.get(pk=review.pk)
    return review.is_negative, review.causes_decided_by, review.causes_decided_at, stored(review)


@pytest.mark.parametrize(
    ("score", "source", "is_waiting"),
    [
        (CERTAIN_FROM - 0.01, "model", True),
        (CERTAIN_FROM, "model", False),
        (0.1, "person", False),
        (None, "words", False),
    ],
)
def test_a_cause_the_model_doubts_puts_its_review_on_the_list(
    make_review: MakeReview, score: float | None, source: str, is_waiting: bool
) -> None:
    review = make_review(["quality.defect", "courier.slow"])
    review.causes.filter(rank=1).update(score=score, source=source)
    assert waiting() == ({review} if is_waiting else set())
    assert [cause.is_uncertain for cause in review.causes.all()] == [False, is_waiting]


def test_what_a_person_decided_does_not_wait(make_unsure: MakeReview, agent: User) -> None:
    review = make_unsure()
    assert waiting() == {review}
    decide(review=review, seen=review.causes_seen, codes=["courier.slow"], actor=agent, now=NOW)
    assert waiting() == set()


def test_a_wanted_cause_means_the_doubted_one(make_unsure: MakeReview) -> None:
    slow, shade = make_unsure(["colour.shade", "courier.slow"]), make_unsure(["courier.slow", "colour.shade"])
    assert waiting(cause="courier.slow") == {slow}
    assert waiting(cause="courier") == {slow}
    assert waiting(cause="colour") == {shade}
    assert waiting(cause="price") == set()


def test_filters_of_shop_and_days(make_unsure: MakeReview, other_shop: Any) -> None:
    here = make_unsure(reviewed_at=NOW - timedelta(days=9))
    there = make_unsure(shop=other_shop)
    assert waiting(shop=other_shop.pk) == {there}
    assert waiting(last=(NOW - timedelta(days=8)).date()) == {here}


def test_the_count_goes_only_so_far(make_unsure: MakeReview, monkeypatch: pytest.MonkeyPatch) -> None:
    assert COUNTED_AT_MOST == 1_000
    monkeypatch.setattr("reviews.checking.COUNTED_AT_MOST", 2)
    for expected in (1, 2, 3, 3):
        make_unsure()
        assert count_to_check(Review.objects.all(), ReviewFilter()) == expected


def test_who_may_be_dismissed_is_asked_once_for_all(
    make_review: MakeReview, django_assert_num_queries: Callable[[int], Any]
) -> None:
    good, bad, stars = make_review(rating="good"), make_review(), make_review(rating="", stars=2)
    unrated = make_review(rating="", stars=None)
    with django_assert_num_queries(1):
        assert dismissable([good, bad, stars, unrated]) == {good.pk, unrated.pk}


def test_a_decision_on_what_somebody_decided_meanwhile_is_refused(
    make_unsure: MakeReview, agent: User, teammate: User
) -> None:
    review = make_unsure()
    seen = review.causes_seen
    correct_causes(review=Review.objects.get(), codes=["price.fee"], actor=teammate, now=NOW)
    before = as_stored(review)
    for codes in (["courier.slow"], None):
        with pytest.raises(ChangedMeanwhile):
            decide(review=review, seen=seen, codes=codes, actor=agent, now=LATER)
    assert as_stored(review) == before
    assert review.causes_decided_by == teammate


def test_a_decision_on_causes_that_were_found_anew_is_refused(make_unsure: MakeReview, agent: User) -> None:
    review = make_unsure()
    seen = review.causes_seen
    review.causes.update(code="quality.defect")
    with pytest.raises(ChangedMeanwhile):
        decide(review=review, seen=seen, codes=["courier.slow"], actor=agent, now=NOW)
    assert not CauseDecision.objects.exists()


def test_taking_back_restores_exactly_what_was_replaced(make_unsure: MakeReview, agent: User) -> None:
    review = make_unsure(["quality.defect", "courier.slow"])
    review.causes.filter(rank=0).update(source="words", score=None)
    before = as_stored(review)
    decide(review=review, seen=Review.objects.get().causes_seen, codes=["price.fee"], actor=agent, now=NOW)
    assert as_stored(review) != before
    take_back(review=review, seen=review.causes_seen, actor=agent, now=LATER)
    assert as_stored(review) == before
    assert waiting() == {review}


def test_taking_back_is_noted_and_teaches_nothing(make_unsure: MakeReview, agent: User) -> None:
    review = make_unsure()
    decide(review=review, seen=review.causes_seen, codes=["price.fee"], actor=agent, now=NOW)
    take_back(review=review, seen=review.causes_seen, actor=agent, now=LATER)
    made, withdrawn = CauseDecision.objects.order_by("pk")
    assert (made.decided, made.is_withdrawn) == (["price.fee"], False)
    assert (withdrawn.decided, withdrawn.is_withdrawn, withdrawn.actor) == (["courier.slow"], True, agent)
    assert withdrawn.said_by_model == made.said_by_model == [["courier.slow", 0.5]]


def test_after_taking_back_one_can_decide_and_take_back_again(make_unsure: MakeReview, agent: User) -> None:
    review = make_unsure()
    before = as_stored(review)
    for minute in range(2):
        now = NOW + timedelta(minutes=minute)
        decide(review=review, seen=review.causes_seen, codes=["price.fee"], actor=agent, now=now)
        take_back(review=review, seen=review.causes_seen, actor=agent, now=now)
    assert as_stored(review) == before


def test_nobody_takes_back_the_word_of_another(make_unsure: MakeReview, agent: User, teammate: User) -> None:
    review = make_unsure()
    decide(review=review, seen=review.causes_seen, codes=["price.fee"], actor=teammate, now=NOW)
    with pytest.raises(ValidationError):
        take_back(review=review, seen=review.causes_seen, actor=agent, now=LATER)
    assert as_stored(review)[1] == teammate


def test_a_word_that_somebody_replaced_is_not_taken_back(make_unsure: MakeReview, agent: User, teammate: User) -> None:
    review = make_unsure()
    decide(review=review, seen=review.causes_seen, codes=["price.fee"], actor=agent, now=NOW)
    seen = review.causes_seen
    decide(review=review, seen=seen, codes=["price.drop"], actor=teammate, now=NOW)
    with pytest.raises(ChangedMeanwhile):
        take_back(review=review, seen=seen, actor=agent, now=LATER)
    with pytest.raises(ValidationError):
        take_back(review=review, seen=review.causes_seen, actor=teammate, now=LATER)
    assert [code for code, *_ in stored(review)] == ["price.drop"]


@pytest.mark.parametrize("codes", [["courier.slow"], ["price.fee"], None])
def test_the_case_follows_a_decision_and_its_return(
    make_unsure: MakeReview, make_case: Callable[..., Case], agent: User, codes: list[str] | None
) -> None:
    review = make_unsure(rating="good")
    case = make_case(review, owner=agent)
    decide(review=review, seen=review.causes_seen, codes=codes, actor=agent, now=NOW)
    case.refresh_from_db()
    assert case.outcome == ("" if codes else Outcome.MISTAKEN)
    take_back(review=review, seen=review.causes_seen, actor=agent, now=LATER)
    case.refresh_from_db()
    assert (case.state, case.outcome) == (State.NEW, "")
    kinds = list(case.changes.order_by("pk").values_list("kind", flat=True))
    said = "confirmed" if codes == ["courier.slow"] else "causes"
    assert kinds == ([said, "withdrawn"] if codes else [said, "closed", "withdrawn", "reopened"])


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_exactly_one_is_heard(make_unsure: MakeReview, agent: User, teammate: User) -> None:
    review = make_unsure()
    seen = review.causes_seen

    def say(actor: User, code: str) -> bool:
        try:
            decide(review=Review.objects.get(pk=review.pk), seen=seen, codes=[code], actor=actor, now=NOW)
        except ChangedMeanwhile:
            return False
        return True

    heard = together(lambda: say(agent, "price.fee"), lambda: say(teammate, "price.drop"))
    assert sorted(heard) == [False, True]
    assert [code for code, *_ in stored(review)] == (["price.fee"] if heard[0] else ["price.drop"])
    assert CauseDecision.objects.count() == 1
