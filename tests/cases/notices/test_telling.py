"""Who is told of what, and that nobody is told twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from cases.assignment import assign_cases, claim_case, reassign_case, release_case
from cases.flow import Refused, choose_tier
from cases.inflow.opening import open_cases
from cases.jobs import tell_of_clocks
from cases.models import Agent, Case, Notice, NoticeChannel, NoticeChoice, NoticeDelivery
from cases.notices.reading import KEPT, forget_old
from cases.notices.telling import LOOK_BACK, tell_clocks, tell_urgent
from cases.outcomes import close_case
from cases.settling.escalations import escalate_case, return_case
from reviews.models import Review, Shop
from tests.conftest import NOW
from tests.connections import together

MakeCase = Callable[..., Case]

pytestmark = pytest.mark.django_db


def told(*, kind: str = "") -> list[tuple[str, str, int]]:
    """(person, kind, case) of every notice."""
    notices = Notice.objects.filter(kind=kind) if kind else Notice.objects.all()
    return sorted((notice.person.username, notice.kind, notice.case_id) for notice in notices)


@pytest.mark.parametrize(("tier", "count"), [("priority", 1), ("general", 0), ("disputed", 0)])
def test_the_owner_of_an_urgent_case_is_told(agent: User, make_case: MakeCase, tier: str, count: int) -> None:
    case = make_case(tier=tier)
    assign_cases([case], now=NOW)
    assert told() == [("agent", "urgent", case.pk)][:count]


def test_supervisors_are_told_of_an_urgent_case_nobody_has(
    supervisor: User, outsider: User, admin: User, make_review: Callable[..., Review]
) -> None:
    review = make_review(append_content="追评:还是坏的", rating="good")
    open_cases(review_ids=[review.pk], changed={}, now=NOW)
    assert told() == [("supervisor", "urgent", Case.objects.get().pk)]


def test_opening_again_tells_nothing_again(agent: User, make_review: Callable[..., Review]) -> None:
    review = make_review(append_content="追评:还是坏的", rating="good")
    for _ in range(2):
        open_cases(review_ids=[review.pk], changed={}, now=NOW)
    assert told() == [("agent", "urgent", Case.objects.get().pk)]


def test_a_notice_falls_with_what_it_tells_of(agent: User, supervisor: User, make_case: MakeCase) -> None:
    case = make_case(owner=agent)
    with transaction.atomic():
        escalate_case(case=case, question="退吗?", actor=agent, now=NOW)
        assert told() == [("supervisor", "question", case.pk)]
        transaction.set_rollback(True)
    assert told() == []


def test_who_takes_a_case_is_not_told_and_who_is_given_one_is(
    agent: User, teammate: User, supervisor: User, make_case: MakeCase
) -> None:
    case = make_case(tier="priority")
    claim_case(case=case, actor=agent, now=NOW)
    assert told() == []
    reassign_case(case=case, to=teammate, actor=supervisor, now=NOW)
    assert told() == [("teammate", "urgent", case.pk)]
    release_case(case=case, actor=supervisor, now=NOW)
    assert told() == [("teammate", "urgent", case.pk)]


def test_a_case_that_becomes_urgent_is_told_but_not_to_who_made_it_so(
    agent: User, supervisor: User, make_case: MakeCase
) -> None:
    mine, theirs = make_case(owner=agent), make_case(owner=agent)
    choose_tier(case=mine, tier="priority", actor=agent, now=NOW)
    choose_tier(case=theirs, tier="priority", actor=supervisor, now=NOW)
    assert told() == [("agent", "urgent", theirs.pk)]


def test_a_renewed_complaint_is_told_again(agent: User, make_case: MakeCase) -> None:
    case = make_case(owner=agent, tier="priority")
    tell_urgent([case], now=NOW)
    tell_urgent([case], now=NOW + timedelta(days=3), is_again=True)
    tell_urgent([case], now=NOW + timedelta(days=4))
    assert told() == [("agent", "urgent", case.pk)] * 2


def test_question_and_answer_reach_supervisor_and_owner(
    agent: User, teammate: User, supervisor: User, outsider: User, make_case: MakeCase
) -> None:
    case = make_case(owner=agent)
    escalate_case(case=case, question="能退一赔三吗?", actor=agent, now=NOW)
    assert told() == [("supervisor", "question", case.pk)]
    with pytest.raises(Refused):
        escalate_case(case=case, question="能退一赔三吗?", actor=agent, now=NOW)
    return_case(case=case, answer="可以", actor=supervisor, now=NOW + timedelta(minutes=5))
    assert told() == [("agent", "answer", case.pk), ("supervisor", "question", case.pk)]


@pytest.mark.parametrize(
    ("minutes", "kinds"), [(11, []), (10, ["soon"]), (1, ["soon"]), (0, ["overdue"]), (-60, ["overdue"])]
)
def test_clocks_are_told_before_they_run_out_and_after(
    agent: User, make_case: MakeCase, minutes: int, kinds: list[str]
) -> None:
    case = make_case(owner=agent, due_at=NOW + timedelta(minutes=minutes))
    tell_clocks(now=NOW)
    tell_clocks(now=NOW)
    assert told() == [("agent", kind, case.pk) for kind in kinds]


def test_each_person_says_how_many_minutes_before(agent: User, teammate: User, make_case: MakeCase) -> None:
    NoticeChoice.objects.create(person=agent, minutes_before=30)
    NoticeChoice.objects.create(person=teammate, minutes_before=5)
    case, _later = (make_case(owner=owner, due_at=NOW + timedelta(minutes=20)) for owner in (agent, teammate))
    tell_clocks(now=NOW)
    assert told() == [("agent", "soon", case.pk)]


def test_a_new_clock_is_told_anew(agent: User, make_case: MakeCase) -> None:
    case = make_case(owner=agent)
    tell_clocks(now=NOW)
    later = NOW + timedelta(hours=3)
    Case.objects.filter(pk=case.pk).update(due_at=later)
    tell_clocks(now=later)
    assert told() == [("agent", "overdue", case.pk)] * 2


def test_a_closed_case_has_no_clock(agent: User, make_case: MakeCase) -> None:
    case = make_case(owner=agent)
    close_case(case=case, outcome="reported", actor=agent, now=NOW, comment="晒图是别家的")
    tell_clocks(now=NOW)
    assert told() == []


def test_what_ran_out_long_ago_is_no_news(agent: User, make_case: MakeCase) -> None:
    make_case(owner=agent, due_at=NOW - LOOK_BACK)
    tell_clocks(now=NOW)
    assert told() == []


def test_a_case_being_changed_is_told_of_a_minute_later(
    transactional_db: None, agent: User, make_case: MakeCase
) -> None:
    case = make_case(owner=agent)
    with transaction.atomic():
        Case.objects.select_for_update().get(pk=case.pk)
        together(lambda: tell_clocks(now=NOW))
        assert told() == []
    tell_clocks(now=NOW)
    assert told() == [("agent", "overdue", case.pk)]


def test_two_sweeps_at_once_tell_once(transactional_db: None, agent: User, make_case: MakeCase) -> None:
    for _ in range(20):
        make_case(owner=agent)
    together(*[lambda: tell_clocks(now=NOW)] * 3)
    assert len(told()) == 20


def test_a_kind_not_wanted_in_the_page_is_not_shown_there(agent: User, make_case: MakeCase) -> None:
    NoticeChoice.objects.create(person=agent, kinds=["overdue"])
    soon, overdue = make_case(owner=agent, due_at=NOW + timedelta(minutes=5)), make_case(owner=agent)
    tell_clocks(now=NOW)
    shown = dict(Notice.objects.values_list("case", "is_shown"))
    assert shown == {soon.pk: False, overdue.pk: True}


@pytest.mark.parametrize(
    ("is_on_duty", "is_quiet", "count"), [(True, True, 1), (False, True, 0), (False, False, 1), (True, False, 1)]
)
def test_off_duty_nothing_leaves_for_a_person_unless_they_want_it(
    agent: User, make_case: MakeCase, make_channel: Callable[..., NoticeChannel], *, is_on_duty: bool, is_quiet: bool,
    count: int,
) -> None:  # fmt: skip
    make_channel()
    Agent.objects.filter(user=agent).update(is_on_duty=is_on_duty)
    NoticeChoice.objects.create(person=agent, is_quiet_off_duty=is_quiet)
    make_case(owner=agent)
    tell_clocks(now=NOW)
    assert len(told()) == 1
    assert NoticeDelivery.objects.count() == count


def test_a_channel_gets_the_kinds_chosen_for_it_whatever_the_page_shows(
    agent: User, make_case: MakeCase, make_channel: Callable[..., NoticeChannel]
) -> None:
    NoticeChoice.objects.create(person=agent, kinds=[])
    make_channel(kinds=["overdue"])
    make_case(owner=agent, due_at=NOW + timedelta(minutes=5))
    overdue = make_case(owner=agent)
    tell_clocks(now=NOW)
    assert list(NoticeDelivery.objects.values_list("kind", "case")) == [("overdue", overdue.pk)]


def test_the_robot_of_a_shop_gets_each_of_its_events_once(
    shop: Shop, other_shop: Shop, agent: User, supervisor: User, make_case: MakeCase,
    make_channel: Callable[..., NoticeChannel],
) -> None:  # fmt: skip
    channel = make_channel(shop=shop)
    make_channel(shop=other_shop)
    case = make_case(tier="priority")
    tell_urgent([case], now=NOW)
    for _ in range(2):
        tell_clocks(now=NOW)
    sent = NoticeDelivery.objects.order_by("kind").values_list("channel", "kind", "case")
    assert list(sent) == [(channel.pk, "overdue", case.pk), (channel.pk, "urgent", case.pk)]


def test_telling_of_many_takes_as_many_queries_as_of_one(
    agent: User, supervisor: User, make_case: MakeCase, django_assert_num_queries: Any
) -> None:
    cases = [make_case(owner=agent, tier="priority") for _ in range(30)]
    with django_assert_num_queries(1):
        tell_urgent(cases[:1], now=NOW)
    with django_assert_num_queries(1):
        tell_urgent(cases, now=NOW)
    with django_assert_num_queries(0):
        tell_urgent([], now=NOW)
    assert len(told(kind="urgent")) == 30


def test_the_sweep_of_the_scheduler_tells_by_the_real_clock(agent: User, make_case: MakeCase) -> None:
    case = make_case(owner=agent, due_at=timezone.now() - timedelta(minutes=1))
    tell_of_clocks()
    assert told() == [("agent", "overdue", case.pk)]


def test_old_notices_are_forgotten(agent: User, make_case: MakeCase) -> None:
    tell_urgent([make_case(owner=agent, tier="priority")], now=NOW)
    forget_old(now=NOW + KEPT)
    assert Notice.objects.exists()
    forget_old(now=NOW + KEPT + timedelta(minutes=1))
    assert not Notice.objects.exists()
