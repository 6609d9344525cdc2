"""Which reviews a filter finds, and how the list is paged."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from reviews import search
from reviews.models import ImportBatch, Review, ReviewCause, ReviewRevision, Shop
from reviews.search import ReviewFilter, matching_reviews, page_of
from tests.conftest import NOW, SHANGHAI

MakeReview = Callable[..., Review]


def found(**wanted: Any) -> set[Review]:
    reviews = list(matching_reviews(Review.objects.all(), ReviewFilter(**wanted)))
    assert len(reviews) == len(set(reviews)), "a review is listed twice"
    return set(reviews)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("content", "前面很好,色差严重,后面还行"),
        ("append_content", "补充一下:色差真的大"),
        ("buyer_name", "爱色差的猫"),
        ("product_title", "无色差窗帘"),
    ],
)
def test_a_part_of_any_searched_field_finds_the_review(make_review: MakeReview, field: str, value: str) -> None:
    wanted = make_review(**{field: value})
    make_review(content="别的")
    assert found(q="色差") == {wanted}


def test_letters_match_in_either_case(make_review: MakeReview) -> None:
    wanted = make_review(content="USB 接口坏了")
    assert found(q="usb") == {wanted}


def test_every_word_must_occur_somewhere(make_review: MakeReview) -> None:
    both = make_review(content="物流慢", append_content="还有色差")
    make_review(content="物流慢")
    assert found(q=" 色差 物流 ") == {both}


@pytest.mark.parametrize("q", ["%", "_", "\\"])
def test_signs_of_patterns_are_searched_as_they_are(make_review: MakeReview, q: str) -> None:
    wanted = make_review(content=f"含棉{q}吗")
    make_review(content="没有这些字符")
    assert found(q=q) == {wanted}


def test_days_begin_and_end_in_shanghai(make_review: MakeReview) -> None:
    first = make_review(reviewed_at=datetime(2026, 11, 19, 0, 0, tzinfo=SHANGHAI))
    last = make_review(reviewed_at=datetime(2026, 11, 19, 23, 59, 59, tzinfo=SHANGHAI))
    make_review(reviewed_at=datetime(2026, 11, 18, 23, 59, 59, tzinfo=SHANGHAI))
    make_review(reviewed_at=datetime(2026, 11, 20, 0, 0, tzinfo=SHANGHAI))
    assert found(first=date(2026, 11, 19), last=date(2026, 11, 19)) == {first, last}


def test_a_top_cause_stands_for_its_sub_causes(make_review: MakeReview) -> None:
    two = make_review(["quality.defect", "quality.performance"])
    second = make_review(["price.fee", "quality.defect"])
    make_review(["price.fee"])
    assert found(cause="quality") == {two, second}
    assert found(cause="quality.performance") == {two}


def test_other_is_a_cause_of_both_levels(make_review: MakeReview) -> None:
    other = make_review(["other"])
    make_review()
    assert found(cause="other") == {other}


def test_primary_looks_at_the_first_cause_only(make_review: MakeReview) -> None:
    first = make_review(["quality.defect", "price.fee"])
    make_review(["price.fee", "quality.defect"])
    assert found(cause="quality", is_primary=True) == {first}


@pytest.mark.parametrize(
    ("rating", "expected"),
    [
        ("good", {"good", "5 stars", "4 stars"}),
        ("neutral", {"neutral", "3 stars", "2 stars"}),
        ("bad", {"bad", "1 star", "bad with 5 stars"}),
        ("rated", {"good", "5 stars", "4 stars", "neutral", "3 stars", "2 stars", "bad", "1 star", "bad with 5 stars"}),
        ("unrated", {"nothing"}),
    ],
)
def test_stars_stand_in_for_a_missing_rating(make_review: MakeReview, rating: str, expected: set[str]) -> None:
    for name, given, stars in [
        ("good", "good", None),
        ("neutral", "neutral", None),
        ("bad", "bad", None),
        ("bad with 5 stars", "bad", 5),
        ("5 stars", "", 5),
        ("4 stars", "", 4),
        ("3 stars", "", 3),
        ("2 stars", "", 2),
        ("1 star", "", 1),
        ("nothing", "", None),
    ]:
        make_review(content=name, rating=given, stars=stars)
    assert {review.content for review in found(rating=rating)} == expected


def test_uncertain_means_near_even_odds_and_undecided(make_review: MakeReview) -> None:
    torn = make_review([], rating="", is_negative=False, negative_score=0.5)
    weak = make_review()
    weak.causes.update(score=0.4)
    make_review()
    make_review(rating="bad", negative_score=0.5)
    decided = make_review(rating="", negative_score=0.5, causes_decided_at=NOW)
    ReviewCause.objects.filter(review=decided).update(score=0.4)
    assert found(is_uncertain=True) == {torn, weak}


def test_an_import_finds_what_it_brought_and_what_it_changed(make_review: MakeReview) -> None:
    brought, changed, _neither = make_review(), make_review(), make_review()
    later = ImportBatch.objects.create(shop=brought.shop, file_name="later.csv", file_bytes=0)
    Review.objects.filter(pk=brought.pk).update(batch=later)
    for _ in range(2):
        ReviewRevision.objects.create(review=changed, batch=later, recorded_at=NOW, changes={})
    assert found(batch=later.pk) == {brought, changed}


def test_filters_add_up(make_review: MakeReview) -> None:
    wanted = make_review(product_title="保温杯")
    make_review(product_title="保温杯", is_negative=False)
    make_review(product_title="毛衣")
    assert found(negative=True, product=wanted.product_id, shop=wanted.shop_id, batch=wanted.batch_id) == {wanted}


def test_an_address_holds_what_is_wanted_and_nothing_else() -> None:
    wanted = ReviewFilter(q="色 差", shop=3, negative=False, cause="quality", is_primary=True, first=date(2026, 11, 1))
    assert wanted.address == (
        "/reviews/?q=%E8%89%B2+%E5%B7%AE&shop=3&negative=0&cause=quality&primary=1&from=2026-11-01"
    )


@pytest.mark.parametrize("are_merged", [False, True])
@pytest.mark.parametrize("total", [1, 3, 4, 7])
def test_paging_there_and_back_shows_every_review_once(
    make_review: MakeReview, shop: Shop, other_shop: Shop, monkeypatch: pytest.MonkeyPatch, total: int, are_merged: bool
) -> None:
    monkeypatch.setattr(search, "PAGE_SIZE", 3)
    shops = [shop.pk, other_shop.pk] if are_merged else []
    # Pairs share a moment, so that the order within it matters.
    made = [
        make_review(shop=(shop, other_shop)[number % 3 == 1], reviewed_at=NOW - timedelta(hours=number // 2))
        for number in range(total)
    ]
    by_pk = {review.pk: review for review in made}
    reviews = Review.objects.all()

    page = page_of(reviews, shops=shops)
    assert page.newer is None
    pages = [page.reviews]
    while page.older:
        page = page_of(reviews, older=by_pk[page.older], shops=shops)
        pages.append(page.reviews)
    shown = [review for listed in pages for review in listed]
    assert shown == sorted(made, key=lambda review: (review.reviewed_at, review.pk), reverse=True)

    for earlier in reversed(pages[:-1]):
        assert page.newer is not None
        page = page_of(reviews, newer=by_pk[page.newer], shops=shops)
        assert page.reviews == earlier
    assert page.newer is None


def test_each_of_several_shops_is_read_along_its_own_index(
    make_review: MakeReview, shop: Shop, other_shop: Shop, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    newest = [make_review(shop=of_shop) for of_shop in (shop, other_shop)]
    with django_assert_num_queries(2) as asked:
        page = page_of(Review.objects.filter(shop__in=[shop, other_shop]), shops=[shop.pk, other_shop.pk])
    assert set(page.reviews) == set(newest)
    merging = asked.captured_queries[0]["sql"]
    assert merging.count(f"LIMIT {search.PAGE_SIZE + 1}") == 3
    assert all(f'"shop_id" = {of_shop.pk}' in merging for of_shop in (shop, other_shop))
