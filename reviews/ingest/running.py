"""An import from its arrival to its end, wherever it was left: workers, the command and a restart come here.

received → staging → ready (until a person confirms) → merging → done. Any number of workers may run one import at once:
they share its parts, and whoever finishes the last part of a phase opens the next one.
"""

from __future__ import annotations

import gc
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from reviewdesk import queue
from reviewdesk.uploads import is_disk_full
from reviews.models import ImportBatch, ImportPart, StagedRow
from reviews.signals import import_stored
from reviews.text_search.entries import queue_search

from .errors import UndoRefused, UnreadableFile
from .forecast import FORESEEN, foresee
from .locks import alone_on_batch
from .reading.recognition import recognise, unpack_upload
from .staging import forget_given_up, stage_parts, unite_lines
from .storing.coverage import compare_with_stored
from .storing.identical import settle_identical
from .storing.joining import join_staged
from .storing.merging import merge_parts
from .storing.undoing import undo_import

logger = logging.getLogger(__name__)
JOB = "reviews.jobs.run_import"
TURN_SECONDS = 5.0
"""How long a worker stays with one import while other jobs wait."""
PARTS_WORTH_HELP = 4
"""From so many parts on another worker is asked to join."""
SOUGHT_BY = ("batch_id", "line", "identity", "order_number", "product_title", "item_id")
"""Columns by which staged rows are found and joined."""
Status = ImportBatch.Status
State = ImportPart.State


def queue_import(batch_id: int) -> None:
    """Have a worker bring an import on once the transaction has committed; without Redis it waits for the sweep."""
    queue.ask_for(JOB, batch_id)


def run(batch_id: int, *, takes_turns: bool = False) -> None:
    """Bring an import on, as far as it goes without a person, or until nothing of it is left for this worker.

    What stops it is written to the batch; a database that went away is raised instead, and a later run goes on. A
    worker that `takes_turns` queues the rest again after a while when others wait.
    """
    batch = ImportBatch.objects.select_related("shop").get(pk=batch_id)
    turn_ends = time.monotonic() + TURN_SECONDS if takes_turns else None
    try:
        while batch.is_running and PHASES[Status(batch.status)](batch, turn_ends):
            batch.refresh_from_db()
    except UnreadableFile as error:
        _refuse(batch, str(error))
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        logger.exception("Import %s stopped", batch_id)
        _stop(batch, _reason(error))


def _reason(error: Exception) -> str:
    if is_disk_full(error):
        return _("There is no room on the disk of the server. Tell whoever runs it; then “Go on” continues.")
    return _("The import stopped unexpectedly (%(error)s). What is stored stays; “Go on” continues behind it.") % {
        "error": type(error).__name__
    }


def _recognise(batch: ImportBatch, turn_ends: float | None) -> bool:
    with alone_on_batch(batch.pk) as is_mine:
        batch.refresh_from_db()
        if is_mine and batch.status == Status.RECEIVED:
            batch.started_at = batch.beat_at = timezone.now()
            batch.save(update_fields=["started_at", "beat_at"])
            for table in unpack_upload(batch):
                queue_import(table.pk)
            recognise(batch)
            settle_identical(batch)
    return is_mine


def _stage(batch: ImportBatch, turn_ends: float | None) -> bool:
    return _work_through(batch, stage_parts(batch), turn_ends) and _finish_staging(batch)


def _merge(batch: ImportBatch, turn_ends: float | None) -> bool:
    return _work_through(batch, merge_parts(batch), turn_ends) and _finish_merging(batch)


def _undo(batch: ImportBatch, turn_ends: float | None) -> bool:
    with alone_on_batch(batch.pk) as is_mine:
        if is_mine:
            try:
                undo_import(batch=batch, actor=batch.undone_by, now=timezone.now())
            except UndoRefused as refusal:
                _leave_as_stored(batch, str(refusal))
    return False


def _leave_as_stored(batch: ImportBatch, error: str) -> None:
    """What stands in the way came up after the undo was asked for: the import is what it was before."""
    is_whole = not batch.parts.exists()
    status, failed_during = (Status.DONE, "") if is_whole else (Status.FAILED, Status.MERGING)
    ImportBatch.objects.filter(pk=batch.pk, status=Status.UNDOING).update(
        status=status, failed_during=failed_during, error=error, undone_by=None
    )


PHASES: dict[Status, Callable[[ImportBatch, float | None], bool]] = {
    Status.RECEIVED: _recognise,
    Status.STAGING: _stage,
    Status.MERGING: _merge,
    Status.UNDOING: _undo,
}
"""What is done in a status; True when there may be more to do for this worker."""


