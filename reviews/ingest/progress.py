"""How far an import has come, in figures of its own batch."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from reviews.models import ImportBatch

SPEED_FROM_ROWS = 1000
"""Of fewer rows a speed tells of the start of the job, not of the file."""


class Progress(NamedTuple):
    """`percent` is that of the phase at hand: bytes of the file while reading, rows while storing."""

    percent: int
    done: int
    """Rows read, or rows that have found their place."""
    rows_per_second: int | None
    """Over the whole run so far; None below `SPEED_FROM_ROWS`."""


def progress_of(batch: ImportBatch, now: datetime) -> Progress:
    if batch.status == ImportBatch.Status.MERGING:
        done, percent = batch.merged, _percent(batch.merged + batch.rejected, batch.rows)
    else:
        done, percent = batch.rows, _percent(batch.bytes_read, batch.table_bytes)
    end = batch.finished_at or now
    seconds = (end - batch.started_at).total_seconds() if batch.started_at else 0.0
    return Progress(percent, done, round(done / seconds) if done >= SPEED_FROM_ROWS and seconds > 0 else None)


def _percent(part: int, whole: int) -> int:
    return min(100, part * 100 // whole) if whole else 0
