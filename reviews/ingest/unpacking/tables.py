"""The tables that come out of an upload, written as CSV in UTF-8 within the limits."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from . import limits
from .refusals import Code, Refusal

ENCODING_ERRORS = "replacement_character"
# JSON can write half of a surrogate pair, which no encoding and no database can: it stays visible as U+FFFD.
codecs.register_error(ENCODING_ERRORS, lambda error: ("\ufffd".encode(), error.end))  # type: ignore[attr-defined]
ROWS_BETWEEN_CHECKS = 1_000
OPEN_FORMULA = "\0="
"""The cell of a formula that was saved without a result. With its NUL it costs other rows no look of their own."""


class Found(NamedTuple):
    """`is_text`: delimited text as it came, in whatever encoding it is."""

    name: str
    path: Path
    is_text: bool = False


class Tables:
    """What was found so far. Blank rows become blank lines, so that lines count as rows did; a table of nothing else
    is left out.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.found: list[Found] = []
        self._written = 0

    def add_text(self, name: str, path: Path) -> None:
        self._add(Found(shown(name), path, is_text=True))

    def add_rows(self, name: str, rows: Iterable[Sequence[str]]) -> None:
        """Raises Refusal with the number of the row that is beyond the limits."""
        path = self.folder / f"table-{len(self.found) + 1}.csv"
        has_rows = False
        with path.open("w", encoding="utf-8", errors=ENCODING_ERRORS, newline="") as file:
            write = csv.writer(file).writerow
            for number, cells in enumerate(rows, start=1):
                is_filled = bool("".join(cells).strip())
                write(_checked(cells, number) if is_filled else ())
                has_rows = has_rows or is_filled
                if number % ROWS_BETWEEN_CHECKS == 0 and self._written + file.tell() > limits.UNPACKED_BYTES:
                    raise Refusal(Code.TOO_MUCH_DATA)
            self._written += file.tell()
        if has_rows:
            self._add(Found(shown(name), path))
        else:
            path.unlink()

    def _add(self, table: Found) -> None:
        if len(self.found) == limits.TABLES:
            raise Refusal(Code.TOO_MANY_TABLES, limit=limits.TABLES)
        self.found.append(table)


def shown(name: str) -> str:
    """A name out of a foreign file as it may stand in a sentence."""
    printable = "".join(character if character.isprintable() else "\ufffd" for character in name)
    return printable[-limits.NAME_CHARACTERS :]


def _checked(cells: Sequence[str], number: int) -> Sequence[str]:
    if number > limits.ROWS:
        raise Refusal(Code.TOO_MANY_ROWS, limit=limits.ROWS)
    if len(cells) > limits.COLUMNS:
        if "".join(cells[limits.COLUMNS :]).strip():
            raise Refusal(Code.TOO_MANY_COLUMNS, row=number, count=len(cells), limit=limits.COLUMNS)
        cells = cells[: limits.COLUMNS]
    if max(map(len, cells)) > limits.CELL_CHARACTERS:
        raise Refusal(Code.CELL_TOO_LONG, row=number, limit=limits.CELL_CHARACTERS >> 20)
    return cells
