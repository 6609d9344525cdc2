"""The way in: a file becomes a batch with a proposed mapping, and a confirmed batch is queued."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from django.core.files import File
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from reviewdesk import queue
from reviews.models import ImportBatch, Shop

from .formats import recognise_layout
from .presets import Preset, recognise_columns

logger = logging.getLogger(__name__)
JOB = "reviews.jobs.run_import"
Status = ImportBatch.Status


def receive_file(
    *, shop: Shop, file: File[Any], uploaded_by: User | None = None, encoding: str = "", preset: Preset | None = None
) -> ImportBatch:
    """Store `file` as a batch that waits for confirmation. Raises UnreadableFile, and stores nothing then."""
    layout = recognise_layout(file, encoding)
    recognised = recognise_columns(layout.headings, preset)
    batch = ImportBatch(
        shop=shop,
        uploaded_by=uploaded_by,
        file_name=(file.name or "").replace("\\", "/").rpartition("/")[2][-255:],
        file_bytes=file.size,
        encoding=layout.encoding,
        delimiter=layout.delimiter,
        heading_line=layout.heading_line,
        headings=layout.headings,
        mapping=recognised.mapping,
        preset=recognised.preset,
    )
    file.seek(0)
    # The name on the user's disk may tell of people; it is shown to admins only and names no file here.
    batch.file.save(f"{secrets.token_hex(8)}.csv", file, save=True)
    return batch


def choose_columns(batch: ImportBatch, mapping: Mapping[str, int]) -> None:
    """Use `mapping` (field name -> column index) for a batch that still waits. Later changes nothing."""
    ImportBatch.objects.filter(pk=batch.pk, status=Status.UPLOADED).update(mapping=dict(mapping))


def start_import(batch: ImportBatch) -> bool:
    """Queue a batch that waits for confirmation, or that failed and is to go on. False when somebody else just did."""
    try:
        return _queue(batch)
    except queue.RedisError:
        # The batch is marked as queued: the sweep takes it up once Redis is back.
        logger.warning("Import %s waits for the sweep, Redis cannot be reached", batch.pk)
        return True


def _queue(batch: ImportBatch) -> bool:
    with transaction.atomic():
        waiting = ImportBatch.objects.filter(pk=batch.pk, status__in=[Status.UPLOADED, Status.FAILED])
        if not waiting.update(status=Status.QUEUED, error="", beat_at=timezone.now(), finished_at=None):
            return False
        queue.enqueue(JOB, batch.pk)
    return True


def earlier_import(batch: ImportBatch) -> ImportBatch | None:
    """The last import of what looks like the same file: same shop, name and size."""
    same = ImportBatch.objects.filter(shop=batch.shop_id, file_name=batch.file_name, file_bytes=batch.file_bytes)
    return same.filter(~Q(status=Status.UPLOADED), pk__lt=batch.pk).first()
