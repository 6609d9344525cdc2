"""What kind of file an upload is: encoding, delimiter, and the row that holds the headings."""

from __future__ import annotations

import re
from itertools import islice
from typing import IO, NamedTuple

from django.utils.translation import gettext

from ..errors import UnreadableFile
from ..unpacking.tables import OPEN_FORMULA
from .charset import checked_encoding, detect_encoding
from .foreign import refuse_foreign
from .presets import known_headings
from .records import Record, read_records

DELIMITERS = (",", "\t", ";", "|")
ROWS_SEARCHED = 20
"""Rows at the top of a file among which the headings are looked for."""
COLUMN_LIMIT = 300
HEADING_CHARACTERS = 60
DATA_LIKE = re.compile(r"[\d\s.,:/¥-]+|\d{4}年.*|[1-5]\s*[星分]|好评|中评|差评|good|neutral|bad", re.IGNORECASE)
"""Dates, numbers and ratings: what stands in rows, never in a heading."""


class Layout(NamedTuple):
    """How to read a file. `heading_line` counts from 1."""

    encoding: str
    delimiter: str
    heading_line: int
    headings: list[str]


def recognise_layout(stream: IO[bytes], encoding: str = "") -> Layout:
    """The layout of `stream`, a seekable binary file, in `encoding` or the one it turns out to be in.

    Reads the file once without keeping it. Raises UnreadableFile when it is no table of text.
    """
    refuse_foreign(stream)
    encoding = checked_encoding(stream, encoding) if encoding else detect_encoding(stream)
    tops = {delimiter: _top(stream, encoding, delimiter) for delimiter in DELIMITERS}
    delimiter, record = _heading(tops)
    headings = [heading.replace("\ufeff", "").strip() for heading in record.cells]
    while headings and not headings[-1]:
        headings.pop()
    if OPEN_FORMULA in headings:
        raise UnreadableFile(
            gettext(
                "A heading is a formula that was saved without its result. Open the workbook in a spreadsheet program, "
                "save it there and upload it again."
            )
        )
    if any("\0" in heading for heading in headings):
        raise UnreadableFile(gettext("The heading row has NUL bytes: this is not a text file. Export it again as CSV."))
    if len(headings) > COLUMN_LIMIT:
        raise UnreadableFile(
            gettext("The heading row has %(count)d columns; at most %(limit)d can be read.")
            % {"count": len(headings), "limit": COLUMN_LIMIT}
        )
    return Layout(encoding, delimiter, record.line, headings)


def _top(stream: IO[bytes], encoding: str, delimiter: str) -> list[Record]:
    records = read_records(stream, encoding, delimiter)
    return [record for record in islice(records, ROWS_SEARCHED) if not record.is_broken]


def _heading(tops: dict[str, list[Record]]) -> tuple[str, Record]:
    """Delimiter and record of the headings: the row with most known ones, else the first that could be headings."""
    candidates = [(delimiter, record) for delimiter, records in tops.items() for record in records]
    known = [known_headings(record.cells) for _delimiter, record in candidates]
    best = max(known, default=0)
    if best >= 2:
        return candidates[known.index(best)]
    delimiter = max(tops, key=lambda name: max((len(record.cells) for record in tops[name]), default=0))
    rows = [record for record in tops[delimiter] if sum(bool(cell.strip()) for cell in record.cells) > 1]
    if not rows:
        raise UnreadableFile(
            gettext(
                "No heading row: none of the first %(count)d lines has several columns separated by comma, tab, "
                "semicolon or vertical bar. Upload a CSV export of reviews."
            )
            % {"count": ROWS_SEARCHED}
        )
    if not all(_could_be_heading(cell) for cell in rows[0].cells):
        raise UnreadableFile(
            gettext(
                "No heading row: line %(line)d already holds data. Add a first line that names the columns, for "
                "example 评价内容, 评价时间, 订单号."
            )
            % {"line": rows[0].line}
        )
    return delimiter, rows[0]


def _could_be_heading(cell: str) -> bool:
    text = cell.strip()
    return len(text) <= HEADING_CHARACTERS and not DATA_LIKE.fullmatch(text)
