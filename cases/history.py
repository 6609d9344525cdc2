"""The history of a case, written in the transaction of the change it tells of."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from cases.models import Case, CaseChange
from reviewdesk.access import name_of

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
        return name_of(value)
    if isinstance(value, datetime):
        return value.isoformat()
    return value if isinstance(value, (int, float, list)) else str(value)
