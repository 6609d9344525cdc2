from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from reviews.ingest.progress import progress_of
from reviews.models import ImportBatch

Status = ImportBatch.Status
NOW = timezone.now()


def batch(status: ImportBatch.Status, **fields: Any) -> ImportBatch:
    return ImportBatch(status=status, **{"phase_at": NOW - timedelta(seconds=10)} | fields)


def test_reading_is_measured_in_bytes_and_foretold_from_the_rows_read() -> None:
    progress = progress_of(batch(Status.STAGING, rows=50_000, table_bytes=4000, bytes_read=1000), NOW)
    assert progress == (25, 50_000, None, 5000, 30)


def test_storing_is_measured_in_rows() -> None:
    stored = batch(Status.MERGING, rows=60_000, created=20_000, updated=3_000, unchanged=6_000, rejected=1_000)
    stored.phase_rows = 2_000
    assert progress_of(stored, NOW) == (50, 30_000, 60_000, 2800, 11)


def test_what_was_done_before_going_on_is_no_speed() -> None:
    resumed = batch(Status.MERGING, rows=100_000, created=90_000, phase_rows=89_500)
    assert progress_of(resumed, NOW)[3:] == (None, None)


@pytest.mark.parametrize("status", [Status.RECEIVED])
def test_where_nobody_can_tell_nothing_is_told(status: ImportBatch.Status) -> None:
    assert progress_of(batch(status, phase_at=None), NOW) == (None, 0, None, None, None)


@pytest.mark.parametrize(("seconds", "minutes"), [(90, None), (100, 2), (3600, 60)])
def test_long_times_are_told_in_minutes(seconds: int, minutes: int | None) -> None:
    reading = batch(Status.STAGING, rows=10_000, table_bytes=1000 + 100 * seconds, bytes_read=1000)
    progress = progress_of(reading, NOW)
    assert (progress.seconds_left, progress.minutes_left) == (seconds, minutes)
