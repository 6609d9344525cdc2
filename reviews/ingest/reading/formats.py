"""What kind of file an upload is: encoding, delimiter, and the row that holds the headings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain, islice
from operator import attrgetter
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
    found = _heading(tops)
    delimiter, record, headings = found.delimiter, found.record, found.headings
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


class _Candidate(NamedTuple):
    """A record that may hold the headings. `known` of its cells are known ones; `fitting` records from it on have as
    many cells, so that a delimiter which only texts are full of is told from the one between columns.
    """

    delimiter: str
    record: Record
    headings: list[str]
    known: int
    fitting: int


def _candidates(delimiter: str, records: list[Record]) -> Iterator[_Candidate]:
    for place, record in enumerate(records):
        headings = headings_of(record)
        if sum(map(bool, headings)) > 1:
            fitting = sum(_fits(below, len(headings)) for below in records[place:])
            yield _Candidate(delimiter, record, headings, known_headings(headings), fitting)


def headings_of(record: Record) -> list[str]:
    """Its cells without blanks and byte order marks around them, nor empty ones at the end."""
    headings = [cell.replace("\ufeff", "").strip() for cell in record.cells]
    while headings and not headings[-1]:
        headings.pop()
    return headings


def _fits(record: Record, width: int) -> bool:
    return len(record.cells) >= width and not any(record.cells[width:])


def _heading(tops: dict[str, list[Record]]) -> _Candidate:
    """The row with most known headings, else, of the first rows that each delimiter cuts, the one most others fit."""
    found = [list(_candidates(delimiter, records)) for delimiter, records in tops.items()]
    best = max(chain(*found), key=attrgetter("known", "fitting"), default=None)
    if best is None:
        raise UnreadableFile(
            gettext(
                "No heading row: none of the first %(count)d lines has several columns separated by comma, tab, "
                "semicolon or vertical bar. Upload a CSV export of reviews."
            )
            % {"count": ROWS_SEARCHED}
        )
    if best.known >= 2:
        return best
    first = max(
        (candidates[0] for candidates in found if candidates),
        key=lambda candidate: (candidate.fitting, candidate.known, len(candidate.headings)),
    )
    if not all(map(_could_be_heading, first.headings)):
        raise UnreadableFile(
            gettext(
                "No heading row: line %(line)d already holds data. Add a first line that names the columns, for "
                "example 评价内容, 评价时间, 订单号."
            )
            % {"line": first.record.line}
        )
    return first


def _could_be_heading(cell: str) -> bool:
    return len(cell) <= HEADING_CHARACTERS and not DATA_LIKE.fullmatch(cell)
