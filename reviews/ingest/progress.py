"""How far an import has come, in figures of its own batch."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from reviews.models import ImportBatch

SPEED_FROM_ROWS = 1000
"""Of fewer rows a speed tells of the start of the job, not of the file."""
SECONDS_TOLD = 90
Status = ImportBatch.Status


class Progress(NamedTuple):
    """How far the phase at hand is: `percent` of the file's bytes while reading, of its rows while storing.

    None where nobody can tell.
    """

    percent: int | None
    done: int
    """Rows read, or rows that have found their place."""
    total: int | None
    """Of how many; None while reading: the file's end is not known yet."""
    rows_per_second: int | None
    """In this phase, since it was begun or taken up again; None below `SPEED_FROM_ROWS`."""
    seconds_left: int | None
    """At that speed, until the end of this phase."""

    @property
    def minutes_left(self) -> int | None:
        """Rather than seconds, where there are many."""
        is_long = self.seconds_left is not None and self.seconds_left > SECONDS_TOLD
        return round(self.seconds_left / 60) if is_long and self.seconds_left else None


def progress_of(batch: ImportBatch, now: datetime) -> Progress:
    done = batch.rows_done(batch.status)
    is_storing = batch.status == Status.MERGING
    share = _share(done, batch.rows) if is_storing else _share(batch.bytes_read, batch.table_bytes)
    speed = _speed(done - batch.phase_rows, batch.phase_at, now)
    # While reading, the rows to come are as many as the bytes left hold at the length of those read.
    left = done / share - done if share else 0.0
    return Progress(
        int(share * 100) if batch.status in (Status.STAGING, Status.MERGING) else None,
        done,
        batch.rows if is_storing else None,
        round(speed) if speed else None,
        round(left / speed) if speed and share else None,
    )


def overall_speed(batch: ImportBatch) -> int | None:
    """Rows per second of an import that has ended; None where it was too short to tell."""
    return round(batch.rows / batch.seconds) if batch.rows >= SPEED_FROM_ROWS and batch.seconds else None


def _speed(rows: int, since: datetime | None, now: datetime) -> float | None:
    seconds = (now - since).total_seconds() if since else 0.0
    return rows / seconds if rows >= SPEED_FROM_ROWS and seconds > 0 else None


def _share(part: int, whole: int) -> float:
    return min(1.0, part / whole) if whole else 0.0
