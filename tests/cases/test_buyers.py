"""What is known of a buyer, and how sure it is that it is one buyer."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User

from cases.buyers import BuyerRecord, EarlierCounts, buyer_record, earlier_counts, order_of
from cases.contacts.entries import ContactDraft, log_contact
from cases.indexed import rows_with
from cases.models import Case
from reviews.models import Order, Review, Shop
from tests.conftest import NOW

MakeReview = Callable[..., Review]


@pytest.fixture
def make_order(shop: Shop) -> Callable[..., Order]:
    def make(number: str, **fields: Any) -> Order:
        told = {"shop": shop, "buyer_name": "momo_88", "ordered_at": NOW - timedelta(days=9)}
        return Order.objects.create(number=number, **{**told, **fields})

    return make


def test_other_orders_reviews_and_contacts_of_the_buyer(
    make_review: MakeReview, make_case: Callable[..., Case], make_order: Callable[..., Order], agent: User
) -> None:
    review = make_review(buyer_name="momo_88", order_number="1")
    earlier = make_review(buyer_name="momo_88", order_number="2", reviewed_at=NOW - timedelta(days=3))
    praise = make_review(buyer_name="momo_88", order_number="3", rating="good", is_negative=False)
    make_review(buyer_name="somebody")
    make_order("1")
    make_order("2", ordered_at=NOW - timedelta(days=30))
    make_order("3")
    make_order("4", buyer_name="somebody")
    case = make_case(earlier, owner=agent)
    entry = log_contact(
        case=case, actor=agent, now=NOW, draft=ContactDraft("chat", "reached", "已道歉", "脾气急,讲道理")
    )
    record = buyer_record(review, order_of(review))
    assert record == BuyerRecord(
        is_name_masked=False,
        order_count=2,
        reviews=[praise, earlier],
        review_count=2,
        negatives=1,
        contacts=[entry],
    )


def test_the_record_stays_within_the_shop(make_review: MakeReview, other_shop: Shop) -> None:
    review = make_review(buyer_name="momo_88")
    make_review(buyer_name="momo_88", shop=other_shop)
    assert buyer_record(review, order_of(review)).reviews == []


@pytest.mark.parametrize("name", ["买**9", "匿名用户"])
def test_a_masked_name_is_told_to_be_ambiguous(make_review: MakeReview, name: str) -> None:
    review, namesake = make_review(buyer_name=name), make_review(buyer_name=name)
    record = buyer_record(review, order_of(review))
    assert record.is_name_masked
    assert record.reviews == [namesake]


def test_orders_under_a_name_that_many_share_are_only_counted(
    make_review: MakeReview, make_order: Callable[..., Order], django_assert_num_queries: Any
) -> None:
    review = make_review(buyer_name="匿名用户", order_number="1")
    for number in range(1, 4):
        make_order(str(number), buyer_name="匿名用户")
    with django_assert_num_queries(3) as asked:
        assert buyer_record(review, order_of(review)).order_count == 2
    orders = next(query["sql"] for query in asked.captured_queries if "LIMIT 501" in query["sql"])
    assert "ORDER BY" not in orders
    assert not any('"order_number" IN' in query["sql"] for query in asked.captured_queries)


def test_the_full_name_of_the_order_makes_the_record_certain(
    make_review: MakeReview, make_order: Callable[..., Order]
) -> None:
    review = make_review(buyer_name="m**8", order_number="1")
    own = make_review(buyer_name="m**8", order_number="2")
    make_review(buyer_name="m**8", order_number="3")
    make_order("1")
    make_order("2")
    make_order("3", buyer_name="mimi_18")
    record = buyer_record(review, order_of(review))
    assert not record.is_name_masked
    assert record.reviews == [own]


def test_nothing_is_claimed_of_a_buyer_without_a_name(make_review: MakeReview) -> None:
    review = make_review(buyer_name="")
    make_review(buyer_name="")
    assert buyer_record(review, order_of(review)) == BuyerRecord()


def test_the_order_of_a_review(make_review: MakeReview, make_order: Callable[..., Order], other_shop: Shop) -> None:
    make_order("1", shop=other_shop)
    order = make_order("1")
    assert order_of(make_review(order_number="1")) == order
    assert order_of(make_review(order_number="2")) is None
    assert order_of(make_review(order_number="")) is None


def test_the_record_takes_few_queries_for_any_history(
    make_review: MakeReview, make_order: Callable[..., Order], django_assert_num_queries: Any
) -> None:
    reviews = [make_review(buyer_name="momo_88", order_number=str(number)) for number in range(8)]
    for number in range(8):
        make_order(str(number))
    with django_assert_num_queries(5):
        record = buyer_record(reviews[0], order_of(reviews[0]))
        assert [cause.name for review in record.reviews for cause in review.causes.all()]


def test_lists_are_short_and_counts_over_more(
    make_review: MakeReview, make_order: Callable[..., Order], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cases.buyers.LISTED_AT_MOST", 2)
    monkeypatch.setattr("cases.buyers.COUNTED_AT_MOST", 4)
    reviews = [make_review(buyer_name="momo_88", order_number=str(number)) for number in range(4)]
    for number in range(4):
        make_order(str(number))
    record = buyer_record(reviews[0], order_of(reviews[0]))
    assert len(record.reviews) == 2
    assert (record.order_count, record.review_count, record.negatives, record.is_more) == (3, 3, 3, False)
    for number in range(4, 7):
        make_order(str(number))
        make_review(buyer_name="momo_88", order_number=str(number))
    record = buyer_record(reviews[0], order_of(reviews[0]))
    assert (record.order_count, record.review_count, record.negatives, record.is_more) == (4, 4, 4, True)


def counts(*reviews: Review) -> list[EarlierCounts | None]:
    orders = {(order.shop_id, order.number): order for order in Order.objects.all()}
    found = earlier_counts(reviews, orders)
    return [found.get(review.pk) for review in reviews]


def test_earlier_orders_and_complaints_are_counted(make_review: MakeReview, make_order: Callable[..., Order]) -> None:
    before = make_review(buyer_name="momo_88", order_number="1", reviewed_at=NOW - timedelta(days=5))
    now = make_review(buyer_name="m**8", order_number="2")
    make_review(buyer_name="momo_88", order_number="3", reviewed_at=NOW - timedelta(days=2), is_negative=False)
    make_order("1", ordered_at=NOW - timedelta(days=20))
    make_order("2", ordered_at=NOW - timedelta(days=10))
    make_order("3", ordered_at=NOW - timedelta(days=10))
    make_order("4", ordered_at=NOW + timedelta(days=1))
    assert counts(before, now) == [
        EarlierCounts(orders=2, reviews=0, negatives=0, same_item_orders=1),
        EarlierCounts(orders=2, reviews=2, negatives=1, same_item_orders=3),
    ]


def test_masked_names_and_other_shops_count_for_nothing(
    make_review: MakeReview, make_order: Callable[..., Order], other_shop: Shop
) -> None:
    make_review(buyer_name="买**9", reviewed_at=NOW - timedelta(days=5))
    make_review(buyer_name="momo_88", shop=other_shop, reviewed_at=NOW - timedelta(days=5))
    make_order("5", shop=other_shop)
    masked, named = make_review(buyer_name="买**9"), make_review(buyer_name="momo_88")
    assert counts(masked, named) == [None, EarlierCounts(orders=None, reviews=0, negatives=0, same_item_orders=1)]


def test_other_products_and_one_order_told_twice_are_not_the_same_item(make_review: MakeReview) -> None:
    make_review(buyer_name="momo_88", order_number="1", reviewed_at=NOW - timedelta(days=5))
    make_review(buyer_name="momo_88", order_number="1", reviewed_at=NOW - timedelta(days=4))
    make_review(
        buyer_name="momo_88", order_number="2", reviewed_at=NOW - timedelta(days=3), product_title="不锈钢保温杯"
    )
    (known,) = counts(make_review(buyer_name="momo_88", order_number="3"))
    assert known
    assert known.same_item_orders == 2


def test_rows_are_found_by_shop_and_value_together(make_review: MakeReview, shop: Shop, other_shop: Shop) -> None:
    here, there = make_review(buyer_name="momo_88"), make_review(buyer_name="yoyo_99", shop=other_shop)
    make_review(buyer_name="yoyo_99")
    make_review(buyer_name="momo_88", withdrawn_at=NOW)
    wanted = [(shop.pk, "momo_88"), (other_shop.pk, "yoyo_99"), (shop.pk, "momo_88"), (other_shop.pk, "momo_88")]
    assert set(rows_with(Review, "buyer_name", wanted, "withdrawn_at IS NULL")) == {here, there}
    assert rows_with(Order, "number", []) == []
