"""The window a case stands by in the queue, as time passes and reviews, orders and replies arrive."""

from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from itertools import product
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from cases.clocks.windows import choose_windows, move_windows_on
from cases.inflow.opening import open_cases
from cases.models import Case, PublicReply, State
from cases.outcomes import close_case, reopen_case
from cases.replies.writing import write_reply
from reviews.models import Order, Review, Shop
from tests.conftest import NOW

MakeCase = Callable[..., Case]
MakeReview = Callable[..., Review]
REPLY = "非常抱歉让您等了九天，我们已经更换了合作的快递公司，并为您补发了包裹。"


def days(number: float) -> timedelta:
    return timedelta(days=number)


def opened(review: Review, **given: Any) -> Case:
    open_cases(review_ids=[review.pk], changed={}, now=NOW, **given)
    return Case.objects.get(review=review)


def test_a_new_case_stands_by_its_first_contact_and_knows_the_window_behind_it(make_review: MakeReview) -> None:
    case = opened(make_review(reviewed_at=NOW - days(2)))
    assert (case.window_by, case.window_at) == ("virtual_phone", NOW + days(13))
    assert case.is_due_first
    assert case.closes_at == case.due_at


def test_a_window_that_closes_before_the_promised_contact_comes_first(make_review: MakeReview) -> None:
    case = opened(make_review(reviewed_at=NOW - days(14)))
    Case.objects.filter(pk=case.pk).update(due_at=NOW + days(5))
    case.refresh_from_db()
    assert not case.is_due_first
    assert case.closes_at == case.window_at == NOW + days(1)


def test_an_order_known_before_the_review_tells_when_the_number_dies(shop: Shop, make_review: MakeReview) -> None:
    review = make_review()
    Order.objects.create(shop=shop, number=review.order_number, completed_at=NOW - days(10))
    assert opened(review).window_at == NOW + days(5)


def test_a_reply_stops_the_clock_of_the_explanation(make_review: MakeReview, make_case: MakeCase, agent: User) -> None:
    case = make_case(
        make_review(reviewed_at=NOW - days(20), append_at=NOW + days(1)),
        owner=agent, window_by="explanation", window_at=NOW + days(1),
    )  # fmt: skip
    write_reply(case=case, text=REPLY, actor=agent, now=NOW)
    case.refresh_from_db()
    assert (case.explained_at, case.window_by) == (NOW, "edit")
    write_reply(case=case, text=REPLY + "谢谢您。", actor=agent, now=NOW + days(1))
    case.refresh_from_db()
    assert case.explained_at == NOW


def test_a_reply_that_an_import_shows_stops_it_too(shop: Shop, make_review: MakeReview) -> None:
    shop.platform = "tmall"
    shop.save()
    assert opened(make_review(reviewed_at=NOW - days(16), reply="亲，已补发")).window_by == ""
    assert opened(make_review(reviewed_at=NOW - days(16))).window_by == "explanation"


def test_a_follow_up_that_arrives_closes_the_explanation(make_review: MakeReview) -> None:
    review = make_review(reviewed_at=NOW - days(20))
    case = opened(review)
    assert case.window_by == "edit"
    Review.objects.filter(pk=review.pk).update(append_at=NOW + days(1), append_content="还是很差")
    open_cases(review_ids=[review.pk], changed={review.pk: ["append_content"]}, now=NOW)
    case.refresh_from_db()
    assert (case.window_by, case.window_at) == ("explanation", NOW + days(1))


def test_once_a_window_has_closed_the_case_waits_for_the_next(make_review: MakeReview) -> None:
    case = opened(make_review(reviewed_at=NOW - days(14)))
    Case.objects.filter(pk=case.pk).update(due_at=None)
    assert move_windows_on(now=NOW + days(1) - timedelta(seconds=1)) == 0
    assert move_windows_on(now=NOW + days(1)) == 1
    case.refresh_from_db()
    assert (case.window_by, case.closes_at) == ("edit", NOW + days(16))
    assert move_windows_on(now=NOW + days(17)) == 1
    case.refresh_from_db()
    assert (case.window_by, case.window_at, case.closes_at) == ("", None, None)
    assert move_windows_on(now=NOW + days(99)) == 0


def test_moving_on_takes_the_same_few_queries_for_any_number(
    make_case: MakeCase, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _number in range(3):
        make_case(due_at=None, window_at=NOW, window_by="edit")
    with django_assert_num_queries(6):
        assert move_windows_on(now=NOW) == 3


def test_open_cases_of_an_earlier_release_stand_right_once_it_is_migrated(
    make_review: MakeReview, make_case: MakeCase, shop: Shop, other_shop: Shop, agent: User
) -> None:
    now = timezone.now()
    Shop.objects.filter(pk=shop.pk).update(platform="taobao")
    Shop.objects.filter(pk=other_shop.pk).update(platform="tmall")
    ages, follow_ups, replies = (1, 14, 20, 29, 40), (None, now + days(1)), ("", "亲，已补发")
    for age, appended, reply, of_shop in product(ages, follow_ups, replies, (shop, other_shop)):
        review = make_review(shop=of_shop, reviewed_at=now - days(age), append_at=appended, reply=reply)
        if age == 20:
            Order.objects.create(shop=of_shop, number=review.order_number, completed_at=now - days(5))
        is_closed = age == 40 and bool(reply)
        case = make_case(review, state="closed" if is_closed else "new", closed_at=now if is_closed else None)
        if age == 29:
            PublicReply.objects.create(case=case, text="抱歉", written_by=agent, written_at=NOW)
    make_case(make_review(order_number=""))
    with connection.cursor() as cursor:
        cursor.execute(import_module("cases.migrations.0010_tier_queue").KEPT_ANEW)
    migrated = list(Case.objects.still_open().select_related("review__shop").order_by("pk"))
    kept = [(case.window_by, case.window_at) for case in migrated]
    choose_windows(migrated, now=now)
    assert kept == [(case.window_by, case.window_at) for case in migrated]
    assert {name for name, _at in kept} == {"", "edit", "explanation", "virtual_phone"}
    assert set(Case.objects.filter(state="closed").values_list("window_by", "window_at")) == {("", None)}


def test_a_closed_case_stands_by_nothing(make_review: MakeReview, agent: User) -> None:
    case = opened(make_review())
    close_case(case=case, outcome="deleted", actor=agent, now=NOW)
    case.refresh_from_db()
    assert (case.state, case.closes_at) == (State.CLOSED, None)
    assert move_windows_on(now=NOW + days(99)) == 0
    reopen_case(case=case, actor=agent, now=NOW)
    case.refresh_from_db()
    assert case.closes_at == case.due_at


@pytest.mark.parametrize(("tier", "rank"), [("priority", 0), ("disputed", 1), ("general", 2)])
def test_the_tier_has_its_rank_however_the_row_is_written(make_case: MakeCase, tier: str, rank: int) -> None:
    case = make_case()
    Case.objects.filter(pk=case.pk).update(tier=tier)
    assert Case.objects.get().tier_rank == rank
