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
    for row in grid.iter_rows():
        yield [cell if type(cell) is str else text_of(cell) for cell in row]


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
