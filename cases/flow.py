"""Working a case: who may, the steps of the call in their order, and its tier."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from cases import history
from cases.clocks.pace import pace_of
from cases.models import Case, CaseChange, ContactEntry, Step, Tier
from cases.notices.telling import tell_urgent
from reviewdesk.access import Role, has_role
from reviews.models import shops_of


class Refused(Exception):
    """What was asked does not fit the case as it stands. The message says why, translated, to the person who asked;
    `field` names what of the entered is to be changed, "" where nothing of it is at fault.
    """

    def __init__(self, message: str | Promise, field: str = "") -> None:
        super().__init__(str(message))
        self.field = field


class StepNotDue(Refused):
    """The step is not the next one."""


class CaseGone(Refused):
    """The import that opened the case was undone, and the case with it."""

    def __init__(self) -> None:
        super().__init__(_("The import of this review was undone, and its case with it."))


class CaseClosed(Refused):
    """The case is closed; it must be reopened first."""

    def __init__(self) -> None:
        super().__init__(_("This case is closed. Reopen it first."))


def may_supervise(case: Case, user: User) -> bool:
    """Whether `user` is a supervisor of the case's shop, or an admin."""
    return has_role(user, Role.SUPERVISOR) and case.shop_id in shops_of(user)


def may_work(case: Case, user: User) -> bool:
    """Whether `user` may change the case: its owner as long as they belong to the shop, or whoever supervises it."""
    if case.owner_id == user.pk and has_role(user, Role.AGENT):
        return case.shop_id in shops_of(user)
    return may_supervise(case, user)


def lock_case(case: Case) -> None:
    """Bring `case` up to date and hold its row until the transaction ends. Raises CaseGone for an undone one."""
    case.refresh_from_db(from_queryset=Case.with_undone.select_for_update())
    if case.is_undone:
        raise CaseGone


def begin_work(case: Case, actor: User) -> None:
    """Lock the case for `actor`. Raises PermissionDenied where they may not work it.

    What a supervisor answered comes first in the owner's queue until the owner begins the next work here.
    """
    lock_case(case)
    if not may_work(case, actor):
        raise PermissionDenied
    if case.answered_at and case.owner_id == actor.pk:
        change_case(case, answered_at=None)


def begin_open_work(case: Case, actor: User) -> None:
    """As `begin_work`; raises CaseClosed for a closed case too."""
    begin_work(case, actor)
    if not case.is_open:
        raise CaseClosed


def set_fields(case: Case, **fields: Any) -> history.Changes:
    """Set `fields` without saving, and answer what really changed, for the history."""
    changes: history.Changes = {}
    for name, value in fields.items():
        before = getattr(case, name)
        if before != value:
            changes[name] = [history.shown(before), history.shown(value)]
            setattr(case, name, value)
    return changes


def change_case(case: Case, **fields: Any) -> history.Changes:
    """As `set_fields`, and saved."""
    changes = set_fields(case, **fields)
    case.save(update_fields=list(changes))
    return changes


def contact_deadline(case: Case, now: datetime) -> datetime:
    """When a contact that became due at `now` is to be made, by the pace of the case's shop."""
    return pace_of(case.shop).due(now)


@transaction.atomic
def finish_step(*, case: Case, step: int, actor: User, now: datetime, reason: str = "") -> CaseChange:
    """Tick off `step` of the call flow. Raises StepNotDue unless it is the next one in order.

    Steps are taken with the buyer: without a logged contact StepNotDue is raised too, unless a `reason` is given.
    """
    begin_open_work(case, actor)
    if step != case.steps_done + 1 or step not in Step.values:
        raise StepNotDue(_("The steps are taken in their order: an earlier one is not done yet, or this one is."))
    if not reason and not has_talked(case.contacts.all(), case.changes.filter(kind=CaseChange.Kind.REOPENED)):
        raise StepNotDue(_("Log the contact with the buyer first, or say why the step is done without one."))
    changes = change_case(case, steps_done=step)
    kind = CaseChange.Kind.STEP
    return history.record(case=case, kind=kind, actor=actor, now=now, changes=changes, comment=reason)


def has_talked(contacts: Iterable[ContactEntry], changes: Iterable[CaseChange]) -> bool:
    """Whether the shop turned to the buyer, or answered, since the case was opened or last reopened.

    `contacts` are those of the case, `changes` its history, as far as it was reopened in it.
    """
    reopened = [change.at for change in changes if change.kind == CaseChange.Kind.REOPENED]
    talks = [entry.at for entry in contacts if not entry.is_missed]
    return any(at >= max(reopened, default=at) for at in talks)


@transaction.atomic
def choose_tier(*, case: Case, tier: str, actor: User, now: datetime, comment: str = "") -> CaseChange:
    """Set the tier by a person's decision: no rule changes it afterwards. Raises ValueError for an unknown tier."""
    begin_open_work(case, actor)
    changes = {"tier": [case.tier, Tier(tier).value]}
    case.tier, case.is_tier_chosen = Tier(tier).value, True
    case.save(update_fields=["tier", "is_tier_chosen"])
    tell_urgent([case], now=now, actor=actor)
    return history.record(case=case, kind=CaseChange.Kind.TIER, actor=actor, now=now, changes=changes, comment=comment)
