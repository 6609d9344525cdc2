"""An import is undone: the cases that it opened go with it, those that it opened again close as they had been."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from cases import history
from cases.assignment import lock_shops
from cases.flow import set_fields
from cases.models import Case, CaseChange, Outcome, State
from cases.settling.proofs import credits
from cases.standing import policies_of
from reviews.ingest.storing.bulk import copy_rows
from reviews.models import ImportBatch, ReviewRevision

Kind = CaseChange.Kind
CLOSED_AT_ONCE = 5_000
"""Bounds memory."""


def worked_cases(sender: object = None, *, batch: ImportBatch, **_: Any) -> int:
    """How many cases of reviews that `batch` brought, or changed, people have worked on since.

    Every act of a person has its line of history; who was merely assigned by the system has done nothing yet.

    Receives reviews.signals.undo_considered.
    """
    by_people = CaseChange.objects.filter(case=OuterRef("pk"), actor__isnull=False)
    brought = Case.with_undone.filter(Exists(by_people), shop=batch.shop_id, review__batch=batch).count()
    since = Q(case__review__revisions__batch=batch, case__review__revisions__takes_back=False) & Q(
        at__gte=F("case__review__revisions__recorded_at")
    )
    changed = CaseChange.objects.filter(since, actor__isnull=False, case__shop=batch.shop_id)
    return brought + changed.order_by().values("case").distinct().count()


def take_back_cases(sender: object = None, *, batch: ImportBatch, now: datetime, **_: Any) -> int:
    """Close the cases that `batch` opened as undone, and those that it opened again as they were; how many.

    Receives reviews.signals.import_undone: nobody has worked on them.
    """
    lock_shops([batch.shop_id])
    opened = Case.objects.filter(shop=batch.shop_id)
    return (
        _close_undone(opened.filter(review__batch=batch), now)
        + _close_undone(opened.filter(Exists(_revised_when(batch, "opened_at"))), now)
        + _close_again(batch, now)
    )


def _revised_when(batch: ImportBatch, moment: str) -> QuerySet[ReviewRevision]:
    """The change that `batch` made to a case's review at the `moment` in question (field of the case), if any."""
    return batch.revisions.filter(review=OuterRef("review"), recorded_at=OuterRef(moment), takes_back=False)


def _close_undone(cases: QuerySet[Case], now: datetime) -> int:
    states = dict(cases.order_by("pk").select_for_update(of=("self",)).values_list("pk", "state"))
    lines = (
        (pk, now, Kind.CLOSED.value, json.dumps({"state": [state, State.CLOSED], "outcome": ["", Outcome.UNDONE]}), "")
        for pk, state in states.items()
    )
    copy_rows(CaseChange, ("case", "at", "kind", "changes", "comment"), lines)
    ids = list(states)
    for start in range(0, len(ids), CLOSED_AT_ONCE):
        Case.objects.filter(pk__in=ids[start : start + CLOSED_AT_ONCE]).update(
            state=State.CLOSED, outcome=Outcome.UNDONE, closed_at=now, due_at=None, next_contact_at=None
        )
    return len(states)


def _close_again(batch: ImportBatch, now: datetime) -> int:
    """Close cases that a change by `batch` had opened again, with what they were closed as."""
    count = 0
    for line in _reopenings(batch):
        case = Case.objects.select_for_update().get(pk=line.case_id)
        before = {name: _as_stored(name, old) for name, (old, _new) in line.changes.items()}
        if _was_assigned_since(case, line):
            before["owner"] = None
        before |= _proof_taken(case, line.at)
        changes = set_fields(case, **before)
        case.save(update_fields=list(before))
        history.record(case=case, kind=Kind.CLOSED, actor=None, now=now, changes=changes)
        count += 1
    return count


def _reopenings(batch: ImportBatch) -> Iterator[CaseChange]:
    made = batch.revisions.filter(review=OuterRef("case__review"), recorded_at=OuterRef("at"), takes_back=False)
    lines = CaseChange.objects.filter(Exists(made), kind=Kind.REOPENED, actor=None, case__shop=batch.shop_id)
    return lines.order_by("case_id").iterator()


def _proof_taken(case: Case, at: datetime) -> dict[str, Any]:
    """The fields of the proof that the change at that moment took from the case, none where it took none."""
    line = case.changes.filter(kind=Kind.UNPROVEN, at=at, actor=None).first()
    if line is None:
        return {}
    proven, proven_at = line.changes["proven"][0], datetime.fromisoformat(line.changes["proven_at"][0])
    credited_to = credits([case], policies_of([case.shop_id]), proven_at).get(case.pk)
    return {"proven": proven, "proven_at": proven_at, "credited_to": credited_to}


def _as_stored(name: str, old: Any) -> Any:
    """A field's value from history, where "" stands for nothing."""
    return Case._meta.get_field(name).to_python(old or None) if name.endswith("_at") else old  # type: ignore[union-attr]


def _was_assigned_since(case: Case, line: CaseChange) -> bool:
    """Whether it had no owner when it was opened again."""
    return case.changes.filter(kind=Kind.ASSIGNED, actor=None, at__gte=line.at).exists()
