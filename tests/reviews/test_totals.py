"""Daily totals: whatever happens to reviews, counted or not, the views hold what counting all of them would give."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from importlib import import_module
from random import Random
from threading import Event
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from reviews.causes import Cause
from reviews.correction import correct_causes
from reviews.ingest.locks import alone_on_totals
from reviews.models import (
    CauseCount,
    CauseTotal,
    Product,
    RatingCount,
    RatingTotal,
    Review,
    ReviewCause,
    Shop,
    StaleDay,
)
from reviews.models.review import Rating
from reviews.search import RATED_AS, RatingFilter
from reviews.totals import count_stale_days
from tests.conftest import NOW
from tests.connections import in_another_connection, together

MakeReview = Callable[..., Review]
TODAY = date(2026, 11, 20)


def viewed() -> tuple[set[Any], set[Any]]:
    """What the views hold of days on which there is anything to count."""
    ratings = RatingCount.objects.values_list("shop", "day", "negative", "rated", "good")
    causes = CauseCount.objects.values_list("shop", "day", "product", "code", "reviews", "primary")
    return set(ratings), set(causes)


def counted() -> tuple[set[Any], set[Any]]:
    """The same, one review after the other."""
    ratings: dict[Any, Counter[str]] = {}
    causes: dict[Any, Counter[str]] = {}
    rated = set(Review.objects.filter(RATED_AS[RatingFilter.RATED]).values_list("pk", flat=True))
    good = set(Review.objects.filter(RATED_AS[Rating.GOOD]).values_list("pk", flat=True))
    for review in Review.objects.prefetch_related("causes"):
        day = (review.shop_id, timezone.localdate(review.reviewed_at))
        of_day = ratings.setdefault(day, Counter())
        of_day.update(negative=int(review.is_negative), rated=int(review.pk in rated), good=int(review.pk in good))
        if review.is_negative:
            named = {"": False, **{cause.code.partition(".")[0]: False for cause in review.causes.all()}}
            for code, is_first in {**named, **{cause.code: cause.rank == 0 for cause in review.causes.all()}}.items():
                causes.setdefault((*day, review.product_id, code), Counter()).update(reviews=1, primary=int(is_first))
    return (
        {(*day, told["negative"], told["rated"], told["good"]) for day, told in ratings.items()},
        {(*key, told["reviews"], told["primary"]) for key, told in causes.items()},
    )


def is_stale() -> bool:
    return StaleDay.objects.exists()


@pytest.fixture
def settled(make_review: MakeReview) -> Review:
    """A review whose day is counted."""
    review = make_review(["quality.defect", "courier.slow"])
    assert count_stale_days() == 1
    assert not is_stale()
    return review


def add(chance: Random, make_review: MakeReview, shop: Shop) -> None:
    make_review(
        chance.sample(Cause.values, chance.randrange(3)),
        shop=shop,
        product_title=chance.choice(["杯子", "毛衣"]),
        reviewed_at=NOW - timedelta(hours=chance.randrange(60)),
        is_negative=chance.random() < 0.7,
        rating=chance.choice(["", "good", "neutral", "bad"]),
        stars=chance.choice([None, 1, 3, 5]),
    )


def change(chance: Random, reviews: list[Review]) -> None:
    review = chance.choice(reviews)
    values = [
        {"is_negative": not review.is_negative},
        {"rating": chance.choice(["", "good", "bad"])},
        {"stars": chance.choice([None, 2, 4])},
        {"reviewed_at": NOW - timedelta(hours=chance.randrange(60))},
        {"product": chance.choice([None, *Product.objects.filter(shop=review.shop_id)])},
        {"withdrawn_at": chance.choice([None, NOW])},
        {"reply": "您好"},
    ]
    Review.with_withdrawn.filter(pk=review.pk).update(**chance.choice(values))


def name_otherwise(chance: Random, reviews: list[Review]) -> None:
    review = chance.choice(reviews)
    ReviewCause.objects.filter(review=review).delete()
    for rank, code in enumerate(chance.sample(Cause.values, 2)):
        ReviewCause.objects.create(review=review, code=code, rank=rank)
    if chance.random() < 0.5:
        ReviewCause.objects.filter(review=review).update(rank=1 - F("rank"))


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_the_views_hold_what_there_is(
    make_review: MakeReview, shop: Shop, other_shop: Shop, seed: int
) -> None:
    chance = Random(seed)
    for _ in range(5):
        add(chance, make_review, shop)
    for _ in range(40):
        reviews = list(Review.with_withdrawn.all())
        act = chance.randrange(6)
        if act == 0:
            add(chance, make_review, chance.choice([shop, other_shop]))
        elif act == 1:
            change(chance, reviews)
        elif act == 2:
            name_otherwise(chance, reviews)
        elif act == 3 and len(reviews) > 3:
            chance.choice(reviews).delete()
        else:
            count_stale_days()
            assert not is_stale()
        assert viewed() == counted()


@pytest.mark.django_db
def test_totals_are_read_where_nothing_has_changed_since(settled: Review) -> None:
    RatingTotal.objects.update(good=7)
    CauseTotal.objects.filter(code="quality").update(reviews=7)
    assert RatingCount.objects.get().good == 7
    assert CauseCount.objects.get(code="quality").reviews == 7
    Review.objects.update(stars=5)
    assert RatingCount.objects.get().good == 0
    assert CauseCount.objects.get(code="quality").reviews == 1


@pytest.mark.django_db
def test_what_does_not_count_leaves_the_totals_as_they_are(settled: Review) -> None:
    settled.reply = "您好"
    settled.save()
    Review.objects.update(content="另一句话", is_negative=True)
    assert not is_stale()


@pytest.mark.django_db
def test_a_review_that_moves_makes_both_days_stale(settled: Review) -> None:
    Review.objects.update(reviewed_at=NOW - timedelta(days=3))
    assert sorted(StaleDay.objects.values_list("day", flat=True)) == [TODAY - timedelta(days=3), TODAY]
    assert count_stale_days() == 2
    assert RatingTotal.objects.get().day == TODAY - timedelta(days=3)


@pytest.mark.django_db
def test_a_persons_word_is_counted_at_once(settled: Review, supervisor: User) -> None:
    correct_causes(review=settled, codes=[Cause.PRICE_FEE], actor=supervisor, now=NOW)
    assert set(CauseCount.objects.values_list("code", flat=True)) == {"", "price", "price.fee"}
    count_stale_days()
    assert set(CauseTotal.objects.values_list("code", flat=True)) == {"", "price", "price.fee"}


@pytest.mark.django_db
def test_the_totals_of_a_shop_that_is_deleted_go_with_the_next_count(settled: Review, shop: Shop) -> None:
    Review.objects.all().delete()
    shop.imports.all().delete()
    shop.delete()
    assert count_stale_days() == 1
    assert not RatingTotal.objects.exists()
    assert not CauseTotal.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_commits_after_the_count_keeps_its_day_stale(settled: Review, make_review: MakeReview) -> None:
    is_written, may_end = Event(), Event()

    def turn() -> None:
        with transaction.atomic():
            Review.objects.filter(pk=settled.pk).update(is_negative=False)
            is_written.set()
            may_end.wait(30)

    thread = in_another_connection(turn)
    assert is_written.wait(30)
    make_review()
    assert count_stale_days() == 1
    assert RatingCount.objects.get().negative == 2
    may_end.set()
    thread.join(30)
    assert is_stale()
    assert viewed() == counted()


@pytest.mark.django_db(transaction=True)
def test_one_process_at_a_time_counts(settled: Review, make_review: MakeReview) -> None:
    make_review()
    with alone_on_totals():
        assert together(count_stale_days) == [0]
    assert count_stale_days() == 1


def test_days_are_those_of_the_site() -> None:
    migration = import_module("reviews.migrations.0020_daily_totals")
    assert f"'{settings.TIME_ZONE}'" in migration.DAY
