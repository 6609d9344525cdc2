"""Figures about reviews, compared with fixtures small enough to count by hand."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.contrib.auth.models import User
from django.http import QueryDict

from reviews.filters import ReviewFilterForm
from reviews.models import Review, Shop
from reviews.period import Period
from reviews.scope import Number, Scope, change_percent
from reviews.search import matching_reviews
from reviews.statistics import ReviewStatistics, review_statistics
from reviews.totals import count_stale_days
from tests.conftest import SHANGHAI

MakeReview = Callable[..., Review]
PERIOD = Period(date(2026, 11, 19), date(2026, 11, 20))
"""Two days, so that the two before them are 17 and 18 November."""


def at(day: int, hour: int = 12, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI)


def scope_of(*shops: Shop, **chosen: Any) -> Scope:
    return Scope(
        **{"shops": tuple(shop.pk for shop in shops), "shop": None, "product": None, "period": PERIOD, **chosen}
    )


@pytest.fixture(params=[False, True], ids=["from reviews", "from totals"])
def counted(make_review: MakeReview, shop: Shop, request: pytest.FixtureRequest) -> ReviewStatistics:
    """Negative reviews: five in the period, one of them without a cause, two before it. Two are not negative."""
    make_review(["quality.defect", "quality.workmanship"], reviewed_at=at(19, 0, 0), product_title="杯子")
    make_review(["courier.slow", "quality.defect"], reviewed_at=at(19, 23, 59), product_title="杯子")
    make_review(["courier.slow"], reviewed_at=at(20, 0, 0), product_title="毛衣", rating="", stars=3)
    make_review(["other"], reviewed_at=at(20, 23, 59), product_title="毛衣", rating="good")
    make_review([], reviewed_at=at(20), product_title="毛衣", rating="")
    make_review([], reviewed_at=at(20), is_negative=False, rating="good")
    make_review([], reviewed_at=at(20), is_negative=False, rating="", stars=5)
    make_review(["quality.performance", "quality.defect"], reviewed_at=at(18, 23, 59))
    make_review(["price.fee"], reviewed_at=at(17, 0, 0))
    make_review(["price.fee"], reviewed_at=at(16, 23, 59))
    make_review(["price.fee"], reviewed_at=at(21, 0, 0))
    if request.param:
        count_stale_days()
    return review_statistics(scope_of(shop))


def test_totals_of_the_period_and_the_one_before(counted: ReviewStatistics) -> None:
    assert counted.totals.negative.value == 5
    assert (counted.totals.good.value, counted.totals.rated.value) == (3, 6)
    assert counted.totals.good_percent == 50
    assert counted.previous.negative.value == 2
    assert counted.previous.good_percent == 0


def test_a_review_counts_once_for_each_of_its_causes(counted: ReviewStatistics) -> None:
    rows = [(row.code, row.reviews.value, row.primary.value, row.previous.value, row.percent) for row in counted.causes]
    assert rows == [
        ("quality", 2, 1, 1, 40),
        ("quality.defect", 2, 1, 1, 40),
        ("quality.workmanship", 1, 0, 0, 20),
        ("quality.performance", 0, 0, 1, 0),
        ("courier", 2, 2, 0, 40),
        ("courier.slow", 2, 2, 0, 40),
        ("other", 1, 1, 0, 20),
        ("price", 0, 0, 1, 0),
        ("price.fee", 0, 0, 1, 0),
    ]


def test_changes_are_in_percent_of_the_period_before(counted: ReviewStatistics) -> None:
    changes = {row.code: row.change for row in counted.causes}
    assert changes["quality"] == 100
    assert changes["quality.defect"] == 100
    assert changes["price"] == -100
    assert changes["courier"] is None
    assert change_percent(3, 4) == -25


def test_the_pareto_holds_the_finest_causes_most_frequent_first(counted: ReviewStatistics) -> None:
    assert [(row.code, row.reviews.value) for row in counted.pareto] == [
        ("quality.defect", 2),
        ("courier.slow", 2),
        ("other", 1),
        ("quality.workmanship", 1),
    ]


def test_days_are_those_of_shanghai(counted: ReviewStatistics) -> None:
    days = [(row.day, row.negative.value, [number.value for number in row.causes]) for row in counted.days]
    # quality, colour, courier, service, price, other
    assert days == [
        (date(2026, 11, 19), 2, [2, 0, 1, 0, 0, 0]),
        (date(2026, 11, 20), 3, [0, 0, 1, 0, 0, 1]),
    ]


def test_products_by_negative_reviews_with_their_causes(counted: ReviewStatistics) -> None:
    rows = [(row.title, row.negative.value, [cell.number.value for cell in row.causes]) for row in counted.products]
    assert rows == [("毛衣", 3, [0, 0, 1, 0, 0, 1]), ("杯子", 2, [2, 0, 1, 0, 0, 0])]
    assert [cell.level for cell in counted.products[1].causes] == [5, 0, 3, 0, 0, 0]


def numbers_of(found: ReviewStatistics) -> list[Number]:
    numbers: list[Number] = []
    for totals in (found.totals, found.previous):
        numbers += [totals.negative, totals.rated, totals.good]
    for row in found.causes:
        numbers += [row.reviews, row.primary, row.previous]
    for day in found.days:
        numbers += [day.negative, *day.causes]
    for product in found.products:
        numbers += [product.negative, *(cell.number for cell in product.causes)]
    return numbers


def test_every_number_leads_to_as_many_reviews(counted: ReviewStatistics, supervisor: User) -> None:
    numbers = numbers_of(counted)
    assert len({number.url for number in numbers}) > 50
    for number in numbers:
        assert_leads_to_as_many(number, supervisor)


def assert_leads_to_as_many(number: Number, user: User) -> None:
    form = ReviewFilterForm(QueryDict(urlsplit(number.url).query), user=user)
    assert form.is_valid(), (number, form.errors)
    listed = matching_reviews(Review.objects.visible_to(user), form.wanted)
    assert listed.count() == number.value, number
    assert dict(parse_qsl(urlsplit(number.url).query)) == form.wanted.parameters


def test_only_the_shops_of_the_scope_count(make_review: MakeReview, shop: Shop, other_shop: Shop) -> None:
    make_review(reviewed_at=at(20))
    make_review(["price.fee"], reviewed_at=at(20), shop=other_shop)
    mine = review_statistics(scope_of(shop))
    assert [row.code for row in mine.causes] == ["courier", "courier.slow"]
    both = review_statistics(scope_of(shop, other_shop))
    assert both.totals.negative.value == 2
    one_of_both = review_statistics(scope_of(shop, other_shop, shop=other_shop.pk))
    assert [row.code for row in one_of_both.causes] == ["price", "price.fee"]
    assert not review_statistics(scope_of()).causes


def test_a_product_narrows_every_figure(make_review: MakeReview, shop: Shop, supervisor: User) -> None:
    cup = make_review(reviewed_at=at(20), product_title="杯子")
    make_review(["price.fee"], reviewed_at=at(20), product_title="毛衣")
    found = review_statistics(scope_of(shop, product=cup.product_id))
    assert found.totals.negative.value == found.totals.rated.value == 1
    assert [row.code for row in found.causes] == ["courier", "courier.slow"]
    assert [row.title for row in found.products] == ["杯子"]
    for number in numbers_of(found):
        assert_leads_to_as_many(number, supervisor)


def test_a_cause_of_a_review_that_is_not_negative_does_not_count(make_review: MakeReview, shop: Shop) -> None:
    make_review(reviewed_at=at(20), is_negative=False)
    assert not review_statistics(scope_of(shop)).causes


def test_nothing_at_all(shop: Shop) -> None:
    found = review_statistics(scope_of(shop))
    assert found.totals.good_percent is None
    assert not found.causes
    assert not found.products
    assert [day.negative.value for day in found.days] == [0, 0]


def test_five_queries_however_much_there_is(
    make_review: MakeReview, shop: Shop, django_assert_num_queries: Callable[[int], Any]
) -> None:
    for number in range(12):
        make_review(reviewed_at=at(20) - timedelta(hours=number), product_title=f"商品{number}")
    with django_assert_num_queries(5):
        review_statistics(scope_of(shop))


def test_a_period_knows_the_one_before_it() -> None:
    assert Period.of_days(7, date(2026, 3, 3)) == Period(date(2026, 2, 25), date(2026, 3, 3))
    assert Period.of_days(7, date(2026, 3, 3)).previous == Period(date(2026, 2, 18), date(2026, 2, 24))
    assert PERIOD.previous == Period(date(2026, 11, 17), date(2026, 11, 18))
    assert PERIOD.starts_at == at(19, 0)
    assert PERIOD.ends_at == at(21, 0)
    assert list(PERIOD) == [date(2026, 11, 19), date(2026, 11, 20)]
