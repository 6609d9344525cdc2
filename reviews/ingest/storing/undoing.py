"""An import is undone: its reviews are withdrawn, not deleted, and what it changed has its earlier values again.

All of it is one transaction: nobody sees half of it, and killed in between it never happened. While it runs, no import
of the same shop stores anything. docs/imports.md says what stands in the way.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reviews.models import CauseDecision, ImportBatch, ImportPart, Review, StagedRow
from reviews.signals import import_undone, undo_considered

from ..errors import UndoRefused
from ..locks import wait_for_coverage, wait_for_imports
from .coverage import withdraw_claim
from .restoring import restore_reviews

Status = ImportBatch.Status
LATER_NAMED = 5
"""Later imports that an obstacle names; the rest it counts."""


def obstacles_to_undo(batch: ImportBatch) -> list[str]:
    """Why `batch` cannot be undone now, in translated sentences; none where it can."""
    return [*_other_imports(batch), *_work_of_people(batch)]


@transaction.atomic
def undo_import(*, batch: ImportBatch, actor: User | None, now: datetime) -> bool:
    """Take back all that `batch` stored; False where there is nothing (any more) to take back.

    Raises UndoRefused, and changes nothing, while something stands in the way.
    """
    wait_for_imports(batch.shop_id)
    wait_for_coverage(batch.shop_id)
    stored = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    if not (stored.is_undoable or stored.status == Status.UNDOING):
        return False
    if obstacles := obstacles_to_undo(stored):
        raise UndoRefused(obstacles)
    undone = {
        "reviews": _withdraw_reviews(stored, now),
        "restored": restore_reviews(stored, now),
        "cases": sum(int(answer or 0) for _receiver, answer in import_undone.send(ImportBatch, batch=stored, now=now)),
        "orders": _remove_orders(stored),
    }
    withdraw_claim(stored)
    # All rows are locked by now: whoever worked on one in the meantime has been waited for, and counts.
    if work := [*_work_of_people(stored)]:
        raise UndoRefused(work)
    StagedRow.objects.filter(batch=stored).delete()
    stored.parts.all().delete()
    ImportBatch.objects.filter(pk=stored.pk).update(
        status=Status.UNDONE, undone=undone, undone_by=actor, undone_at=now, error="", failed_during="", beat_at=now
    )
    return True


def _other_imports(batch: ImportBatch) -> Iterator[str]:
    others = ImportBatch.objects.filter(shop=batch.shop_id).exclude(pk=batch.pk)
    if others.filter(status=Status.MERGING).exists():
        yield _("Another import of this shop is being stored. Wait until it is done.")
    later = sorted(_later_ones(batch))
    if later:
        yield ngettext(
            "A later import holds the same reviews or orders: %(imports)s. Undo it first.",
            "Later imports hold the same reviews or orders: %(imports)s. Undo them first.",
            len(later),
        ) % {"imports": ", ".join([*(f"#{pk}" for pk in later[-LATER_NAMED:]), *(["…"] * (len(later) > LATER_NAMED))])}


def _later_ones(batch: ImportBatch) -> set[int]:
    """Ids of stored imports that tell of reviews which `batch` brought, or may tell of those it changed.

    Which reviews an import found unchanged is not kept, only whose they were. So an import that told something of the
    same origin, after `batch` had changed reviews of it, is taken to hold these.
    """
    begun = ImportPart.objects.filter(batch=OuterRef("pk"), state=ImportPart.State.MERGED)
    is_stored = Q(status__in=[Status.DONE, Status.UNDOING]) | Q(failed_during=Status.UNDOING) | Q(Exists(begun))
    stored = ImportBatch.objects.filter(is_stored, shop=batch.shop_id).exclude(pk=batch.pk)
    later = set(stored.filter(_repeats([str(batch.pk)])).values_list("pk", flat=True))
    revisions = batch.revisions.filter(takes_back=False)
    if first := revisions.order_by("recorded_at").first():
        origins = Review.with_withdrawn.filter(revisions__in=revisions).order_by().values_list("batch", flat=True)
        keys = [str(pk) for pk in origins.distinct()]
        since = Q(finished_at__gt=first.recorded_at) | Q(finished_at=None)
        later |= set(stored.filter(since, _repeats(keys)).values_list("pk", flat=True))
    return later


def _repeats(origins: list[str]) -> Q:
    """Imports that tell of what one of `origins` (ids) had brought; of one that stopped half-way its parts know."""
    of_part = ImportPart.objects.filter(batch=OuterRef("pk"), repeats__has_any_keys=origins)
    return Q(repeats__has_any_keys=origins) | Q(Exists(of_part))


def _work_of_people(batch: ImportBatch) -> Iterator[str]:
    worked = sum(int(answer or 0) for _receiver, answer in undo_considered.send(ImportBatch, batch=batch))
    if worked:
        yield ngettext(
            "Somebody has worked on %(n)s case that came of it.",
            "Somebody has worked on %(n)s cases that came of it.",
            worked,
        ) % {"n": worked}
    changed = Q(review__revisions__batch=batch, review__revisions__takes_back=False) & Q(
        decided_at__gte=F("review__revisions__recorded_at")
    )
    decisions = CauseDecision.objects.filter(Q(review__batch=batch) | changed, review__shop=batch.shop_id)
    decided = decisions.order_by().values("review").distinct().count()
    if decided:
        yield ngettext(
            "Somebody has decided on the causes of %(n)s review that it brought or changed.",
            "Somebody has decided on the causes of %(n)s reviews that it brought or changed.",
            decided,
        ) % {"n": decided}


def _withdraw_reviews(batch: ImportBatch, now: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE reviews_review SET withdrawn_at = %(now)s, updated_at = %(now)s,"
            " identity = 'undone:' || batch_id || ':' || id WHERE batch_id = %(batch)s AND withdrawn_at IS NULL",
            {"now": now, "batch": batch.pk},
        )
        return cursor.rowcount


def _remove_orders(batch: ImportBatch) -> int:
    """Those that the import brought and no review that stays refers to. Facts it filled in of known ones stay."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM reviews_order o WHERE o.batch_id = %(batch)s AND NOT EXISTS (SELECT FROM reviews_review r"
            " WHERE r.shop_id = o.shop_id AND r.order_number = o.number AND r.withdrawn_at IS NULL)",
            {"batch": batch.pk},
        )
        return cursor.rowcount
