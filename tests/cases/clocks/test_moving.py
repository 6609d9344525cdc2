"""Running clocks when the rules change under them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from pytest_django import DjangoAssertNumQueries

from cases.clocks.moving import Effect, clocks_follow, effect_of
from cases.clocks.pace import pace_of
from cases.models import Case, CaseChange, Pause, Shift, ShopPolicy, State
from cases.opening import open_cases
from cases.outcomes import close_case, reopen_case
from cases.working_time import read_spans
from reviews.models import Review, Shop
from tests.conftest import NOW

MakeCase = Callable[..., Case]
MakeReview = Callable[..., Review]


def later(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def shift(shop: Shop, spans: str, name: str = "白班", **fields: Any) -> Shift:
    return Shift.objects.create(shop=shop, name=name, spans=[list(span) for span in read_spans(spans)], **fields)


def minutes(shop: Shop, number: int) -> None:
    ShopPolicy.objects.update_or_create(shop=shop, defaults={"first_contact_minutes": number})


def due(case: Case) -> datetime | None:
    case.refresh_from_db()
    return case.due_at


@pytest.fixture
def case(make_review: MakeReview) -> Case:
    """Opened at 14:00 with half an hour to the first contact."""
    review = make_review()
    open_cases(review_ids=[review.pk], changed={}, now=NOW)
    return Case.objects.get(review=review)


def test_what_has_passed_by_the_old_hours_stays_passed(case: Case, shop: Shop, supervisor: User) -> None:
    with clocks_follow(shop, actor=supervisor, now=later(10)):
        shift(shop, "09:00-14:15, 16:00-20:00")
    # Ten minutes have passed, five more until the break, fifteen after it.
    assert due(case) == NOW.replace(hour=16, minute=15)
    assert case.first_contact_due_at == case.due_at
    line = case.changes.get(kind=CaseChange.Kind.MOVED)
    assert (line.actor, line.at) == (supervisor, later(10))
    moved = [datetime.fromisoformat(moment) for moment in line.changes["due_at"]]
    assert moved == [later(30), case.due_at]


def test_time_that_ran_in_the_old_break_does_not_run_twice(case: Case, shop: Shop, supervisor: User) -> None:
    with clocks_follow(shop, actor=supervisor, now=later(10)):
        first = shift(shop, "09:00-14:15, 16:00-20:00")
    with clocks_follow(shop, actor=supervisor, now=later(60)):
        first.delete()
    # Five of the twenty minutes that were left had passed when the break began.
    assert due(case) == later(60 + 15)


def test_a_clock_that_had_run_out_stays_overdue(case: Case, shop: Shop, supervisor: User) -> None:
    with clocks_follow(shop, actor=supervisor, now=later(31)):
        minutes(shop, 600)
    assert due(case) == later(30)
    assert not case.changes.filter(kind=CaseChange.Kind.MOVED).exists()


def test_more_minutes_are_added_to_what_is_left_and_fewer_taken_off(case: Case, shop: Shop, supervisor: User) -> None:
    with clocks_follow(shop, actor=supervisor, now=later(10)):
        minutes(shop, 60)
    assert due(case) == later(60)
    with clocks_follow(shop, actor=supervisor, now=later(20)):
        minutes(shop, 25)
    assert due(case) == later(25)


def test_a_clock_whose_minutes_are_used_up_runs_out_at_the_change_and_not_before(
    case: Case, shop: Shop, supervisor: User
) -> None:
    with clocks_follow(shop, actor=supervisor, now=later(20)):
        minutes(shop, 15)
    assert due(case) == later(20)


def test_clocks_stand_still_in_a_pause_and_go_on_after_it(case: Case, shop: Shop, supervisor: User) -> None:
    with clocks_follow(shop, actor=supervisor, now=later(10)):
        pause = Pause.objects.create(shop=shop, starts_at=later(20), ends_at=later(80), reason="盘点")
    assert due(case) == later(90)
    with clocks_follow(shop, actor=supervisor, now=later(50)):
        pause.ends_at = later(50)
        pause.save()
    assert due(case) == later(60)


def test_a_pause_over_days_is_skipped_whole(case: Case, shop: Shop, supervisor: User) -> None:
    with clocks_follow(shop, actor=supervisor, now=NOW):
        Pause.objects.create(shop=shop, starts_at=NOW, ends_at=NOW + timedelta(days=20), reason="春节休店")
    assert due(case) == NOW + timedelta(days=20, minutes=30)


def test_new_cases_open_by_the_new_hours(shop: Shop, make_review: MakeReview) -> None:
    shift(shop, "10:00-14:10, 20:00-22:00", days="weekdays", weekdays=[4])
    review = make_review()
    open_cases(review_ids=[review.pk], changed={}, now=NOW)
    assert Case.objects.get(review=review).due_at == NOW.replace(hour=20, minute=20)


def test_a_reopened_case_runs_by_the_hours_of_now_and_moves_with_them(
    case: Case, shop: Shop, agent: User, supervisor: User
) -> None:
    close_case(case=case, outcome="deleted", actor=supervisor, now=later(5))
    with clocks_follow(shop, actor=supervisor, now=later(6)):
        shift(shop, "09:00-15:10, 16:00-20:00")
    assert due(case) is None
    reopen_case(case=case, actor=supervisor, now=later(60))
    assert due(case) == NOW.replace(hour=16, minute=20)
    with clocks_follow(shop, actor=supervisor, now=later(65)):
        minutes(shop, 40)
    assert due(case) == NOW.replace(hour=16, minute=30)
    assert case.first_contact_due_at == later(30)


def test_only_running_clocks_of_the_shop_move(
    make_case: MakeCase, make_review: MakeReview, shop: Shop, other_shop: Shop, supervisor: User
) -> None:
    promised = make_case(due_at=later(30), next_contact_at=later(30), state=State.FOLLOW_UP)
    backlog = make_case(due_at=None)
    theirs = make_case(make_review(shop=other_shop), due_at=later(30))
    with clocks_follow(shop, actor=supervisor, now=NOW):
        minutes(shop, 90)
    assert [due(each) for each in (promised, backlog, theirs)] == [later(30), None, later(30)]


def test_a_case_that_was_contacted_keeps_when_its_first_contact_was_due(
    make_case: MakeCase, shop: Shop, supervisor: User
) -> None:
    case = make_case(due_at=later(30), first_contact_due_at=later(30), first_contacted_at=NOW)
    with clocks_follow(shop, actor=supervisor, now=NOW):
        minutes(shop, 90)
    assert due(case) == later(90)
    assert case.first_contact_due_at == later(30)


def test_what_fails_moves_nothing(case: Case, shop: Shop, supervisor: User) -> None:
    with pytest.raises(RuntimeError):
        _fail(shop, supervisor)
    assert due(case) == later(30)
    assert pace_of(shop).minutes == 30


def _fail(shop: Shop, actor: User) -> None:
    with clocks_follow(shop, actor=actor, now=NOW):
        minutes(shop, 90)
        raise RuntimeError


def test_many_clocks_move_in_a_few_queries(
    make_case: MakeCase, shop: Shop, supervisor: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(20):
        make_case(due_at=later(10 + number % 4))
    minutes(shop, 30)
    with django_assert_num_queries(13), clocks_follow(shop, actor=supervisor, now=NOW):
        ShopPolicy.objects.update(first_contact_minutes=35)
    assert set(Case.objects.values_list("due_at", flat=True)) == {later(15 + number) for number in range(4)}
    assert CaseChange.objects.filter(kind=CaseChange.Kind.MOVED).count() == 20


def test_the_effect_is_foretold_and_nothing_changes(
    make_case: MakeCase, case: Case, shop: Shop, supervisor: User
) -> None:
    make_case(due_at=later(45))
    make_case(due_at=later(-5))
    assert effect_of(lambda: minutes(shop, 10), shop=shop, now=later(12)) == Effect(moved=2, overdue=1)
    assert effect_of(lambda: minutes(shop, 30), shop=shop, now=later(12)) == Effect(0, 0)
    assert pace_of(shop).minutes == 30
    assert due(case) == later(30)
