"""Brings a bulk act through: look ahead, do, take back. Few cases at once, many in a worker.

Cases are taken part by part, a part being one transaction with what came of each case in it: killed in between, an act
goes on behind the last whole part. A part first holds its act, then its shops, then its cases by their ids, so that
neither two workers nor a person at one of the cases can come to wait for each other in a circle.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Max, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from cases import taking_back
from cases.assignment import lock_shops
from cases.bulk.deeds import UNDOABLE, deed_of
from cases.flow import Refused
from cases.models import BulkAct, BulkItem, Case, CaseChange
from cases.taking_back import LASTS, Act, act_upon, fields_of
from reviewdesk import queue

logger = logging.getLogger(__name__)
JOB = "cases.jobs.carry_bulk_act"
AT_ONCE = 100
"""Acts upon more cases are left to a worker."""
PART = 20
QUIET = timedelta(seconds=60)
"""An act without a sign of life for this long has lost its worker, or its job."""
KEPT = timedelta(days=30)
"""An act is forgotten afterwards; the histories of its cases keep what was done."""
Status = BulkAct.Status
ItemStatus = BulkItem.Status
LEFT = {Status.LOOKING: ItemStatus.CHOSEN, Status.DOING: ItemStatus.WILL, Status.UNDOING: ItemStatus.DONE}
"""Status of a running act -> that of the items it has still to do."""
ENDS = {Status.LOOKING: Status.FORESEEN, Status.DOING: Status.DONE, Status.UNDOING: Status.UNDONE}


def look_ahead(*, act: BulkAct, details: dict[str, object], now: datetime) -> None:
    """Find out what the act would do with `details`, each case by its own rules; nothing is done.

    Raises Refused once it has begun.
    """
    with transaction.atomic():
        _begin(act, {Status.CHOSEN, Status.FORESEEN}, Status.LOOKING, now)
        act.items.update(status=ItemStatus.CHOSEN, reason="", line=None)
        act.details = details
        act.save(update_fields=["details"])
    _start(act)


def carry_out(*, act: BulkAct, now: datetime) -> None:
    """Do to each case what was foreseen; what is refused meanwhile is left with its reason. Raises Refused unless it is
    foreseen and not done yet."""
    with transaction.atomic():
        _begin(act, {Status.FORESEEN}, Status.DOING, now)
    _start(act)


def take_back(*, act: BulkAct, now: datetime) -> None:
    """Take the act back from every case that has not changed since. Raises Refused where it is too late."""
    with transaction.atomic():
        if not is_undoable(act, now):
            raise Refused(_("This can no longer be taken back."))
        _begin(act, {Status.DONE}, Status.UNDOING, now)
    _start(act)


def is_undoable(act: BulkAct, now: datetime) -> bool:
    is_done = act.status == Status.DONE and act.kind in UNDOABLE
    return is_done and act.done_at is not None and now - act.done_at <= LASTS


def run(act_id: int) -> None:
    """Bring what the act is at to its end; returns at once where it is at nothing. A database that went away is raised,
    and a later run goes on; what else stops it is written to the act."""
    act = BulkAct.objects.select_related("actor").get(pk=act_id)
    with translation.override(act.language):
        try:
            while _part(act_id, timezone.now()):
                pass
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            logger.exception("Bulk act %s stopped", act_id)
            BulkAct.objects.filter(pk=act_id).update(status=Status.FAILED, beat_at=None)


def resume_quiet(*, now: datetime) -> int:
    """Queue acts that have gone quiet once more; how many."""
    quiet = BulkAct.objects.filter(beat_at__lt=now - QUIET, status__in=BulkAct.RUNNING)
    found = [pk for pk in quiet.values_list("pk", flat=True) if quiet.filter(pk=pk).update(beat_at=now)]
    for pk in found:
        queue.enqueue(JOB, pk)
    return len(found)


def forget_old(*, now: datetime) -> None:
    BulkAct.objects.filter(made_at__lt=now - KEPT).delete()


def _begin(act: BulkAct, allowed: set[Status], status: Status, now: datetime) -> None:
    held = BulkAct.objects.select_for_update().get(pk=act.pk)
    if held.status not in allowed:
        raise Refused(_("This was begun already."))
    act.status, act.beat_at = status, now
    act.save(update_fields=["status", "beat_at"])


def _start(act: BulkAct) -> None:
    if act.items.count() <= AT_ONCE:
        run(act.pk)
        act.refresh_from_db()
        return
    queue.ask_for(JOB, act.pk)


@transaction.atomic
def _part(act_id: int, now: datetime) -> bool:
    """Whether there was one."""
    act = BulkAct.objects.select_related("actor").select_for_update(of=("self",)).get(pk=act_id)
    if not act.is_running:
        return False
    status = Status(act.status)
    items = list(act.items.filter(status=LEFT[status])[:PART])
    if items:
        PARTS[status](act, items, now)
        BulkItem.objects.bulk_update(items, ["status", "reason", "line", "before"])
        act.beat_at = now
    else:
        act.status, act.beat_at = ENDS[status], None
        act.done_at = now if status == Status.DOING else act.done_at
    act.save(update_fields=["status", "beat_at", "done_at"])
    return bool(items)


@transaction.atomic
def _look(act: BulkAct, items: list[BulkItem], now: datetime) -> None:
    """Do it, and undo the transaction: what was told to anybody was told within it."""
    ahead = set(act.items.filter(status=ItemStatus.WILL).values_list("case", flat=True))
    cases = _held([*ahead, *(item.case_id for item in items)])
    if act.kind == BulkAct.Kind.CLAIM:
        # Each takes up room of those that follow.
        Case.objects.filter(pk__in=ahead, owner=None).update(owner=act.actor)
    last = _last_lines(items)
    do = deed_of(act)
    for item in items:
        item.line = last.get(item.case_id)
        item.reason = _attempt(partial(do, cases[item.case_id], now))
        item.status = ItemStatus.WILL_NOT if item.reason else ItemStatus.WILL
    transaction.set_rollback(True)


def _do(act: BulkAct, items: list[BulkItem], now: datetime) -> None:
    cases = _held(item.case_id for item in items)
    last = _last_lines(items)
    do = deed_of(act)
    for item in items:
        case = cases[item.case_id]
        before = fields_of(case)
        item.reason = _("Somebody worked on it meanwhile.")
        if last.get(item.case_id) == item.line:
            item.reason = _attempt(partial(do, case, now))
        item.status = ItemStatus.REFUSED if item.reason else ItemStatus.DONE
        done = None if item.reason else act_upon(case, before=before, actor=act.actor)
        item.line, item.before = (done.line, done.before) if done else (None, {})


def _undo(act: BulkAct, items: list[BulkItem], now: datetime) -> None:
    cases = _held(item.case_id for item in items)
    for item in items:
        kept = Act(item.case_id, item.line, item.before) if item.line else None
        case = cases[item.case_id]
        item.reason = _attempt(partial(taking_back.take_back, case=case, act=kept, actor=act.actor, now=now))
        item.status = ItemStatus.KEPT if item.reason else ItemStatus.UNDONE


PARTS: dict[Status, Callable[[BulkAct, list[BulkItem], datetime], None]] = {
    Status.LOOKING: _look,
    Status.DOING: _do,
    Status.UNDOING: _undo,
}


def _attempt(deed: Callable[[], object]) -> str:
    """Why it was refused, "" once it is done."""
    try:
        with transaction.atomic():
            deed()
    except Refused as refusal:
        return str(refusal)
    return ""


def _held(ids: Iterable[int]) -> dict[int, Case]:
    """The cases by their ids, locked."""
    cases: QuerySet[Case] = Case.with_undone.filter(pk__in=list(ids))
    lock_shops(cases.values_list("shop", flat=True).distinct())
    held = cases.select_related("shop", "owner").order_by("pk").select_for_update(of=("self",))
    return {case.pk: case for case in held}


def _last_lines(items: list[BulkItem]) -> dict[int, int]:
    """Case -> the last line of its history that a person wrote."""
    lines = CaseChange.objects.filter(actor__isnull=False, case__in=[item.case_id for item in items])
    return dict(lines.order_by().values_list("case").annotate(last=Max("pk")))
