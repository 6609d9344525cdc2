"""The history of a case: written in the transaction of the change it tells of, read on the case page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from cases.models import Case, CaseChange, ContactEntry, Outcome, Remedy, State, Step, Tier
from reviews.causes import full_name
from reviews.models import Review
from reviews.models.review import Rating

Changes = dict[str, list[Any]]
"""Field name -> [old, new]. Codes stay codes, people are given by name, times in ISO form, "" stands for nothing."""


def record(
    *, case: Case, kind: str, actor: User | None, now: datetime, changes: Changes | None = None, comment: str = ""
) -> CaseChange:
    """Write one line of history. Raises RuntimeError outside a transaction: it must stand or fall with its change."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("History is written in the transaction of the change.")
    return CaseChange.objects.create(case=case, at=now, actor=actor, kind=kind, changes=changes or {}, comment=comment)


def shown(value: Any) -> Any:
    """A field's value as history keeps it."""
    if value is None:
        return ""
    if isinstance(value, User):
        return value.get_full_name() or value.get_username()
    if isinstance(value, datetime):
        return value.isoformat()
    return value if isinstance(value, (int, float, list, dict)) else str(value)


class FieldChange(NamedTuple):
    """One field of a line of history as people read it: its name and both values translated, "" for nothing."""

    name: str
    old: str
    new: str


def fields_changed(change: CaseChange) -> list[FieldChange]:
    """The fields of a line of history in the reader's language."""
    return [
        FieldChange(_name(field), _read(field, old), _read(field, new)) for field, (old, new) in change.changes.items()
    ]


def _name(field: str) -> str:
    if field in _NAMES:
        return str(_NAMES[field])
    model = Case if field in {each.name for each in Case._meta.get_fields()} else Review
    return str(model._meta.get_field(field).verbose_name)  # type: ignore[union-attr]


def _read(field: str, value: Any) -> str:
    if value in ("", None, []):
        return ""
    return str(_READERS[field](value) if field in _READERS else value)


def _moment(value: str) -> str:
    return date_format(localtime(datetime.fromisoformat(value)), "SHORT_DATETIME_FORMAT")


_NAMES: dict[str, str | Promise] = {
    "causes": _("causes"),
    "steps_done": _("step"),
    "channel": _("channel"),
    "result": _("result"),
    "kind": _("remedy"),
    "amount": _("worth in yuan"),
    "text": _("public reply"),
    "first_contacted_at": _("first contact"),
}

_READERS: dict[str, Callable[[Any], object]] = {
    "tier": lambda code: Tier(code).label,
    "state": lambda code: State(code).label,
    "outcome": lambda code: Outcome(code).label,
    "steps_done": lambda step: Step(step).label if step else "",
    "channel": lambda code: ContactEntry.Channel(code).label,
    "result": lambda code: ContactEntry.Result(code).label,
    "kind": lambda code: Remedy.Kind(code).label,
    "causes": lambda codes: "; ".join(full_name(code) for code in codes),
    "rating": lambda code: Rating(code).label,
    "due_at": _moment,
    "next_contact_at": _moment,
    "first_contacted_at": _moment,
    "closed_at": _moment,
    "reviewed_at": _moment,
    "append_at": _moment,
    "replied_at": _moment,
}
