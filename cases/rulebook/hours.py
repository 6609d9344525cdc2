"""The shifts and pauses of a shop, and every change of them with its history."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_noop

from cases import rule_history
from cases.clocks.moving import clocks_follow
from cases.history import Changes, shown
from cases.models import Pause, RuleChange, Shift
from cases.rulebook.editing import Edit, begin_edit
from cases.working_time import DayKind, Span
from reviewdesk.access import Role
from reviews.models import Shop

HOURS = RuleChange.Subject.HOURS
SHIFT, PAUSE, DAYS, TIMES, PEOPLE, FROM, UNTIL = (
    gettext_noop("Shift"),
    gettext_noop("Pause"),
    gettext_noop("Days it runs"),
    gettext_noop("Times of day"),
    gettext_noop("People expected"),
    gettext_noop("From when"),
    gettext_noop("Until when"),
)
"""Names that history keeps, and shows in the order of their length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftDraft:
    """What a person enters about a shift; the fields are those of Shift."""

    name: str
    days: str
    weekdays: tuple[int, ...] = ()
    spans: tuple[Span, ...]
    agents: tuple[User, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseDraft:
    """What a person enters about a pause; the fields are those of Pause."""

    starts_at: datetime
    ends_at: datetime
    reason: str


def agents_of(shop: Shop) -> QuerySet[User]:
    """Who can be expected in a shift of `shop`."""
    return shop.members.filter(is_active=True, groups__name=Role.AGENT).order_by("pk")


@transaction.atomic
def save_shift(*, shop: Shop, shift: Shift | None, draft: ShiftDraft, edit: Edit) -> RuleChange | None:
    """Add a shift to `shop`, or change `shift`; None where nothing changed. Running clocks follow.

    Raises what `begin_edit` raises.
    """
    with _editing(shop, edit):
        before = _told(shift) if shift else {}
        kept = write_shift(shop, shift, draft)
    return _record(shop, _changes(before, _told(kept)), edit, {SHIFT: ["", kept.name]})


@transaction.atomic
def remove_shift(*, shift: Shift, edit: Edit) -> None:
    """Take a shift out; without any the default hours hold. Running clocks follow. Raises what `begin_edit` raises."""
    with _editing(shift.shop, edit):
        before = _told(shift)
        shift.delete()
    _record(shift.shop, _changes(before, {}), edit, {})


@transaction.atomic
def save_pause(*, shop: Shop, pause: Pause | None, draft: PauseDraft, edit: Edit) -> RuleChange | None:
    """Let `shop` rest for a time, or change `pause`; None where nothing changed. Running clocks follow.

    Raises what `begin_edit` raises.
    """
    with _editing(shop, edit):
        before = _told_of_pause(pause) if pause else {}
        kept = write_pause(shop, pause, draft)
    return _record(shop, _changes(before, _told_of_pause(kept)), edit, {PAUSE: ["", kept.reason]})


@transaction.atomic
def remove_pause(*, pause: Pause, edit: Edit) -> None:
    """Take a pause out. Running clocks follow. Raises what `begin_edit` raises."""
    with _editing(pause.shop, edit):
        before = _told_of_pause(pause)
        pause.delete()
    _record(pause.shop, _changes(before, {}), edit, {})


@contextmanager
def _editing(shop: Shop, edit: Edit) -> Iterator[None]:
    """What `edit` changes of the hours of `shop`, its running clocks follow. Raises what `begin_edit` raises."""
    begin_edit(edit, shop=shop, subject=HOURS)
    with clocks_follow(shop, actor=edit.actor, now=edit.now, comment=edit.comment):
        yield


def write_shift(shop: Shop, shift: Shift | None, draft: ShiftDraft) -> Shift:
    """The shift as `draft` has it, stored without history: only within `save_shift`, or to be taken back."""
    kept = Shift(pk=shift.pk if shift else None, shop=shop, name=draft.name, days=draft.days)
    kept.weekdays = sorted(draft.weekdays) if draft.days == DayKind.WEEKDAYS else []
    kept.spans = [list(span) for span in draft.spans]
    kept.save()
    kept.agents.set(draft.agents)
    return kept


def write_pause(shop: Shop, pause: Pause | None, draft: PauseDraft) -> Pause:
    """As `write_shift`, of a pause."""
    kept = Pause(pk=pause.pk if pause else None, shop=shop, reason=draft.reason)
    kept.starts_at, kept.ends_at = draft.starts_at, draft.ends_at
    kept.save()
    return kept


def _told(shift: Shift) -> dict[str, str]:
    """What history keeps of a shift: names of people, words of the app in their source."""
    days = rule_history.source(DayKind(shift.days).label)
    if shift.weekdays:
        days = rule_history.joined(WEEKDAYS[day] for day in shift.weekdays)
    return {
        SHIFT: shift.name,
        DAYS: days,
        TIMES: shift.times,
        PEOPLE: ", ".join(str(shown(person)) for person in shift.agents.order_by("pk")),
    }


def _told_of_pause(pause: Pause) -> dict[str, str]:
    return {PAUSE: pause.reason, FROM: _minute(pause.starts_at), UNTIL: _minute(pause.ends_at)}


def _minute(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"


def _changes(before: dict[str, str], after: dict[str, str]) -> Changes:
    titles = after or before
    pairs: Changes = {title: [before.get(title, ""), after.get(title, "")] for title in titles}
    return {title: pair for title, pair in pairs.items() if pair[0] != pair[1]}


def _record(shop: Shop, changes: Changes, edit: Edit, name: Changes) -> RuleChange | None:
    """One line, which says by `name` of what it tells even where that stayed."""
    if not changes:
        return None
    return rule_history.record(
        shop=shop,
        subject=HOURS,
        actor=edit.actor,
        now=edit.now,
        changes=name | changes,
        comment=edit.comment,
    )
