"""Formulas of an .xlsx workbook that were saved without a result, as programs write them that cannot calculate.

The reader of workbooks takes their cells for empty. Which cells they are only the XML of the sheets tells: it is looked
through for any formula first, which costs little, and parsed only where there is one.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from lxml import etree

from .archives import BROKEN
from .markup import forget
from .refusals import Code, Refusal

_WORKBOOK, _PARTS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_BLOCK_BYTES = 1 << 20
_LONGEST_TAG = 64
_LONGEST_NUMBER = 8
_PLACE = re.compile(r"([A-Z]{1,3})(\d{1,7})", re.ASCII)


def open_formulas(workbook: Path, sheet: str) -> Iterator[tuple[int, list[int]]]:
    """The rows of `sheet` with such formulas, from the top, each with their columns; both count from 0.

    None where the file is no .xlsx. A saved result that is an empty text is one. Raises Refusal at damage.
    """
    if not zipfile.is_zipfile(workbook):
        return
    try:
        with zipfile.ZipFile(workbook) as archive:
            part = _part_of(archive, sheet)
            if part is None:
                return
            with archive.open(part) as xml:
                has_formulas = _has_formulas(xml)
            if has_formulas:
                with archive.open(part) as xml:
                    yield from _rows_of(xml)
    except (*BROKEN, etree.LxmlError):
        raise Refusal(Code.DAMAGED_WORKBOOK) from None


def _part_of(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """The name of the file with the XML of `sheet`. Some programs write other cases and backslashes."""
    names = {name.replace("\\", "/").lower(): name for name in archive.namelist()}
    if not {_WORKBOOK, _PARTS} <= names.keys():
        return None
    safe = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    sheets = etree.fromstring(archive.read(names[_WORKBOOK]), safe).iter("{*}sheet")
    relations = [element.get(_RELATION) for element in sheets if element.get("name") == sheet]
    for element in etree.fromstring(archive.read(names[_PARTS]), safe).iter("{*}Relationship"):
        if element.get("Id") in relations:
            target = element.get("Target", "").lower()
            return names.get(target.removeprefix("/") if target.startswith("/") else f"xl/{target}")
    return None


def _has_formulas(xml: IO[bytes]) -> bool:
    rest = b""
    while block := xml.read(_BLOCK_BYTES):
        block = rest + block
        # The search for a few letters is several times faster than the expression.
        if (b"<f" in block or b":f" in block) and _FORMULA.search(block):
            return True
        rest = block[-_LONGEST_TAG:]
    return False


def _rows_of(xml: IO[bytes]) -> Iterator[tuple[int, list[int]]]:
    """Rows and cells that do not name their place follow the one before."""
    events = etree.iterparse(
        xml, tag="{*}row", no_network=True, resolve_entities=False, load_dtd=False, remove_comments=True
    )
    number = -1
    for _event, row in events:
        told = row.get("r", "")
        at = int(told) - 1 if told.isascii() and told.isdigit() and len(told) < _LONGEST_NUMBER else 0
        number = max(at, number + 1)
        columns = [column for column, cell in _cells_of(row) if _is_open(cell)]
        if columns:
            yield number, columns
        forget(row)


def _cells_of(row: etree._Element) -> Iterator[tuple[int, etree._Element]]:
    column = -1
    for cell in row.iterchildren("{*}c"):
        place = _PLACE.fullmatch(cell.get("r", ""))
        column = _column(place[1]) if place else column + 1
        yield column, cell


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _is_open(cell: etree._Element) -> bool:
    if cell.find("{*}f") is None or cell.get("t") == "str":
        return False
    return not cell.findtext("{*}v")
