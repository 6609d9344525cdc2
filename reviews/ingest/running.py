"""An import from confirmation to its end, wherever it was left: the worker, the command and a restart come here."""

from __future__ import annotations

import logging

from django.db import InterfaceError, OperationalError
from django.utils import timezone
from django.utils.translation import gettext as _

from reviews.models import ImportBatch

from .errors import UnreadableFile
from .locks import alone_on_batch
from .merging import merge_rows
from .staging import discard_staged, finish_staging, stage_rows

logger = logging.getLogger(__name__)
Status = ImportBatch.Status


def run(batch_id: int) -> None:
    """Bring an import to its end. Returns at once where it has ended, waits for confirmation, or runs elsewhere.

    What stops it is written to the batch; a database that went away is raised instead, and a later run goes on.
    """
    with alone_on_batch(batch_id) as is_mine:
        if not is_mine:
            return
        batch = ImportBatch.objects.select_related("shop").get(pk=batch_id)
        if not batch.is_running:
            return
        try:
            _work(batch)
        except UnreadableFile as error:
            discard_staged(batch)
            _fail(batch, str(error))
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            logger.exception("Import %s stopped", batch_id)
            _fail(
                batch,
                _("The import stopped unexpectedly (%(error)s). What is stored stays; “Go on” continues behind it.")
                % {"error": type(error).__name__},
            )


def _work(batch: ImportBatch) -> None:
    if batch.status == Status.QUEUED:
        # A run that failed while merging has nothing left to read: its rows are staged.
        batch.status = Status.STAGING
        batch.started_at = batch.started_at or timezone.now()
        batch.beat_at = timezone.now()
        batch.save(update_fields=["status", "started_at", "beat_at"])
    if batch.status == Status.STAGING:
        stage_rows(batch, batch.started_at or timezone.now())
        finish_staging(batch)
    merge_rows(batch)
    ImportBatch.objects.filter(pk=batch.pk).update(status=Status.DONE, finished_at=timezone.now())


def _fail(batch: ImportBatch, error: str) -> None:
    ImportBatch.objects.filter(pk=batch.pk).update(status=Status.FAILED, error=error, finished_at=timezone.now())
