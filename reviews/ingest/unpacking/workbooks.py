"""Workbooks of Excel and of OpenDocument: every visible sheet with rows is a table."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
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

from .refusals import Code, Refusal
from .tables import Tables

EXACT_BELOW = 10**15
"""A spreadsheet keeps 15 digits of a number: a longer one has lost the rest, whatever it shows."""
_PANICS = "pyo3_runtime"
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
                _read_sheet(workbook, sheet, label, tables)
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


def _read_sheet(workbook: CalamineWorkbook, sheet: str, label: str, tables: Tables) -> None:
    grid = workbook.get_sheet_by_name(sheet)
    if grid.end is not None:
        tables.add_rows(label, _rows(grid))


def _rows(grid: CalamineSheet) -> Iterator[list[str]]:
    """The rows as text. A cell merged downwards says the same in every row that it covers, unless that has its own."""
    merged = _merged_downwards(grid)
    covering: dict[int, tuple[int, str]] = {}
    for number, row in enumerate(grid.iter_rows()):
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
