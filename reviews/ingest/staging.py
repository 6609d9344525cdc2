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
from django.db.backends.utils import CursorWrapper
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


OF_THE_LINE = frozenset({"id", "batch", "line", "identity", "reviewed_at"})
"""Fields that are no news of a review: each line has its own."""


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
        # Without fresh statistics the planner would take the table for empty here, and later every chunk for a third.
        cursor.execute("ANALYZE reviews_stagedrow")
        _fill_last_lines(cursor, batch)
        cursor.execute(
            "DELETE FROM reviews_stagedrow WHERE id IN ("
            " SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY identity ORDER BY line DESC) AS place"
            "  FROM reviews_stagedrow WHERE batch_id = %s) AS ranked WHERE place > 1)",
            [batch.pk],
        )
        ImportBatch.objects.filter(pk=batch.pk).update(
            status=ImportBatch.Status.MERGING, unchanged=F("unchanged") + cursor.rowcount, bytes_read=F("file_bytes")
        )
    batch.refresh_from_db()


def _fill_last_lines(cursor: CursorWrapper, batch: ImportBatch) -> None:
    """What only an earlier line about a review tells goes into its last one: an empty cell erases nothing."""
    fields = [field for field in StagedRow._meta.local_fields if field.name not in OF_THE_LINE]
    told = {field.column: "IS NOT NULL" if field.null else "<> ''" for field in fields}
    last_told = ", ".join(
        f"(array_agg({column} ORDER BY line DESC) FILTER (WHERE {column} {is_told}))[1] AS {column}"
        for column, is_told in told.items()
    )
    filled = ", ".join(f"{column} = coalesce(told.{column}, last.{column})" for column in told)
    cursor.execute(
        # MATERIALIZED, else a planner that takes the table for empty would gather it anew for every row.
        f"WITH told AS MATERIALIZED (SELECT max(line) AS line, {last_told} FROM reviews_stagedrow"  # noqa: S608
        "  WHERE batch_id = %s GROUP BY identity HAVING count(*) > 1)"
        f" UPDATE reviews_stagedrow AS last SET {filled} FROM told"
        " WHERE last.batch_id = %s AND last.line = told.line",
        [batch.pk, batch.pk],
    )


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
