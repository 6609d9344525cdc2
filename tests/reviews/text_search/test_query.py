"""What a search finds: words, parts of words, phrases, buyers, orders and products."""

from collections.abc import Callable
from typing import Any

import pytest

from reviews.models import Review
from reviews.text_search import query
from reviews.text_search.query import is_bounded, saying, terms_of
from tests.conftest import NOW

MakeReview = Callable[..., Review]


@pytest.fixture(params=["few", "many"], autouse=True)
def _frequency(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Frequent words are found in another way than rare ones; both must find the same."""
    if request.param == "many":
        monkeypatch.setattr(query, "FEW", 0)


def found(q: str) -> set[Review]:
    reviews = set(Review.objects.filter(saying(q)))
    assert set(Review.objects.filter(saying(q, one_by_one=True))) == reviews
    return reviews


def test_the_planner_cannot_turn_what_is_looked_up_one_by_one_into_a_look_through_all(
    make_review: MakeReview, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(query, "FEW", 0)
    make_review(content="等了九天")
    plan = Review.objects.filter(saying("九天", one_by_one=True)).explain()
    assert "SubPlan" in plan
    assert "Join" not in plan


@pytest.mark.parametrize(
    ("content", "q"),
    [
        ("等了九天才到", "九天"),
        ("等了九天才到", "天才"),
        ("等了九天才到,没有人管", "等了九天才到"),
        ("颜色評論", "评论"),
        ("USB接口坏了", "usb"),
        ("USB接口坏了", "usb接口"),
        ("和图片不一样。", "图片不一样"),
        ("色\u200b差", "色差"),
        ("差100%,_真的", "100%"),
        ("C:\\差", "c:\\差"),
        ("🙁🙁差", "🙁🙁"),
    ],
)
def test_words_are_found_as_words_and_as_parts_of_words(make_review: MakeReview, content: str, q: str) -> None:
    wanted = make_review(content=content)
    make_review(content="别的,没有关系")
    assert found(q) == {wanted}


def test_pairs_that_stand_apart_are_not_the_word(make_review: MakeReview) -> None:
    make_review(content="不知道,道歉也不知,歉意")
    wanted = make_review(content="不知道歉")
    assert found("知道歉") == {wanted}


def test_a_word_does_not_run_from_one_field_into_the_next(make_review: MakeReview) -> None:
    make_review(content="有色", append_content="差的")
    assert found("色差") == set()


def test_all_words_must_be_found_and_a_phrase_as_it_stands(make_review: MakeReview) -> None:
    both = make_review(content="客服好 物流慢")
    turned = make_review(content="物流慢", append_content="客服好")
    make_review(content="物流慢")
    assert found("客服 物流") == {both, turned}
    assert found('"客服好 物流"') == found("“客服好 物流”") == {both}


@pytest.mark.parametrize(
    ("q", "is_found"), [("8800123", True), ("88001", True), ("800123", False), ("880012345", False)]
)
def test_orders_are_found_by_their_beginning(make_review: MakeReview, q: str, is_found: bool) -> None:
    wanted = make_review(order_number="88001234")
    assert found(q) == ({wanted} if is_found else set())


def test_a_buyer_and_a_word_of_the_title_narrow_each_other_down(make_review: MakeReview) -> None:
    wanted = make_review(buyer_name="Momo_88", product_title="不锈钢保温杯", content="漏水")
    make_review(buyer_name="Momo_88", product_title="毛衣", content="起球")
    assert found("momo 保温杯") == {wanted}


def test_single_characters_are_looked_for_in_the_newest_reviews(
    make_review: MakeReview, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(query, "SCANNED_AT_MOST", 2)
    old, _other, new = make_review(content="很差"), make_review(content="慢"), make_review(content="差")
    assert found("差") == {new}
    assert found("很差") == {old}
    assert is_bounded("差 慢")
    assert not is_bounded("很差 慢")
    assert not is_bounded(" ")


def test_nothing_asked_for_filters_nothing(make_review: MakeReview) -> None:
    stored = make_review()
    assert found(' "" ') == {stored}


def test_terms_are_folded_and_bounded() -> None:
    assert terms_of('评論 USB 评论 "a  B"') == ["评论", "usb", "a b"]
    assert len(terms_of(" ".join(map(str, range(50))))) == query.WORDS_AT_MOST


def test_withdrawn_reviews_stay_out(make_review: MakeReview) -> None:
    make_review(content="色差", withdrawn_at=NOW)
    assert found("色差") == set()


def test_the_index_serves_pairs(make_review: MakeReview, django_assert_num_queries: Any) -> None:
    from django.db import connection

    make_review(content="色差")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan TO off")
        cursor.execute(
            "EXPLAIN SELECT 1 FROM reviews_searchentry WHERE character_pairs(text) @> %s::bigint[]",
            [query.pairs_of("色差")],
        )
        assert "entry_by_pairs" in str(cursor.fetchall())
        cursor.execute("SELECT character_pairs(%s)", ["色差大"])
        assert sorted(cursor.fetchone()[0]) == query.pairs_of("色差大")
