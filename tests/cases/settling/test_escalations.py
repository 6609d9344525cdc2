"""Questions to the supervisor: with a suggestion, on a clock, answered once, and back on top of the queue."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied

from cases.contacts.entries import ContactDraft, log_contact
from cases.flow import Refused, choose_tier
from cases.models import Case, Notice, Outcome, ShopPolicy, State
from cases.outcomes import close_case, reopen_case
from cases.queues import QueueFilters, queue_of
from cases.settling.escalations import Suggested, agree, escalate_case, return_case, tell_late_questions
from reviews.models import Shop
from tests.conftest import NOW
from tests.connections import together

LATER = NOW + timedelta(minutes=10)
REFUND = Suggested("remedy", "refund", Decimal(80))


@pytest.fixture
def case(make_case: Callable[..., Case], agent: User) -> Case:
    case = make_case(owner=agent)
    log_contact(case=case, actor=agent, now=NOW, draft=ContactDraft("chat", "reached", "道歉"))
    return case


def ask(case: Case, agent: User, suggested: Suggested) -> None:
    escalate_case(case=case, question="怎么办?", actor=agent, now=NOW, suggested=suggested)


def test_a_question_keeps_the_suggestion_and_runs_on_a_clock_of_its_own(case: Case, agent: User, shop: Shop) -> None:
    asked = escalate_case(case=case, question="退吗?", actor=agent, now=NOW, suggested=REFUND)
    assert (asked.suggestion, asked.remedy, asked.amount) == ("remedy", "refund", 80)
    assert asked.due_at == NOW + timedelta(minutes=60)
    line = case.changes.first()
    assert line is not None
    assert (line.comment, line.changes["suggestion"]) == ("退吗?", ["", "remedy"])


def test_the_clock_counts_the_shops_working_time(case: Case, agent: User, shop: Shop) -> None:
    ShopPolicy.objects.create(shop=shop, answer_minutes=90)
    evening = NOW.replace(hour=21, minute=30)
    asked = escalate_case(case=case, question="退吗?", actor=agent, now=evening)
    assert asked.due_at == (evening + timedelta(days=1)).replace(hour=10, minute=0)


@pytest.mark.parametrize(
    "half", [Suggested("remedy"), Suggested("remedy", "refund"), Suggested("remedy", "", Decimal(1))]
)
def test_a_suggested_remedy_is_said_in_full(case: Case, agent: User, half: Suggested) -> None:
    with pytest.raises(Refused):
        ask(case, agent, half)


def test_agreeing_grants_the_remedy_whatever_the_cap(case: Case, agent: User, supervisor: User) -> None:
    ask(case, agent, REFUND)
    agree(case=case, actor=supervisor, now=LATER)
    remedy = case.remedies.get()
    assert (remedy.kind, remedy.amount, remedy.agreed_by) == ("refund", 80, supervisor)
    asked = case.escalations.get()
    assert (asked.is_agreed, asked.answered_by, asked.answered_at) == (True, supervisor, LATER)
    assert (case.state, case.owner, case.answered_at) == (State.WORKING, agent, LATER)
    assert Notice.objects.filter(person=agent, kind="answer").exists()


def test_agreeing_closes_as_refused(case: Case, agent: User, supervisor: User) -> None:
    ask(case, agent, Suggested("refuse"))
    agree(case=case, actor=supervisor, now=LATER, answer="不再让步")
    line = case.changes.first()
    assert line is not None
    assert (case.outcome, line.actor, line.comment) == (Outcome.REFUSED, supervisor, "不再让步")


def test_what_cannot_be_done_is_not_half_done(make_case: Callable[..., Case], agent: User, supervisor: User) -> None:
    case = make_case(owner=agent)
    ask(case, agent, Suggested("refuse"))
    with pytest.raises(Refused):
        agree(case=case, actor=supervisor, now=LATER)
    case.refresh_from_db()
    assert (case.state, case.escalations.get().answered_at) == (State.ESCALATED, None)


def test_agreeing_reports_what_the_question_rests_on(case: Case, agent: User, supervisor: User) -> None:
    ask(case, agent, Suggested("report"))
    agree(case=case, actor=supervisor, now=LATER)
    line = case.changes.first()
    assert line is not None
    assert case.outcome == Outcome.REPORTED
    assert line.comment.startswith("怎么办?")


def test_agreeing_hands_the_case_over(case: Case, agent: User, supervisor: User) -> None:
    ask(case, agent, Suggested("hand_over"))
    agree(case=case, actor=supervisor, now=LATER)
    assert (case.owner, case.state) == (supervisor, State.WORKING)


def test_otherwise_agreeing_is_an_answer(case: Case, agent: User, supervisor: User) -> None:
    ask(case, agent, Suggested())
    agree(case=case, actor=supervisor, now=LATER)
    assert case.state == State.WORKING
    assert case.escalations.get().answer


def test_an_answered_case_comes_first_until_the_owners_next_act(
    case: Case, make_case: Callable[..., Case], agent: User, supervisor: User
) -> None:
    urgent = make_case(owner=agent, tier="priority", due_at=NOW - timedelta(hours=2))

    def queue() -> list[Case]:
        return list(queue_of(agent, QueueFilters()))

    ask(case, agent, REFUND)
    assert queue() == [urgent]
    return_case(case=case, answer="先换货", actor=supervisor, now=LATER)
    assert queue() == [case, urgent]
    choose_tier(case=case, tier="general", actor=supervisor, now=LATER)
    assert queue() == [case, urgent], "only the owner's own act counts"
    log_contact(case=case, actor=agent, now=LATER, draft=ContactDraft("chat", "reached", "换货已登记"))
    assert queue() == [urgent, case]


def test_a_refused_act_leaves_it_on_top(case: Case, agent: User, supervisor: User) -> None:
    ask(case, agent, REFUND)
    return_case(case=case, answer="先换货", actor=supervisor, now=LATER)
    with pytest.raises(Refused):
        close_case(case=case, outcome="reported", actor=agent, now=LATER)
    assert Case.objects.get(pk=case.pk).answered_at == LATER


@pytest.mark.django_db(transaction=True)
def test_of_two_supervisors_at_once_one_answers(case: Case, agent: User, supervisor: User, admin: User) -> None:
    ask(case, agent, REFUND)

    def answer(person: User) -> bool:
        try:
            agree(case=Case.objects.get(pk=case.pk), actor=person, now=LATER)
        except Refused:
            return False
        return True

    assert sorted(together(lambda: answer(supervisor), lambda: answer(admin))) == [False, True]
    assert case.remedies.count() == 1


def test_only_a_supervisor_agrees(case: Case, agent: User, teammate: User, outsider: User) -> None:
    ask(case, agent, REFUND)
    for person in (agent, teammate, outsider):
        with pytest.raises(PermissionDenied):
            agree(case=case, actor=person, now=LATER)


def test_a_case_that_closed_and_came_back_can_ask_again(case: Case, agent: User, supervisor: User) -> None:
    ask(case, agent, REFUND)
    close_case(case=case, outcome="satisfied", actor=agent, now=LATER)
    reopen_case(case=case, actor=agent, now=LATER)
    ask(case, agent, Suggested())
    return_case(case=case, answer="好", actor=supervisor, now=LATER)
    assert [asked.answered_by for asked in case.escalations.order_by("pk")] == [None, supervisor]


def test_a_late_question_is_told_once(case: Case, agent: User, supervisor: User) -> None:
    ask(case, agent, REFUND)
    assert tell_late_questions(now=NOW + timedelta(minutes=59)) == 0
    for minutes in (60, 61):
        assert tell_late_questions(now=NOW + timedelta(minutes=minutes)) == 1
    assert Notice.objects.filter(person=supervisor, kind="late").count() == 1
    assert not Notice.objects.filter(person=agent).exists()
    return_case(case=case, answer="好", actor=supervisor, now=NOW + timedelta(minutes=62))
    assert tell_late_questions(now=NOW + timedelta(minutes=63)) == 0
