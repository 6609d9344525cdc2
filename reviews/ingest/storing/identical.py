"""The same file once more, with nothing stored in between: that all of it is known needs no look at its rows."""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from reviews.models import ImportBatch, Review

from ..reading.cells import Reason

Status = ImportBatch.Status
READ_BY = ("kind", "mapping", "encoding", "delimiter", "heading_line", "reading")
"""What decides, besides its bytes, on what is read in a file."""


@transaction.atomic
def settle_identical(batch: ImportBatch) -> bool:
    """Bring `batch`, about to be read, to its end where an import of the same file left it all stored; else False.

    Its counts, refused rows and origins are those that reading it again would come to. A file that is said to cover
    days, or that had rows from the future, is always read: time decides on those. So is an upload, for its preview, and
    a push, for the answers to its items.
    """
    waiting = ImportBatch.objects.select_for_update().filter(pk=batch.pk, status=Status.STAGING).first()
    if waiting is None or waiting.source != ImportBatch.Source.COMMAND or waiting.covers_from or waiting.bytes_read:
        return False
    earlier = earlier_import(waiting)
    if earlier is None or not _is_read_alike(waiting, earlier) or _has_changed_since(earlier, waiting):
        return False
    _copy_rejections(earlier, waiting)
    repeats = earlier.repeats | ({str(earlier.pk): earlier.created} if earlier.created else {})
    ImportBatch.objects.filter(pk=batch.pk).update(
        status=Status.DONE,
        rows=earlier.rows,
        rejected=earlier.rejected,
        unchanged=earlier.rows - earlier.rejected,
        repeats=repeats,
        bytes_read=waiting.table_bytes,
        lines_read=earlier.lines_read,
        finished_at=timezone.now(),
    )
    return True


def earlier_import(batch: ImportBatch) -> ImportBatch | None:
    """The last import of the same file into the same shop."""
    same = ImportBatch.objects.filter(shop=batch.shop_id, digest=batch.digest, status=Status.DONE)
    return same.filter(~Q(digest=""), pk__lt=batch.pk).first()


def _is_read_alike(batch: ImportBatch, earlier: ImportBatch) -> bool:
    if any(getattr(batch, name) != getattr(earlier, name) for name in READ_BY):
        return False
    if earlier.rejected and not earlier.file:
        return False
    return not earlier.rejections.filter(reason=Reason.FUTURE_DATE).exists()


def _has_changed_since(earlier: ImportBatch, batch: ImportBatch) -> bool:
    """Whether anything of the shop may have been stored or taken back, by an import, since `earlier` began to store."""
    since: Any = earlier.started_at
    others = ImportBatch.objects.filter(shop=batch.shop_id).exclude(pk__in=[earlier.pk, batch.pk])
    stored = (
        Q(status=Status.DONE, finished_at__gte=since)
        | Q(status=Status.UNDONE, undone_at__gte=since)
        | Q(status__in=[Status.MERGING, Status.UNDOING])
        | Q(status=Status.FAILED, failed_during__in=[Status.MERGING, Status.UNDOING])
    )
    # A mark that a review was not seen would have to be taken off, were the review in the file.
    unseen = Review.objects.filter(shop=batch.shop_id, not_seen_at__isnull=False)
    return since is None or others.filter(stored).exists() or unseen.exists()


def _copy_rejections(earlier: ImportBatch, batch: ImportBatch) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            'INSERT INTO reviews_importrejection (batch_id, line, "column", value, reason, cells)'
            ' SELECT %s, line, "column", value, reason, cells FROM reviews_importrejection WHERE batch_id = %s',
            [batch.pk, earlier.pk],
        )
