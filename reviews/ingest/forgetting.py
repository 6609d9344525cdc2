"""An import's file tells of people. It goes some time after the import ended; what was stored of it stays."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Coalesce

from reviews.ingest.keeping import clear_strays
from reviews.models import ImportBatch

Status = ImportBatch.Status
ENDED = Q(status__in=[Status.DONE, Status.UNDONE, Status.DISCARDED]) | Q(status=Status.FAILED, failed_during="")
"""One that stopped half-way keeps its file until somebody goes on with it or gives it up."""


def forget_files(*, now: datetime) -> int:
    """Delete the files of imports that ended IMPORT_FILE_KEPT_DAYS ago; of how many imports.

    Of their refused rows the line, the column and the reason stay, and the cells go.
    """
    cutoff = now - timedelta(days=settings.IMPORT_FILE_KEPT_DAYS)
    kept = ImportBatch.objects.filter(ENDED).exclude(file="").alias(ended_at=Coalesce("finished_at", "uploaded_at"))
    over = list(kept.filter(ended_at__lte=cutoff).order_by("pk"))
    for batch in over:
        _forget(batch)
    return len(over)


@transaction.atomic
def _forget(batch: ImportBatch) -> None:
    # The files first: were they left for later and that never came, nothing would know of them any more.
    if batch.table:
        batch.table.delete(save=False)
    is_shared = ImportBatch.objects.filter(file=batch.file.name).exclude(pk=batch.pk).exists()
    if not is_shared:
        clear_strays(batch.file)
        batch.file.delete(save=False)
    batch.rejections.update(value="", cells=[])
    ImportBatch.objects.filter(pk=batch.pk).update(file="", table="", samples={})
