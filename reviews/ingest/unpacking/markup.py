"""Web pages and the XML of Excel 2003 that tools save under the name of .xls. Read as a stream, row by row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator
from pathlib import Path
from typing import NamedTuple

from lxml import etree

from . import limits
from .refusals import Code, Refusal
from .tables import Tables

SHEET_XML = "{urn:schemas-microsoft-com:office:spreadsheet}"
_SHEET_XML_SEARCHED = 4096
_ROW = "tr"
_CELLS = ("td", "th")


class _Place(NamedTuple):
    """Which table of a page, and in how many it lies, itself included."""

    number: int
    depth: int


def read_markup(path: Path, name: str, tables: Tables) -> None:
    """`path` is in UTF-8. Of the tables of a page the one with most cells counts, and those beside it with as many
    columns: tools write one for each page of the list, or one for the headings alone. The others are frames around it.
    """
    try:
        if _is_sheet_xml(path):
            _read_sheet_xml(path, name, tables)
        else:
            _read_page(path, name, tables)
    except etree.LxmlError:
        raise Refusal(Code.DAMAGED_MARKUP) from None


def _read_page(path: Path, name: str, tables: Tables) -> None:
    sizes: Counter[_Place] = Counter()
    widths: dict[_Place, int] = {}
    for table, row in _rows_of_tables(path):
        cells = len(row)
        sizes[table] += cells
        widths[table] = max(widths.get(table, 0), cells)
    if not sizes:
        raise Refusal(Code.NO_TABLE)
    largest = sizes.most_common(1)[0][0]
    beside = {table for table in widths if (table.depth, widths[table]) == (largest.depth, widths[largest])}
    tables.add_rows(name, _rows_of(path, beside))


def _rows_of(path: Path, wanted: Container[_Place]) -> Iterator[list[str]]:
    spanning: dict[_Place, dict[int, tuple[int, str]]] = {}
    for table, row in _rows_of_tables(path):
        if table in wanted:
            yield _row_of_page(row, spanning.setdefault(table, {}))


def _rows_of_tables(path: Path) -> Iterator[tuple[_Place, etree._Element]]:
    """Rows of a page, each with the place of its table; a row lasts until the next one is asked for."""
    events = etree.iterparse(
        str(path),
        events=("start", "end"),
        tag=("table", _ROW),
        html=True,
        encoding="utf-8",
        no_network=True,
        remove_comments=True,
        remove_pis=True,
    )
    opened: list[int] = []
    count = 0
    for event, element in events:
        if element.tag == "table":
            if event == "start":
                opened.append(count)
                count += 1
            elif opened:
                opened.pop()
        elif event == "end":
            if opened:
                yield _Place(opened[-1], len(opened)), element
            forget(element)
    # Sloppy pages are put right by the parser; where it gives up, it only says so here.
    if events.error_log.filter_from_fatals():
        raise Refusal(Code.DAMAGED_MARKUP)


def _row_of_page(row: etree._Element, spanning: dict[int, tuple[int, str]]) -> list[str]:
    """Texts of the cells. `spanning`, column -> rows left and text, holds the cells that reach down into this row."""
    cells: list[str] = []
    for cell in row.iterchildren(*_CELLS):
        _fill_from_above(cells, spanning)
        text, height = _text_of(cell), _span(cell.get("rowspan"))
        for offset in range(_span(cell.get("colspan"))):
            if height > 1:
                spanning[len(cells)] = (height - 1, text if offset == 0 else "")
            cells.append(text if offset == 0 else "")
        if len(cells) > limits.COLUMNS * 2:
            break
    _fill_from_above(cells, spanning)
    return cells


def _fill_from_above(cells: list[str], spanning: dict[int, tuple[int, str]]) -> None:
    while len(cells) in spanning:
        left, text = spanning.pop(len(cells))
        if left > 1:
            spanning[len(cells)] = (left - 1, text)
        cells.append(text)


def _span(written: str | None) -> int:
    """What colspan and rowspan say, within reason; 1 where it is nonsense."""
    digits = (written or "").strip()
    return min(max(int(digits), 1), limits.COLUMNS) if digits.isascii() and digits.isdigit() and len(digits) < 9 else 1


def _text_of(cell: etree._Element) -> str:
    for line_break in cell.iter("br"):
        # Not before its tail: lxml refuses to set a text again that has control characters in it.
        line_break.text = "\n"
    return "".join(cell.itertext()).strip()


def _is_sheet_xml(path: Path) -> bool:
    with path.open("rb") as file:
        top = file.read(_SHEET_XML_SEARCHED)
    return b"<Workbook" in top and SHEET_XML[1:-1].encode() in top


def _read_sheet_xml(path: Path, name: str, tables: Tables) -> None:
    """Every worksheet is a table."""
    events = etree.iterparse(
        str(path),
        events=("start", "end"),
        tag=(f"{SHEET_XML}Worksheet", f"{SHEET_XML}Row"),
        encoding="utf-8",
        no_network=True,
        resolve_entities=False,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )
    for event, element in events:
        if event == "start" and element.tag == f"{SHEET_XML}Worksheet":
            sheet = element.get(f"{SHEET_XML}Name") or name
            tables.add_rows(f"{name} / {sheet}" if name else sheet, _sheet_xml_rows(events))


def _sheet_xml_rows(events: Iterator[tuple[str, etree._Element]]) -> Iterator[list[str]]:
    """Rows up to the end of the worksheet that `events` is in."""
    for event, element in events:
        if event != "end":
            continue
        if element.tag == f"{SHEET_XML}Worksheet":
            return
        yield _row_of_sheet_xml(element)
        forget(element)


def _row_of_sheet_xml(row: etree._Element) -> list[str]:
    cells: list[str] = []
    for cell in row.iterchildren(f"{SHEET_XML}Cell"):
        index = cell.get(f"{SHEET_XML}Index", "")
        if index.isascii() and index.isdigit() and len(index) < 9:
            cells.extend([""] * (min(int(index), limits.COLUMNS + 1) - 1 - len(cells)))
        data = cell.find(f"{SHEET_XML}Data")
        cells.append("" if data is None else "".join(data.itertext()))
        merged = cell.get(f"{SHEET_XML}MergeAcross", "")
        cells.extend([""] * (_span(merged) if merged else 0))
        if len(cells) > limits.COLUMNS * 2:
            break
    return cells


def forget(element: etree._Element) -> None:
    """Free a row that was read, and what stands before it: the tree must not grow with the file."""
    element.clear(keep_tail=False)
    while element.getprevious() is not None:
        del element.getparent()[0]
