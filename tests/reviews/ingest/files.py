"""Files of other programs for the tests, made on the spot: workbooks, pages, archives."""

from __future__ import annotations

import csv
import gzip
import html
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import xlsxwriter
import xlwt

Grid = Sequence[Sequence[Any]]


def xlsx(sheets: Mapping[str, Grid], *, hidden: Sequence[str] = ()) -> bytes:
    """A workbook; numbers and datetimes become such cells, everything else text as it stands."""
    content = io.BytesIO()
    workbook = xlsxwriter.Workbook(content, {"in_memory": True, "strings_to_formulas": False})
    moment = workbook.add_format({"num_format": "yyyy/m/d h:mm"})
    for name, grid in sheets.items():
        sheet = workbook.add_worksheet(name)
        if name in hidden:
            sheet.hide()
        for row, cells in enumerate(grid):
            for column, cell in enumerate(cells):
                match cell:
                    case datetime():
                        sheet.write_datetime(row, column, cell, moment)
                    case bool():
                        sheet.write_boolean(row, column, cell)
                    case int() | float():
                        sheet.write_number(row, column, cell)
                    case _:
                        sheet.write_string(row, column, cell)
    workbook.close()
    return content.getvalue()


def open_formulas_xlsx(grid: Grid) -> bytes:
    """A workbook of a program that cannot calculate: formulas, texts that begin with `=`, have no result."""
    content = io.BytesIO()
    workbook = xlsxwriter.Workbook(content, {"in_memory": True, "default_date_format": "yyyy/m/d h:mm"})
    sheet = workbook.add_worksheet("评价")
    for number, cells in enumerate(grid):
        sheet.write_row(number, 0, cells)
    workbook.close()
    with zipfile.ZipFile(content) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    part = "xl/worksheets/sheet1.xml"
    return zipped(members | {part: members[part].replace(b"</f><v>0</v>", b"</f>")})


def merged_xlsx() -> bytes:
    """Two items of one order, away from the corner: a banner merged to the right, the order's cell downwards."""
    content = io.BytesIO()
    workbook = xlsxwriter.Workbook(content, {"in_memory": True})
    sheet = workbook.add_worksheet("订单")
    sheet.merge_range("B2:D2", "十一月")
    sheet.write_row("B3", ["订单编号", "宝贝标题", "宝贝总数量"])
    sheet.merge_range("B4:B5", "4000000000000000001")
    sheet.write_row("C4", ["杯子", 1])
    sheet.write_row("C5", ["杯盖", 2])
    sheet.write_row("B6", ["", "杯刷", 3])
    workbook.close()
    return content.getvalue()


def merged_xls() -> bytes:
    """The same as Excel wrote it until 2003."""
    workbook = xlwt.Workbook(encoding="utf-8")
    sheet = workbook.add_sheet("订单")
    sheet.write_merge(1, 1, 1, 3, "十一月")
    for row, cells in enumerate([("订单编号", "宝贝标题", "宝贝总数量"), (None, "杯子", 1), (None, "杯盖", 2)], 2):
        for column, cell in enumerate(cells, 1):
            if cell is not None:
                sheet.write(row, column, cell)
    sheet.write_merge(3, 4, 1, 1, "4000000000000000001")
    sheet.write(5, 2, "杯刷")
    sheet.write(5, 3, 3)
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()


def xls(grid: Grid) -> bytes:
    """A workbook as Excel wrote them until 2003."""
    workbook = xlwt.Workbook(encoding="utf-8")
    sheet = workbook.add_sheet("评价")
    moment = xlwt.easyxf(num_format_str="yyyy/m/d h:mm")
    for row, cells in enumerate(grid):
        for column, cell in enumerate(cells):
            sheet.write(row, column, cell, *([moment] if isinstance(cell, datetime) else []))
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()


def page(grid: Grid, *, encoding: str = "utf-8", around: str = "{}") -> bytes:
    """A web page with a table; `around` may put things before and after it."""
    rows = "".join(
        "<tr>{}</tr>".format("".join(f"<td>{html.escape(cell).replace(chr(10), '<br>')}</td>" for cell in cells))
        for cells in grid
    )
    table = around.format(f"<table border=1>{rows}</table>")
    return f'<html><head><meta charset="{encoding}"></head><body>{table}</body></html>'.encode(encoding)


def sheet_xml(rows: str, *, before: str = "") -> bytes:
    """The XML of Excel 2003 around `rows`."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{before}<?mso-application progid="Excel.Sheet"?>'
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"'
        ' xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
        f'<Worksheet ss:Name="评价"><Table>{rows}</Table></Worksheet></Workbook>'
    ).encode()


def csv_text(grid: Grid, delimiter: str = ",") -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(grid)
    return text.getvalue()


def json_lines(grid: Grid) -> bytes:
    headings, *rows = grid
    return "\n".join(json.dumps(dict(zip(headings, row, strict=True))) for row in rows).encode()


def gz(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def zipped(members: Mapping[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, member in members.items():
            archive.writestr(name, member)
    return content.getvalue()
