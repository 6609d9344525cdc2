"""How cases end and come back."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied

from cases.contacts.entries import ContactDraft, log_contact
from cases.flow import CaseClosed, Refused
from cases.models import Case, Outcome, State
from cases.outcomes import close_case, outcomes_of, reopen_case
from reviews.models import Shop
from tests.conftest import NOW

TALKS = [Outcome.SATISFIED, Outcome.REFUSED, Outcome.UNREACHABLE]


@pytest.fixture
def case(make_case: Callable[..., Case], agent: User) -> Case:
    return make_case(owner=agent)


@pytest.fixture
def reported(case: Case, agent: User) -> Case:
    close_case(case=case, outcome="reported", actor=agent, now=NOW, comment="开口要 100 元,聊天截图已存")
    return case


def contact(case: Case, actor: User) -> None:
    log_contact(case=case, actor=actor, now=NOW, draft=ContactDraft("chat", "no_answer", "留言道歉"))


@pytest.mark.parametrize("outcome", TALKS)
def test_an_outcome_of_a_talk_needs_a_logged_contact(case: Case, agent: User, outcome: str) -> None:
    with pytest.raises(Refused):
        close_case(case=case, outcome=outcome, actor=agent, now=NOW)
    contact(case, agent)
    close_case(case=case, outcome=outcome, actor=agent, now=NOW)
    case.refresh_from_db()
    assert (case.state, case.outcome, case.closed_at) == (State.CLOSED, outcome, NOW)


@pytest.mark.parametrize("outcome", [Outcome.REVISED, Outcome.DELETED, Outcome.PRAISED])
def test_what_became_of_the_review_needs_none_since_buyers_change_their_minds_unasked(
    case: Case, agent: User, outcome: str
) -> None:
    close_case(case=case, outcome=outcome, actor=agent, now=NOW)
    assert case.outcome == outcome


def test_where_reviews_never_change_none_was_revised(make_case: Callable[..., Case], agent: User, shop: Shop) -> None:
    shop.platform = "tmall"
    shop.save()
    case = make_case(owner=agent)
    with pytest.raises(Refused):
        close_case(case=case, outcome="revised", actor=agent, now=NOW)
    case.refresh_from_db()
    assert case.is_open
    assert Outcome.REVISED not in outcomes_of(case)
    assert Outcome.DELETED in outcomes_of(case)


def test_closing_stops_every_clock_and_tells_the_history(make_case: Callable[..., Case], agent: User) -> None:
    case = make_case(owner=agent, state=State.FOLLOW_UP, next_contact_at=NOW, due_at=NOW)
    close_case(case=case, outcome="revised", actor=agent, now=NOW, comment="买家改成好评")
    case.refresh_from_db()
    assert (case.next_contact_at, case.due_at) == (None, None)
    line = case.changes.get()
    assert (line.kind, line.actor, line.comment) == ("closed", agent, "买家改成好评")
    assert line.changes["state"] == ["follow_up", "closed"]
    assert line.changes["outcome"] == ["", "revised"]


def test_a_report_of_malice_must_say_what_it_rests_on(case: Case, agent: User) -> None:
    with pytest.raises(Refused):
        close_case(case=case, outcome="reported", actor=agent, now=NOW, comment="  ")


@pytest.mark.parametrize("verdict", [Outcome.UPHELD, Outcome.REJECTED])
def test_a_verdict_follows_a_report(reported: Case, agent: User, verdict: str) -> None:
    later = NOW + timedelta(days=3)
    close_case(case=reported, outcome=verdict, actor=agent, now=later)
    reported.refresh_from_db()
    assert (reported.outcome, reported.closed_at) == (verdict, NOW)
    assert reported.changes.first().changes == {"outcome": ["reported", verdict]}  # type: ignore[union-attr]


def test_a_verdict_on_what_nobody_reported_is_refused(case: Case, agent: User) -> None:
    with pytest.raises(Refused):
        close_case(case=case, outcome="upheld", actor=agent, now=NOW)
    assert case.is_open


def test_a_closed_case_is_not_closed_again(case: Case, reported: Case, agent: User) -> None:
    with pytest.raises(CaseClosed):
        close_case(case=reported, outcome="revised", actor=agent, now=NOW)


def test_a_settled_case_takes_no_verdict(case: Case, agent: User) -> None:
    close_case(case=case, outcome="revised", actor=agent, now=NOW)
    with pytest.raises(CaseClosed):
        close_case(case=case, outcome="upheld", actor=agent, now=NOW)


def test_an_unknown_outcome_is_refused(case: Case, agent: User) -> None:
    with pytest.raises(ValueError, match="gone"):
        close_case(case=case, outcome="gone", actor=agent, now=NOW)


def test_reopening_keeps_owner_and_steps_and_sets_a_new_deadline(make_case: Callable[..., Case], agent: User) -> None:
    case = make_case(owner=agent, steps_done=3, first_contacted_at=NOW)
    close_case(case=case, outcome="revised", actor=agent, now=NOW)
    later = NOW + timedelta(hours=1)
    reopen_case(case=case, actor=agent, now=later, comment="改完又改回差评")
    case.refresh_from_db()
    assert (case.state, case.outcome, case.closed_at) == (State.WORKING, "", None)
    assert (case.owner, case.steps_done, case.due_at) == (agent, 3, later + timedelta(minutes=30))
    line = case.changes.first()
    assert line is not None
    assert (line.kind, line.comment) == ("reopened", "改完又改回差评")
    assert line.changes["outcome"] == ["revised", ""]


def test_a_case_reopened_before_any_contact_is_new_again(reported: Case, agent: User) -> None:
    reopen_case(case=reported, actor=agent, now=NOW)
    assert reported.state == State.NEW


def test_an_open_case_is_not_reopened(case: Case, agent: User) -> None:
    with pytest.raises(Refused):
        reopen_case(case=case, actor=agent, now=NOW)


def test_only_who_may_work_the_case_closes_and_reopens_it(case: Case, reported: Case, teammate: User) -> None:
    with pytest.raises(PermissionDenied):
        reopen_case(case=reported, actor=teammate, now=NOW)
    with pytest.raises(PermissionDenied):
        close_case(case=reported, outcome="upheld", actor=teammate, now=NOW)
