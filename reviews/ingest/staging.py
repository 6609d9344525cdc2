"""First half of an import: the file's rows, typed, into `StagedRow`, refused ones into `ImportRejection`.

Workers share a file part by part. Whoever takes the next part moves the place the file was read to and notes where the
part lies, in one transaction; its rows are stored in another. A worker killed in between leaves an open part, which the
next one reads again: no line is lost or staged twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from operator import attrgetter
from typing import IO

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import F
from django.utils import timezone

from reviews.models import ImportBatch, ImportPart, ImportRejection, StagedRow

from .identity import identity
from .locks import is_under_way
from .reading.formats import headings_of
from .reading.records import Position, Record, read_records
from .reading.rows import Rejection, Row, RowReader
from .storing.bulk import commit_lazily, copy_rows

PART_ROWS = 5_000
PART_CHARACTERS = 4 << 20
"""A part ends with the row that brings it to this much text: bounds memory."""

Status = ImportBatch.Status
State = ImportPart.State


def records_of(batch: ImportBatch, stream: IO[bytes], position: Position) -> Iterator[Record]:
    """Records below the headings of `batch`, from `position` on. Headings again, as each page has them, are none."""
    first = batch.headings[0]
    for record in read_records(stream, batch.encoding, batch.delimiter, position, len(batch.headings)):
        is_heading = first in record.cells[0] and headings_of(record) == batch.headings
        if record.line > batch.heading_line and not is_heading:
            yield record


def stage_parts(batch: ImportBatch) -> Iterator[None]:
    """Read parts of the file until none is left that another worker is not at; stops after each.

    Raises UnreadableFile; what was staged before then stays.
    """
    reader = RowReader(batch.headings, batch.mapping, batch.uploaded_at)
    with batch.source_file.open("rb") as stream:
        while taken := _take_next(batch, stream):
            part, records = taken
            with _alone_on(part) as is_mine:
                if is_mine:
                    _store(batch, part, records, reader)
            yield
        for part in batch.parts.filter(state=State.OPEN):
            with _alone_on(part) as is_mine:
                if is_mine:
                    behind = records_of(batch, stream, Position(part.offset, part.lines_before))
                    _store(batch, part, [*_up_to(part.last_line, behind)], reader)
            yield


def _take_next(batch: ImportBatch, stream: IO[bytes]) -> tuple[ImportPart, list[Record]] | None:
    """The next part nobody has taken, and its records; None at the end of the file or of the import."""
    with transaction.atomic():
        place = (
            ImportBatch.objects.select_for_update(no_key=True)
            .only("status", "bytes_read", "lines_read")
            .get(pk=batch.pk)
        )
        if place.status != Status.STAGING:
            return None
        records = _next_records(records_of(batch, stream, Position(place.bytes_read, place.lines_read)))
        if not records:
            return None
        part = ImportPart.objects.create(
            batch=batch, offset=place.bytes_read, lines_before=place.lines_read, last_line=records[-1].last_line
        )
        place.bytes_read, place.lines_read, place.beat_at = records[-1].end, part.last_line, timezone.now()
        place.save(update_fields=["bytes_read", "lines_read", "beat_at"])
    return part, records


def _next_records(records: Iterator[Record]) -> list[Record]:
    taken: list[Record] = []
    size = 0
    for record in islice(records, PART_ROWS):
        taken.append(record)
        size += sum(map(len, record.cells))
        if size >= PART_CHARACTERS:
            break
    return taken


def _up_to(last_line: int, records: Iterator[Record]) -> Iterator[Record]:
    for record in records:
        yield record
        if record.last_line >= last_line:
            return


@contextmanager
def _alone_on(part: ImportPart) -> Iterator[bool]:
    """A transaction in which nobody else reads `part`; False where somebody does, or did, or the import is given up."""
    with transaction.atomic(), connection.cursor() as cursor:
        commit_lazily(cursor)
        free = ImportPart.objects.select_for_update(skip_locked=True).filter(pk=part.pk, state=State.OPEN)
        yield is_under_way(part.batch_id, Status.STAGING) and free.exists()


def _store(batch: ImportBatch, part: ImportPart, records: list[Record], reader: RowReader) -> None:
    stage_records(batch, records, reader)
    ImportPart.objects.filter(pk=part.pk).update(state=State.STAGED)


def stage_records(batch: ImportBatch, records: list[Record], reader: RowReader) -> None:
    """Store each record as a row or as a refusal, and count them; the part they make is the caller's to note."""
    read = [reader.read(record) for record in records]
    rows = [row for row in read if isinstance(row, Row)]
    rejections = [row for row in read if isinstance(row, Rejection)]
    # Fields that no column tells of stay at the defaults of the table.
    values = attrgetter(*reader.fields)
    copy_rows(
        StagedRow,
        ("batch", "identity", *reader.fields),
        ((batch.pk, identity(row), *values(row)) for row in rows),
    )
    copy_rows(
        ImportRejection,
        ("batch", "line", "column", "value", "reason", "cells"),
        ((batch.pk, *refused[:3], refused.reason.value, json.dumps(refused.cells)) for refused in rejections),
    )
    ImportBatch.objects.filter(pk=batch.pk).update(
        rows=F("rows") + len(read), rejected=F("rejected") + len(rejections), beat_at=timezone.now()
    )


