"""Records of a delimited text file, one at a time, each with its place in the file: reading can go on from any of them.

Lines are split as bytes, so the place after a record is exact. That holds for UTF-8 and for GB18030, GBK and Big5: in
none of them does a line feed occur inside a character.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from typing import IO, NamedTuple

from django.utils.translation import gettext as _

from ..errors import UnreadableFile
from .charset import Place, undecodable

RECORD_BYTES = 1 << 20
"""Longest line, and longest record over several lines, that is read: bounds memory whatever the file."""
RECORD_LINES = 1_000
"""A record over more lines is one whose quotation mark was never closed."""
REREAD_LINES = 200_000
"""How many lines, besides once each line of the file, are read again after unclosed quotation marks: bounds time."""
PADDING = "\0\x1a\ufeff"
"""What programs write behind the last row, or between files that they put together."""

csv.field_size_limit(RECORD_BYTES)


class Record(NamedTuple):
    """`line` is the first line of the record, counted from 1; `last_line` and `end` (byte offset) where it stops."""

    line: int
    cells: list[str]
    last_line: int
    end: int
    is_broken: bool = False
    """Its quotation marks do not match; `cells` is its first line cut at the delimiters, quotation marks and all."""


class Position(NamedTuple):
    """Where to read on: byte offset, and how many lines lie before it."""

    offset: int = 0
    line: int = 0


START = Position()


class TextLines:
    """Decoded lines of `stream`, for csv.reader, which takes exactly as many as a record needs."""

    def __init__(self, stream: IO[bytes], encoding: str, position: Position) -> None:
        self.stream, self.encoding = stream, encoding
        self.position = self.record_start = position
        self.stream.seek(position.offset)
        # Django's files look for the open one at each access.
        self._readline = stream.readline

    def begin_record(self) -> None:
        self.record_start = self.position

    def go_back(self, position: Position) -> None:
        self.stream.seek(position.offset)
        self.position = position

    def __iter__(self) -> TextLines:
        return self

    def __next__(self) -> str:
        raw = self._readline(RECORD_BYTES + 1)
        if not raw:
            raise StopIteration
        offset, line = self.position
        if len(raw) > RECORD_BYTES:
            raise UnreadableFile(
                _("Line %(line)d is longer than %(limit)d MB. That is not a table of reviews; check the export.")
                % {"line": line + 1, "limit": RECORD_BYTES >> 20}
            )
        self.position = Position(offset + len(raw), line + 1)
        start = self.record_start
        if self.position.offset - start.offset > RECORD_BYTES or self.position.line - start.line > RECORD_LINES:
            raise csv.Error("record too long")
        try:
            text = raw.decode(self.encoding)
        except UnicodeDecodeError as error:
            raise undecodable(self.encoding, Place(offset + error.start + 1, line + 1)) from None
        return text.removeprefix("\ufeff") if offset == 0 else text


def read_records(
    stream: IO[bytes], encoding: str, delimiter: str, position: Position = START, width: int | None = None
) -> Iterator[Record]:
    """Records from `position` on, left out those that say nothing.

    A quotation mark that is never closed would swallow the rows after it. Where that shows (the record breaks CSV's
    rules, grows too long, or spans lines and does not have `width` cells), only the first line counts as broken and
    reading goes on with the next one. Raises UnreadableFile for lines beyond any reason and undecodable bytes.
    """
    lines = TextLines(stream, encoding, position)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    reread = 0
    while True:
        lines.begin_record()
        start = lines.position
        try:
            cells = next(reader)
            spans_lines = lines.position.line - start.line > 1
            is_broken = spans_lines and width is not None and (len(cells) < width or any(cells[width:]))
        except csv.Error:
            is_broken = True
        except StopIteration:
            return
        if is_broken:
            reread += lines.position.line - start.line
            if reread > REREAD_LINES + start.line:
                raise UnreadableFile(
                    _("Quotation marks from line %(line)d on do not match. Export the file again.")
                    % {"line": start.line + 1}
                )
            lines.go_back(start)
            cells = next(lines).rstrip("\r\n").split(delimiter)
        if cells and (cells[0].isalnum() or _says_something(cells)):
            yield Record(start.line + 1, cells, lines.position.line, lines.position.offset, is_broken)


def _says_something(cells: Sequence[str]) -> bool:
    return any(cell.strip().strip(PADDING) for cell in cells)
