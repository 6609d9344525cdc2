"""Steps in their order, the tier a person chooses, and the way to the supervisor and back."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied

from cases.contacts.entries import ContactDraft, log_contact
from cases.flow import CaseClosed, Refused, StepNotDue, choose_tier, finish_step, may_work
from cases.models import Case, State, Step, Tier
from cases.outcomes import close_case, reopen_case
from cases.settling.escalations import escalate_case, return_case
from tests.conftest import NOW


@pytest.fixture
def case(make_case: Callable[..., Case], agent: User) -> Case:
    return make_case(owner=agent)


@pytest.fixture
def talked_of(case: Case, agent: User) -> Case:
    talk(case, agent)
    return case


def talk(case: Case, agent: User, **fields: str) -> None:
    told = {"channel": "chat", "result": "reached", "said": "已道歉", **fields}
    log_contact(case=case, actor=agent, now=NOW, draft=ContactDraft(**told))


def test_a_step_needs_a_talk_or_a_reason(case: Case, agent: User) -> None:
    talk(case, agent, channel="phone", direction="incoming", result="no_answer")
    with pytest.raises(StepNotDue):
        finish_step(case=case, step=1, actor=agent, now=NOW)
    line = finish_step(case=case, step=1, actor=agent, now=NOW, reason="买家在店里当面说过")
    assert line.comment == "买家在店里当面说过"
    talk(case, agent, direction="incoming")
    assert finish_step(case=case, step=2, actor=agent, now=NOW).comment == ""


def test_a_reopened_case_is_talked_of_anew(case: Case, agent: User) -> None:
    talk(case, agent)
    close_case(case=case, outcome="refused", comment="", actor=agent, now=NOW)
    later = NOW + timedelta(hours=1)
    reopen_case(case=case, comment="买家又来了", actor=agent, now=later)
    with pytest.raises(StepNotDue):
        finish_step(case=case, step=1, actor=agent, now=later)


@pytest.mark.usefixtures("talked_of")
def test_steps_are_done_one_after_the_other(case: Case, agent: User) -> None:
    for step in Step:
        finish_step(case=case, step=step, actor=agent, now=NOW)
    case.refresh_from_db()
    assert case.steps_done == Step.CLOSE
    assert [line.changes["steps_done"] for line in case.changes.filter(kind="step").order_by("pk")] == [
        [0, 1],
        [1, 2],
        [2, 3],
        [3, 4],
    ]


@pytest.mark.parametrize("step", [0, 1, 3, 4, 5, -1])
@pytest.mark.usefixtures("talked_of")
def test_no_step_comes_before_its_turn_or_twice(case: Case, agent: User, step: int) -> None:
    finish_step(case=case, step=Step.APOLOGISE, actor=agent, now=NOW)
    with pytest.raises(StepNotDue):
        finish_step(case=case, step=step, actor=agent, now=NOW)
    assert case.steps_done == 1


def test_there_is_no_fifth_step(make_case: Callable[..., Case], agent: User) -> None:
    case = make_case(owner=agent, steps_done=4)
    with pytest.raises(StepNotDue):
        finish_step(case=case, step=5, actor=agent, now=NOW)


@pytest.mark.usefixtures("talked_of")
def test_a_stale_page_does_not_do_a_step_twice(case: Case, agent: User) -> None:
    stale = Case.objects.get(pk=case.pk)
    finish_step(case=case, step=1, actor=agent, now=NOW)
    with pytest.raises(StepNotDue):
        finish_step(case=stale, step=1, actor=agent, now=NOW)


def test_a_person_chooses_the_tier_and_says_why(case: Case, agent: User) -> None:
    choose_tier(case=case, tier="disputed", actor=agent, now=NOW, comment="开口要钱")
    case.refresh_from_db()
    assert (case.tier, case.is_tier_chosen) == (Tier.DISPUTED, True)
    line = case.changes.get()
    assert (line.kind, line.changes, line.comment) == ("tier", {"tier": ["general", "disputed"]}, "开口要钱")


def test_confirming_the_tier_makes_it_a_persons_choice(case: Case, agent: User) -> None:
    choose_tier(case=case, tier="general", actor=agent, now=NOW)
    case.refresh_from_db()
    assert case.is_tier_chosen
    assert case.changes.get().changes == {"tier": ["general", "general"]}


def test_an_unknown_tier_is_refused(case: Case, agent: User) -> None:
    with pytest.raises(ValueError, match="urgent"):
        choose_tier(case=case, tier="urgent", actor=agent, now=NOW)


def test_a_question_goes_to_the_supervisor_and_its_answer_back_to_the_owner(
    case: Case, agent: User, supervisor: User
) -> None:
    escalate_case(case=case, question="要求退一赔三,怎么回?", actor=agent, now=NOW)
    assert (case.state, case.owner) == (State.ESCALATED, agent)
    return_case(case=case, answer="可退全款", actor=supervisor, now=NOW + timedelta(minutes=5))
    case.refresh_from_db()
    assert (case.state, case.owner, case.due_at) == (State.WORKING, agent, NOW)
    told = [(line.kind, line.actor, line.comment) for line in case.changes.order_by("pk")]
    assert told == [("escalated", agent, "要求退一赔三,怎么回?"), ("returned", supervisor, "可退全款")]


def test_an_answered_case_without_a_clock_is_given_one(
    make_case: Callable[..., Case], agent: User, supervisor: User
) -> None:
    case = make_case(owner=agent, state=State.ESCALATED, due_at=None)
    return_case(case=case, answer="可以", actor=supervisor, now=NOW)
    assert case.due_at == NOW + timedelta(minutes=30)


def test_a_case_is_escalated_once_and_answered_once(case: Case, agent: User, supervisor: User) -> None:
    with pytest.raises(Refused):
        return_case(case=case, answer="?", actor=supervisor, now=NOW)
    escalate_case(case=case, question="?", actor=agent, now=NOW)
    with pytest.raises(Refused):
        escalate_case(case=case, question="??", actor=agent, now=NOW)
    assert case.changes.count() == 1


def test_an_agent_does_not_answer_in_the_supervisors_place(case: Case, agent: User) -> None:
    escalate_case(case=case, question="?", actor=agent, now=NOW)
    with pytest.raises(PermissionDenied):
        return_case(case=case, answer="自己答", actor=agent, now=NOW)


def test_a_closed_case_is_not_worked_on(make_case: Callable[..., Case], agent: User) -> None:
    case = make_case(owner=agent, state=State.CLOSED, closed_at=NOW)
    for work in (
        lambda: finish_step(case=case, step=1, actor=agent, now=NOW, reason="当面谈过"),
        lambda: choose_tier(case=case, tier="priority", actor=agent, now=NOW),
        lambda: escalate_case(case=case, question="?", actor=agent, now=NOW),
    ):
        with pytest.raises(CaseClosed):
            work()
    assert not case.changes.exists()


def test_who_may_work_a_case(
    case: Case, agent: User, teammate: User, supervisor: User, outsider: User, admin: User, other_shop: object
) -> None:
    allowed = {user.username: may_work(case, user) for user in (agent, teammate, supervisor, outsider, admin)}
    assert allowed == {"agent": True, "teammate": False, "supervisor": True, "outsider": False, "admin": True}


def test_a_supervisor_of_another_shop_may_not(case: Case, supervisor: User) -> None:
    supervisor.shops.clear()
    assert not may_work(case, supervisor)


def test_an_owner_who_left_the_shop_may_not(case: Case, agent: User) -> None:
    agent.shops.clear()
    assert not may_work(case, agent)


def test_nobody_may_work_what_nobody_has_but_the_supervisor(
    make_case: Callable[..., Case], agent: User, supervisor: User
) -> None:
    unowned = make_case(owner=None)
    assert not may_work(unowned, agent)
    assert may_work(unowned, supervisor)
