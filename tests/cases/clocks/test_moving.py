"""Running clocks when the rules change under them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import django_rq
import pytest
from django.contrib.auth.models import User
from pytest_django import DjangoAssertNumQueries

from cases import jobs
from cases.clocks import moving
from cases.clocks.moving import Effect, clocks_follow, effect_of, move_clocks
from cases.clocks.pace import pace_of
from cases.inflow.opening import open_cases
from cases.models import Case, CaseChange, ClockMove, Pause, RuleFollowing, Shift, ShopPolicy, State
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
    with django_assert_num_queries(32), clocks_follow(shop, actor=supervisor, now=NOW):
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


def keep_many(make_case: MakeCase, shop: Shop, supervisor: User, monkeypatch: pytest.MonkeyPatch) -> list[Case]:
    """Five running clocks, ten minutes of which are to be added: too many to wait for."""
    monkeypatch.setattr(moving, "MOVED_AT_ONCE", 2)
    cases = [make_case(due_at=later(10 + number)) for number in range(5)]
    with clocks_follow(shop, actor=supervisor, now=NOW, comment="旺季"):
        minutes(shop, 40)
    return cases


def test_many_clocks_are_left_to_a_worker(
    make_case: MakeCase, shop: Shop, supervisor: User, monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    with django_capture_on_commit_callbacks(execute=True):
        cases = keep_many(make_case, shop, supervisor, monkeypatch)
    assert [due(case) for case in cases] == [later(10 + number) for number in range(5)]
    job = django_rq.get_queue("default").jobs[0]
    assert (job.func_name, job.args) == ("cases.jobs.follow_rules", (shop.pk,))
    job.func(*job.args)
    assert [due(case) for case in cases] == [later(20 + number) for number in range(5)]
    lines = CaseChange.objects.filter(kind=CaseChange.Kind.MOVED)
    assert set(lines.values_list("actor", "comment")) == {(supervisor.pk, "旺季")}
    assert lines.count() == 5
    assert not ClockMove.objects.exists()
    assert not RuleFollowing.objects.exists()


def test_moving_that_was_killed_goes_on_where_it_was(
    make_case: MakeCase, shop: Shop, supervisor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = keep_many(make_case, shop, supervisor, monkeypatch)
    kept = RuleFollowing.objects.get()
    assert moving._move_part(kept, NOW) == 2
    jobs.resume_following()
    assert [due(case) for case in cases] == [later(20 + number) for number in range(5)]
    assert CaseChange.objects.count() == 5


def test_two_workers_share_what_is_left(
    make_case: MakeCase, shop: Shop, supervisor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_many(make_case, shop, supervisor, monkeypatch)
    assert move_clocks(shop.pk, now=NOW) == 5
    assert move_clocks(shop.pk, now=NOW) == 0


def test_a_clock_set_meanwhile_stays_as_it_was_set(
    make_case: MakeCase, shop: Shop, supervisor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    promised, closed, reset, other, last = keep_many(make_case, shop, supervisor, monkeypatch)
    Case.objects.filter(pk=promised.pk).update(next_contact_at=later(10))
    Case.objects.filter(pk=closed.pk).update(state=State.CLOSED, closed_at=NOW)
    Case.objects.filter(pk=reset.pk).update(due_at=later(77))
    assert move_clocks(shop.pk, now=NOW) == 2
    assert [due(case) for case in (promised, closed, reset, other, last)] == [
        later(10),
        later(11),
        later(77),
        later(23),
        later(24),
    ]


def test_rules_that_change_again_count_from_where_the_clocks_will_stand(
    make_case: MakeCase, shop: Shop, supervisor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = keep_many(make_case, shop, supervisor, monkeypatch)
    assert effect_of(lambda: minutes(shop, 10), shop=shop, now=later(12)) == Effect(moved=5, overdue=5)
    with clocks_follow(shop, actor=supervisor, now=later(12)):
        minutes(shop, 45)
    jobs.resume_following()
    assert [due(case) for case in cases] == [later(25 + number) for number in range(5)]
    assert CaseChange.objects.count() == 5
