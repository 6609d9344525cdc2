"""Workbooks of Excel and of OpenDocument: every visible sheet with rows is a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import chain, islice, repeat
from pathlib import Path

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
    load_workbook,
)

from .formulas import open_formulas
from .refusals import Code, Refusal
from .tables import OPEN_FORMULA, Tables

EXACT_BELOW = 10**15
"""A spreadsheet keeps 15 digits of a number: a longer one has lost the rest, whatever it shows."""
_PANICS = "pyo3_runtime"
OpenFormulas = Iterator[tuple[int, list[int]]]
Cell = int | float | str | bool | time | date | datetime | timedelta


def read_workbook(path: Path, name: str, tables: Tables) -> None:
    try:
        with load_workbook(path) as workbook:
            sheets = [
                sheet.name
                for sheet in workbook.sheets_metadata
                if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
            ]
            for sheet in sheets:
                label = sheet if not name else name if len(sheets) == 1 else f"{name} / {sheet}"
                _read_sheet(workbook, sheet, label, tables, open_formulas(path, sheet))
    except PasswordError:
        raise Refusal(Code.ENCRYPTED_WORKBOOK) from None
    except (CalamineError, ValueError, OverflowError):
        raise Refusal(Code.DAMAGED_WORKBOOK) from None
    except OSError as error:
        # The reader raises it without a number for what is wrong inside the file.
        if error.errno is None:
            raise Refusal(Code.DAMAGED_WORKBOOK) from None
        raise
    except BaseException as error:
        # At some damage the reader, written in Rust, gives up with what is no Exception.
        if type(error).__module__ != _PANICS:
            raise
        raise Refusal(Code.DAMAGED_WORKBOOK) from None


def _read_sheet(workbook: CalamineWorkbook, sheet: str, label: str, tables: Tables, formulas: OpenFormulas) -> None:
    grid = workbook.get_sheet_by_name(sheet)
    if grid.start is not None and grid.end is not None:
        tables.add_rows(label, _texts(_marked(grid, formulas, grid.start[1], grid.end[1]), _merged_downwards(grid)))
    elif any(formulas):
        raise Refusal(Code.OPEN_FORMULAS)


def _marked(grid: CalamineSheet, formulas: OpenFormulas, left: int, right: int) -> Iterator[list[Cell]]:
    """The rows with OPEN_FORMULA where one stands. `left` and `right` are the first and last column of `grid`."""
    rows = iter(grid.iter_rows())
    blank: list[Cell] = [""] * (right - left + 1)
    # Rows of nothing but open formulas may lie behind the last one that the reader knows of.
    with_others = chain(rows, repeat(blank))
    number = 0
    for marked, columns in formulas:
        yield from islice(with_others, marked - number)
        cells = [*next(with_others)]
        for column in columns:
            if left <= column <= right:
                cells[column - left] = OPEN_FORMULA
        yield cells
        number = marked + 1
    yield from rows


def _texts(rows: Iterable[list[Cell]], merged: Mapping[int, list[tuple[int, int]]]) -> Iterator[list[str]]:
    """The rows as text. A cell merged downwards says the same in every row that it covers, unless that has its own."""
    covering: dict[int, tuple[int, str]] = {}
    for number, row in enumerate(rows):
        cells = [cell if type(cell) is str else text_of(cell) for cell in row]
        for column, (last, text) in list(covering.items()):
            if number > last:
                del covering[column]
            elif not cells[column]:
                cells[column] = text
        for column, last in merged.get(number, ()):
            covering[column] = last, cells[column]
        yield cells


def _merged_downwards(grid: CalamineSheet) -> dict[int, list[tuple[int, int]]]:
    """First row of merged cells -> their column, counted like the cells of a row, and their last row."""
    merged: dict[int, list[tuple[int, int]]] = {}
    if grid.start is None or grid.end is None:
        return merged
    left, right = grid.start[1], grid.end[1]
    for (first, column), (last, _column) in grid.merged_cell_ranges or ():
        if last > first and left <= column <= right:
            merged.setdefault(first, []).append((column - left, last))
    return merged


def text_of(cell: Cell) -> str:
    """What a cell says, written so that `ingest.reading.cells` understands it or knows it for damaged."""
    match cell:
        case str():
            return cell
        case bool():
            return "true" if cell else "false"
        case int() | float():
            return _digits(cell)
        case datetime():
            # Serial numbers miss full seconds by some microseconds.
            return str((cell + timedelta(milliseconds=500)).replace(microsecond=0))
        case _:
            return str(cell)


def _digits(number: float) -> str:
    if abs(number) >= EXACT_BELOW:
        return f"{number:.5E}"
    if number == int(number):
        return str(int(number))
    return f"{Decimal(repr(number)):f}"
