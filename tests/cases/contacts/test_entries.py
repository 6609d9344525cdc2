"""Logging contacts, the clock they set, and buyers who asked not to be phoned."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.utils import translation

from cases.contacts.entries import ContactDraft, ContactRefused, log_contact
from cases.models import Case, CaseChange, ContactEntry, State
from tests.conftest import NOW

LATER = NOW + timedelta(hours=2)


def draft(**given: Any) -> ContactDraft:
    return ContactDraft(**{"channel": "chat", "result": "reached", "said": "先道歉,问清楚了原因", **given})


@pytest.fixture
def case(make_case: Callable[..., Case], agent: User) -> Case:
    return make_case(owner=agent)


def test_the_first_contact_stops_the_first_clock(case: Case, agent: User) -> None:
    entry = log_contact(case=case, actor=agent, now=NOW, draft=draft(circumstances="脾气急,下午方便"))
    case.refresh_from_db()
    assert (case.state, case.first_contacted_at, case.due_at) == (State.WORKING, NOW, None)
    assert (entry.at, entry.actor, entry.circumstances) == (NOW, agent, "脾气急,下午方便")


def test_an_unanswered_attempt_is_a_first_contact_too(case: Case, agent: User) -> None:
    log_contact(case=case, actor=agent, now=NOW, draft=draft(channel="phone", result="no_answer"))
    assert case.first_contacted_at == NOW


def test_later_contacts_leave_the_first_one_alone(case: Case, agent: User) -> None:
    log_contact(case=case, actor=agent, now=NOW, draft=draft())
    log_contact(case=case, actor=agent, now=LATER, draft=draft())
    assert case.first_contacted_at == NOW


def test_a_promised_contact_makes_a_follow_up_due_at_its_time(case: Case, agent: User) -> None:
    log_contact(case=case, actor=agent, now=NOW, draft=draft(result="appointment", next_contact_at=LATER))
    case.refresh_from_db()
    assert (case.state, case.next_contact_at, case.due_at) == (State.FOLLOW_UP, LATER, LATER)


def test_keeping_the_promise_clears_it(case: Case, agent: User) -> None:
    log_contact(case=case, actor=agent, now=NOW, draft=draft(next_contact_at=LATER))
    log_contact(case=case, actor=agent, now=LATER, draft=draft())
    assert (case.state, case.next_contact_at, case.due_at) == (State.WORKING, None, None)


def test_an_escalated_case_stays_with_the_supervisor(make_case: Callable[..., Case], agent: User) -> None:
    case = make_case(owner=agent, state=State.ESCALATED)
    log_contact(case=case, actor=agent, now=NOW, draft=draft(next_contact_at=LATER))
    assert (case.state, case.due_at) == (State.ESCALATED, LATER)


def test_the_history_tells_how_and_with_what_result(case: Case, agent: User) -> None:
    log_contact(case=case, actor=agent, now=NOW, draft=draft(next_contact_at=LATER))
    line = case.changes.get()
    assert (line.kind, line.actor, line.at) == (CaseChange.Kind.CONTACT, agent, NOW)
    assert line.changes["channel"] == ["", "chat"]
    assert line.changes["result"] == ["", "reached"]
    assert line.changes["state"] == ["new", "follow_up"]
    assert line.changes["next_contact_at"] == ["", LATER.isoformat()]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"next_contact_at": NOW}, "future"),
        ({"next_contact_at": NOW - timedelta(minutes=1)}, "future"),
        ({"result": "appointment"}, "for when"),
    ],
)
def test_a_contact_that_makes_no_sense_is_refused(case: Case, agent: User, given: dict[str, Any], words: str) -> None:
    with translation.override("en"), pytest.raises(ContactRefused, match=words):
        log_contact(case=case, actor=agent, now=NOW, draft=draft(**given))
    assert not ContactEntry.objects.exists()
    assert not case.changes.exists()


def test_a_closed_case_takes_no_contact(make_case: Callable[..., Case], agent: User) -> None:
    case = make_case(owner=agent, state=State.CLOSED, closed_at=NOW, outcome="satisfied")
    with pytest.raises(ContactRefused):
        log_contact(case=case, actor=agent, now=NOW, draft=draft())


def test_only_who_may_work_the_case_logs_a_contact(case: Case, teammate: User, supervisor: User) -> None:
    with pytest.raises(PermissionDenied):
        log_contact(case=case, actor=teammate, now=NOW, draft=draft())
    log_contact(case=case, actor=supervisor, now=NOW, draft=draft())
    assert case.contacts.get().actor == supervisor


def test_a_missed_call_of_the_buyer_stops_no_clock(case: Case, agent: User) -> None:
    entry = log_contact(
        case=case, actor=agent, now=NOW, draft=draft(channel="phone", result="no_answer", direction="incoming")
    )
    case.refresh_from_db()
    assert entry.direction == "incoming"
    assert (case.state, case.first_contacted_at, case.due_at) == (State.NEW, None, NOW)
    log_contact(case=case, actor=agent, now=LATER, draft=draft(direction="incoming"))
    assert (case.state, case.first_contacted_at) == (State.WORKING, LATER)


def test_how_long_a_talk_was_is_kept(case: Case, agent: User) -> None:
    entry = log_contact(case=case, actor=agent, now=NOW, draft=draft(duration_seconds=725))
    assert entry.duration == timedelta(minutes=12, seconds=5)
    assert log_contact(case=case, actor=agent, now=NOW, draft=draft()).duration is None
