"""Words typical of each cause."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from reviews.models import Review, Shop, ShopPhrase
from reviews.period import Period
from reviews.vocabulary.cutting import cut
from reviews.vocabulary.matching import PhraseFinder
from reviews.vocabulary.said import said_words
from reviews.vocabulary.typical import FEWEST, is_telling, typical_words
from tests.conftest import NOW

PERIOD = Period.of_days(30, NOW.date())


def test_a_phrase_is_one_word_whatever_the_dictionary_says() -> None:
    assert cut("这支跑珠笔真差", PhraseFinder([])) != cut("这支跑珠笔真差", PhraseFinder(["跑珠笔"]))
    assert "跑珠笔" in cut("这支跑珠笔真差", PhraseFinder(["跑珠笔"]))
    assert "".join(cut("这支,跑珠笔 真差!", PhraseFinder(["跑珠笔"]))) == "这支,跑珠笔 真差!"


def test_single_characters_numbers_and_words_of_every_text_tell_nothing() -> None:
    assert [word for word in ("差", "12", "就是", "5g", "掉色", "!!", "usb") if is_telling(word)] == [
        "5g",
        "掉色",
        "usb",
    ]


def test_a_word_is_typical_where_it_is_more_frequent_than_elsewhere() -> None:
    complaints = [("courier", ["快递", "质量"])] * 20 + [("quality", ["掉色", "质量"])] * 20
    found = typical_words(complaints)
    assert {group: [told.word for told in words] for group, words in found.items()} == {
        "courier": ["快递"],
        "quality": ["掉色"],
    }
    assert (found["courier"][0].reviews, found["courier"][0].others) == (20, 0)


def test_a_review_counts_a_word_once_and_few_reviews_tell_nothing() -> None:
    background = [("courier", ["快递"])] * 50
    loud = [("quality", ["掉色"] * 500)] * (FEWEST - 1)
    assert typical_words([*background, *loud])["quality"] == []


def test_the_surer_word_comes_first_not_the_rarer_one() -> None:
    complaints = [("courier", ["快递", "圆通"] if number < 10 else ["快递"]) for number in range(40)]
    complaints += [("quality", ["掉色"])] * 40
    assert [told.word for told in typical_words(complaints)["courier"]] == ["快递", "圆通"]


def test_words_are_counted_over_the_shop_and_the_period(
    make_review: Callable[..., Review], add: Callable[..., ShopPhrase], shop: Shop, other_shop: Shop
) -> None:
    add("跑珠笔", "", kind="word")
    for _ in range(12):
        make_review(content="跑珠笔掉色", causes=["quality.workmanship", "courier.slow"])
        make_review(content="快递员把包裹扔在门口", causes=["courier.staff"])
        make_review(content="快递员把包裹扔在门口", causes=["quality.defect"], reviewed_at=NOW - timedelta(days=31))
        make_review(content="客服不理人", causes=["service.unresponsive"], shop=other_shop)
    said = said_words(shop.pk, PERIOD)
    assert (said.read, said.is_all) == (24, True)
    words = {top.value: {word.told.word for word in words} for top, words in said.by_cause}
    assert set(words) == {"quality", "courier"}
    assert words["quality"] == {"跑珠笔", "掉色"}
    assert "包裹" in words["courier"]
    assert "q=%E6%8E%89%E8%89%B2" in next(
        word.url for _top, told in said.by_cause for word in told if word.told.word == "掉色"
    )


def test_counting_is_two_queries_however_much_was_said(
    make_review: Callable[..., Review], shop: Shop, django_assert_num_queries: Callable[..., Any]
) -> None:
    for _ in range(20):
        make_review(content="掉色")
    with django_assert_num_queries(2):
        assert said_words(shop.pk, PERIOD).read == 20
