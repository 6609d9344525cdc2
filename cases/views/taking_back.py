"""What a person did last, kept in their session for as long as it can be taken back."""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import Count, Q
from django.http import HttpRequest
from django.utils import timezone

from cases.bulk.running import is_undoable
from cases.models import BulkAct, BulkItem, Case, CaseChange
from cases.taking_back import Act, act_upon, line_of
from reviewdesk.access import SignedInRequest

KEPT_AS = "act"
"""Key of the session."""
BULK_KEPT_AS = "bulk_act"
"""Of an act upon many cases, which keeps itself what it changed. One of the two is remembered."""


class Offer(NamedTuple):
    """What was done and can be undone."""

    case: Case
    line: CaseChange


def remember(request: SignedInRequest, case: Case, before: dict[str, object]) -> None:
    """Keep what the person just did to `case`, whose fields were `before`."""
    request.session.pop(BULK_KEPT_AS, None)
    if act := act_upon(case, before=before, actor=request.user):
        request.session[KEPT_AS] = act.kept()
    else:
        request.session.pop(KEPT_AS, None)


def remember_bulk(request: HttpRequest, act: BulkAct) -> None:
    request.session.pop(KEPT_AS, None)
    request.session[BULK_KEPT_AS] = act.pk


def remembered(request: HttpRequest) -> Act | None:
    kept = request.session.get(KEPT_AS)
    return Act(**kept) if kept else None


def offer(request: HttpRequest) -> Offer | None:
    """What can be taken back. One query while something is remembered, else none."""
    act = remembered(request)
    line = line_of(act, timezone.now()) if act else None
    return Offer(line.case, line) if line else None


def bulk_offer(request: HttpRequest) -> BulkAct | None:
    """The last act upon many cases with `count`, how many it was done to, while it is at work or can be taken back. One
    query while one is remembered, else none."""
    pk = request.session.get(BULK_KEPT_AS)
    if pk is None:
        return None
    done = Count("items", filter=Q(items__status=BulkItem.Status.DONE))
    act = BulkAct.objects.filter(pk=pk).annotate(count=done).first()
    return act if act and (act.is_running or is_undoable(act, timezone.now())) else None
