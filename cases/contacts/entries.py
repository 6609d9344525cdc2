"""Contacts with the buyer: made within the rules, logged once, never changed."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from cases import history
from cases.contacts import attachments
from cases.contacts.attachments import Intake
from cases.contacts.rules import WRITING_UP, rules_held
from cases.flow import Refused, begin_work, change_case
from cases.models import Case, CaseChange, ContactEntry, ContactRuling, State

Direction = ContactEntry.Direction
Result = ContactEntry.Result


@dataclass(frozen=True, slots=True)
class ContactDraft:
    """What an agent enters about one contact; the fields are those of ContactEntry."""

    channel: str
    result: str
    said: str
    circumstances: str = ""
    next_contact_at: datetime | None = None
    direction: str = Direction.OUTGOING
    duration_seconds: int | None = None
    attachments: tuple[Intake, ...] = ()


class ContactRefused(Refused):
    """The contact cannot be logged as entered."""


@transaction.atomic
def log_contact(*, case: Case, actor: User, now: datetime, draft: ContactDraft) -> ContactEntry:
    """Keep a contact and set the case's clock by it.

    The first entry, answered or not, stops the clock of the first contact, unless it is a call of the buyer's that
    was missed; a promised next contact makes the case one to follow up. An escalated case stays escalated. Raises
    ContactRefused, also where the rules for turning to the buyer stand against it, and PermissionDenied unless
    `actor` may work the case.
    """
    begin_work(case, actor)
    _check(case, draft, now)
    entry = ContactEntry.objects.create(
        case=case,
        at=now,
        actor=actor,
        channel=draft.channel,
        direction=draft.direction,
        result=draft.result,
        said=draft.said,
        circumstances=draft.circumstances,
        next_contact_at=draft.next_contact_at,
        duration_seconds=draft.duration_seconds,
        exception=_permission(case, draft, now),
    )
    changes = _move_clock(case, entry)
    changes |= {"channel": ["", draft.channel], "result": ["", draft.result]}
    if draft.attachments:
        changes["attachments"] = ["", len(draft.attachments)]
    history.record(case=case, kind=CaseChange.Kind.CONTACT, actor=actor, now=now, changes=changes)
    # Last, for files do not go with a transaction that fails.
    attachments.keep(entry, draft.attachments)
    return entry


def is_logged(*, case: Case, actor: User, draft: ContactDraft, among: QuerySet[CaseChange]) -> bool:
    """Whether one of the lines of history `among` tells of a contact by `actor` that says the same as `draft`."""
    moments = among.filter(kind=CaseChange.Kind.CONTACT, actor=actor).values("at")
    same = {field.name: getattr(draft, field.name) for field in fields(draft) if field.name != "attachments"}
    return case.contacts.filter(actor=actor, at__in=moments, **same).exists()


def _check(case: Case, draft: ContactDraft, now: datetime) -> None:
    if not case.is_open:
        raise ContactRefused(_("This case is closed. Reopen it first."))
    if draft.next_contact_at is not None and draft.next_contact_at <= now:
        raise ContactRefused(_("The next contact must lie in the future."), "next_contact_at")
    if draft.result == Result.APPOINTMENT and draft.next_contact_at is None:
        raise ContactRefused(_("A call was arranged: say for when."), "next_contact_at")


def _permission(case: Case, draft: ContactDraft, now: datetime) -> ContactRuling | None:
    """The exception that the contact needs, None where the rules allow it. Raises ContactRefused."""
    rules = rules_held(case, now=now)
    if draft.direction == Direction.INCOMING:
        return None
    began_at = now - WRITING_UP - timedelta(seconds=draft.duration_seconds or 0)
    if refusal := rules.refusal(draft.channel):
        raise ContactRefused(refusal.reason, "channel")
    limit = rules.limit(draft.channel, began_at=began_at)
    if limit and rules.exception is None:
        raise ContactRefused(limit.reason, "channel")
    return rules.exception if limit else None


def _move_clock(case: Case, entry: ContactEntry) -> history.Changes:
    if entry.is_missed and entry.next_contact_at is None:
        return {}
    state = State.FOLLOW_UP if entry.next_contact_at else State.WORKING
    return change_case(
        case,
        state=case.state if case.state == State.ESCALATED else state.value,
        first_contacted_at=case.first_contacted_at or (None if entry.is_missed else entry.at),
        next_contact_at=entry.next_contact_at,
        due_at=entry.next_contact_at,
    )