OF_THE_LINE = frozenset({"id", "batch", "line", "identity", "reviewed_at", "product_line"})
"""Fields that are no news of a review: each line has its own. Of an order the next line may name another product."""


_REPEATED = (
    "SELECT identity, max(line) AS last_line FROM reviews_stagedrow WHERE batch_id = %(batch)s"
    " GROUP BY identity HAVING count(*) > 1"
)


def unite_lines(cursor: CursorWrapper, batch: ImportBatch) -> int:
    """Of several lines about one review keep the last, filled with what only earlier ones tell; how many went."""
    if not _fill_last_lines(cursor, batch):
        return 0
    cursor.execute(
        f"WITH repeated AS MATERIALIZED ({_REPEATED}) DELETE FROM reviews_stagedrow s USING repeated"  # noqa: S608
        " WHERE s.batch_id = %(batch)s AND s.identity = repeated.identity AND s.line < repeated.last_line",
        {"batch": batch.pk},
    )
    return cursor.rowcount


def _fill_last_lines(cursor: CursorWrapper, batch: ImportBatch) -> int:
    """What only an earlier line about a review tells goes into its last one, for an empty cell erases nothing.

    Answers how many reviews have several lines.
    """
    fields = [field for field in StagedRow._meta.local_fields if field.name not in OF_THE_LINE]
    told = {field.column: "IS NOT NULL" if field.null else "<> ''" for field in fields}
    last_told = ", ".join(
        f"(array_agg({column} ORDER BY line DESC) FILTER (WHERE {column} {is_told}))[1] AS {column}"
        for column, is_told in told.items()
    )
    filled = ", ".join(f"{column} = coalesce(told.{column}, last.{column})" for column in told)
    cursor.execute(
        # MATERIALIZED, else a planner that takes the table for empty would gather it anew for every row.
        f"WITH repeated AS MATERIALIZED ({_REPEATED}), told AS MATERIALIZED ("  # noqa: S608
        f"  SELECT max(line) AS line, {last_told}"
        "  FROM reviews_stagedrow JOIN repeated USING (identity) WHERE batch_id = %(batch)s GROUP BY identity)"
        f" UPDATE reviews_stagedrow AS last SET {filled} FROM told"
        " WHERE last.batch_id = %(batch)s AND last.line = told.line",
        {"batch": batch.pk},
    )
    return cursor.rowcount


@transaction.atomic
def forget_given_up(batch: ImportBatch) -> None:
    """Forget everything read of an import that is over without an end; waits for workers that are at a part of it.

    No worker begins another part: so it comes after the transaction that ended the import, not in it.
    """
    ImportBatch.objects.select_for_update().get(pk=batch.pk)
    discard_staged(batch)


def discard_staged(batch: ImportBatch) -> None:
    """Forget everything read so far. Reviews are untouched: nothing is merged before the whole file was read.

    Call it inside a transaction that has locked the row of `batch` for update: then no worker is at a part of it.
    """
    StagedRow.objects.filter(batch=batch).delete()
    batch.rejections.all().delete()
    batch.parts.all().delete()
    ImportBatch.objects.filter(pk=batch.pk).update(
        bytes_read=0, lines_read=0, rows=0, rejected=0, unchanged=0, forecast={}, samples={}
    )
