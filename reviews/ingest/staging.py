"""First half of an import: the file's rows, typed, into `StagedRow`, refused ones into `ImportRejection`.

Each chunk is one transaction together with the place the file was read to, so a killed import goes on behind the
last chunk that was stored, and no line is stored twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from operator import attrgetter
from typing import IO

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from reviews.models import ImportBatch, ImportRejection, StagedRow

from .bulk import copy_rows
from .identity import identity
from .records import Position, Record, read_records
from .rows import Rejection, Row, RowReader

CHUNK_ROWS = 5_000
CHUNK_BYTES = 4 << 20

ROW_FIELDS = tuple(Row.__dataclass_fields__)
_values = attrgetter(*ROW_FIELDS)


def records_of(batch: ImportBatch, stream: IO[bytes]) -> Iterator[Record]:
    """Records below the headings of `batch`, from where it was read to."""
    position = Position(batch.bytes_read, batch.lines_read)
    records = read_records(stream, batch.encoding, batch.delimiter, position, len(batch.headings))
    return (record for record in records if record.line > batch.heading_line)


def stage_rows(batch: ImportBatch, now: datetime) -> None:
    """Read what is left of the file. Raises UnreadableFile; what was staged before then stays."""
    reader = RowReader(batch.headings, batch.mapping, batch.started_at or now)
    with batch.file.open("rb") as stream:
        records = records_of(batch, stream)
        while chunk := _next_chunk(records):
            _store_chunk(batch, chunk, reader)


def finish_staging(batch: ImportBatch) -> None:
    """Of several lines about one review keep the last, count the others as unchanged, and open the second half."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM reviews_stagedrow WHERE id IN ("
            " SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY identity ORDER BY line DESC) AS place"
            "  FROM reviews_stagedrow WHERE batch_id = %s) AS ranked WHERE place > 1)",
            [batch.pk],
        )
        ImportBatch.objects.filter(pk=batch.pk).update(
            status=ImportBatch.Status.MERGING, unchanged=F("unchanged") + cursor.rowcount, bytes_read=F("file_bytes")
        )
        # Without fresh statistics the planner would take every chunk for a third of the table.
        cursor.execute("ANALYZE reviews_stagedrow")
    batch.refresh_from_db()


def discard_staged(batch: ImportBatch) -> None:
    """Forget everything read so far. Reviews are untouched: nothing is merged before the whole file was read."""
    with transaction.atomic():
        StagedRow.objects.filter(batch=batch).delete()
        batch.rejections.all().delete()
        ImportBatch.objects.filter(pk=batch.pk).update(bytes_read=0, lines_read=0, rows=0, rejected=0, unchanged=0)
    batch.refresh_from_db()


def _next_chunk(records: Iterator[Record]) -> list[Record]:
    chunk: list[Record] = []
    size = 0
    for record in records:
        chunk.append(record)
        size += sum(map(len, record.cells))
        if len(chunk) >= CHUNK_ROWS or size >= CHUNK_BYTES:
            break
    return chunk


def _store_chunk(batch: ImportBatch, chunk: list[Record], reader: RowReader) -> None:
    read = [reader.read(record) for record in chunk]
    rows = [row for row in read if isinstance(row, Row)]
    rejections = [row for row in read if isinstance(row, Rejection)]
    with transaction.atomic():
        copy_rows(
            StagedRow,
            ("batch", "identity", *ROW_FIELDS),
            ((batch.pk, identity(row), *_values(row)) for row in rows),
        )
        copy_rows(
            ImportRejection,
            ("batch", "line", "column", "value", "reason", "cells"),
            ((batch.pk, *refused[:3], refused.reason.value, json.dumps(refused.cells)) for refused in rejections),
        )
        batch.bytes_read, batch.lines_read = chunk[-1].end, chunk[-1].last_line
        ImportBatch.objects.filter(pk=batch.pk).update(
            bytes_read=batch.bytes_read,
            lines_read=batch.lines_read,
            rows=F("rows") + len(read),
            rejected=F("rejected") + len(rejections),
            beat_at=timezone.now(),
        )