def _work_through(batch: ImportBatch, parts: Iterator[None], turn_ends: float | None) -> bool:
    """False when the turn was over before the parts were."""
    while _is_one_done(parts):
        if turn_ends is None:
            continue
        _ask_for_help(batch)
        if time.monotonic() > turn_ends and queue.is_anyone_waiting():
            queue_import(batch.pk)
            return False
    return True


def _is_one_done(parts: Iterator[None]) -> bool:
    """Do the next of `parts`, if any is left.

    Meanwhile nobody looks for garbage in cycles: rows hold none, and the looks took a fifth of the time. What cases
    leave of it goes afterwards, while it is still the youngest: later it would stay until much more has gathered.
    """
    was_collecting = gc.isenabled()
    gc.disable()
    try:
        return next(parts, False) is None
    finally:
        if was_collecting:
            gc.enable()
            gc.collect(0)


def _ask_for_help(batch: ImportBatch) -> None:
    """Have an idle worker join in, where enough is left for two."""
    if batch.status == Status.MERGING:
        left = batch.parts.filter(state=State.STAGED).count()
    else:
        batch.refresh_from_db(fields=["bytes_read"])
        left = batch.parts.count() * (batch.table_bytes - batch.bytes_read) // max(1, batch.bytes_read)
    if left >= PARTS_WORTH_HELP and queue.has_idle_worker():
        queue_import(batch.pk)


def _finish_staging(batch: ImportBatch) -> bool:
    """Once all is read: unite lines about one review, say what storing would come to, and open the second half."""
    if batch.parts.filter(state=State.OPEN).exists():
        return False
    with connection.cursor() as cursor:
        # Without fresh statistics the planner would take the table for empty here, and later every part for a third.
        # Inside the transaction its lock would make the imports of all shops wait for this one.
        cursor.execute(f"ANALYZE reviews_stagedrow ({', '.join(SOUGHT_BY)})")
    with transaction.atomic(), connection.cursor() as cursor:
        if not _is_over(batch, Status.STAGING, left=[State.OPEN]):
            return False
        batch.unchanged += unite_lines(cursor, batch)
        join_staged(cursor, batch)
        if not batch.is_confirmed:
            foresee(cursor, batch)
        batch.status = Status.MERGING if batch.is_confirmed else Status.READY
        batch.beat_at = batch.phase_at = timezone.now()
        batch.phase_rows = batch.rows_done(batch.status)
        batch.save(update_fields=["status", "unchanged", *FORESEEN, "beat_at", "phase_at", "phase_rows"])
        if batch.is_confirmed:
            compare_with_stored(batch, batch.beat_at)
    return True


def _finish_merging(batch: ImportBatch) -> bool:
    with transaction.atomic():
        if not _is_over(batch, Status.MERGING, left=[State.OPEN, State.STAGED]):
            return False
        repeats: Counter[str] = Counter()
        for of_part in batch.parts.values_list("repeats", flat=True):
            repeats.update(of_part)
        import_stored.send(sender=ImportBatch, batch=batch, now=timezone.now())
        StagedRow.objects.filter(batch=batch).delete()
        batch.parts.all().delete()
        ImportBatch.objects.filter(pk=batch.pk).update(
            status=Status.DONE, repeats=dict(repeats), finished_at=timezone.now()
        )
        if batch.kind == ImportBatch.Kind.REVIEWS:
            queue_search()
    return True


def _is_over(batch: ImportBatch, status: ImportBatch.Status, left: list[ImportPart.State]) -> bool:
    """Lock the batch, unless another worker has it, and see whether its phase is at its end."""
    locked = (
        ImportBatch.objects.select_for_update(skip_locked=True, no_key=True).filter(pk=batch.pk, status=status).first()
    )
    if locked is None or batch.parts.filter(state__in=left).exists():
        return False
    batch.refresh_from_db()
    return True


def _refuse(batch: ImportBatch, error: str) -> None:
    """The file as a whole cannot be imported: nothing of it is kept but the file itself."""
    _fail(batch, error, failed_during="")
    forget_given_up(batch)


def _stop(batch: ImportBatch, error: str) -> None:
    # What is stored says where to go on: `batch` may already be in the next phase, and its transaction rolled back.
    _fail(batch, error, failed_during=F("status"))


def _fail(batch: ImportBatch, error: str, *, failed_during: str | F) -> None:
    running = ImportBatch.objects.filter(pk=batch.pk, status__in=ImportBatch.RUNNING)
    running.update(status=Status.FAILED, error=error, failed_during=failed_during, finished_at=timezone.now())
