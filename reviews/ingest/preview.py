"""What an upload would come to, told from its first rows, before anything of it is stored."""

from __future__ import annotations

from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.text import Truncator

from reviews.models import ImportBatch
from reviews.models.review import Rating

from .errors import UnreadableFile
from .presets import Field, missing_fields
from .records import Record, read_records
from .rows import Rejection, Row, RowReader

ROWS_READ = 200
ROWS_SHOWN = 8
SAMPLE_CHARACTERS = 40
CELL_CHARACTERS = 80


class Preview(NamedTuple):
    """`samples` has a cell for each column; `fields` are the labels of `rows`, whose first value is the line."""

    samples: list[str]
    fields: list[str]
    rows: list[tuple[int, list[str]]]
    rejections: list[Rejection]
    rows_read: int
    """How many were looked at."""


def preview_of(batch: ImportBatch, now: datetime) -> Preview:
    """Reads the top of the file by the mapping of `batch`. Raises UnreadableFile when its rows cannot be read."""
    records = _first_records(batch, ROWS_READ)
    samples = [_sample(records, index) for index in range(len(batch.headings))]
    if missing_fields(batch.mapping):
        return Preview(samples, [], [], [], len(records))
    reader = RowReader(batch.headings, batch.mapping, now)
    read = [reader.read(record) for record in records]
    rows = [row for row in read if isinstance(row, Row)]
    rejections = [row for row in read if isinstance(row, Rejection)]
    fields = [field for field in Field if any(getattr(row, field) not in ("", None) for row in rows)]
    shown = [(row.line, [_shown(getattr(row, field)) for field in fields]) for row in rows[:ROWS_SHOWN]]
    return Preview(samples, [str(field.label) for field in fields], shown, rejections, len(records))


def has_rows(batch: ImportBatch) -> bool:
    """Whether anything stands below the headings. Of rows that cannot be read the import itself says what is wrong."""
    try:
        return bool(_first_records(batch, 1))
    except UnreadableFile:
        return True


def _first_records(batch: ImportBatch, count: int) -> list[Record]:
    with batch.source_file.open("rb") as stream:
        everything = read_records(stream, batch.encoding, batch.delimiter, width=len(batch.headings))
        return list(islice((one for one in everything if one.line > batch.heading_line), count))


def _sample(records: list[Record], index: int) -> str:
    cells = (record.cells[index].strip() for record in records if index < len(record.cells))
    return Truncator(next(filter(None, cells), "")).chars(SAMPLE_CHARACTERS)


def _shown(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
    if value in Rating.values:
        return str(Rating(value).label)
    return Truncator("" if value is None else str(value)).chars(CELL_CHARACTERS)
