"""Whatever a table says, it comes back cell for cell; whatever bytes there are, they are read or refused."""

from __future__ import annotations

import csv
import io
import os
import re
import tempfile
from contextlib import suppress
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from reviews.ingest.errors import UnreadableFile
from reviews.ingest.reading.formats import DELIMITERS, Layout, recognise_layout
from reviews.ingest.reading.records import read_records
from reviews.ingest.unpacking import unpack
from reviews.ingest.unpacking.interfaces import read_json
from reviews.ingest.unpacking.markup import read_markup
from reviews.ingest.unpacking.refusals import Refusal
from reviews.ingest.unpacking.tables import Tables
from reviews.ingest.unpacking.workbooks import read_workbook
from tests.reviews.ingest.files import Grid, csv_text, gz, json_lines, page, xlsx

HEADINGS = ["评价内容", "评价时间", "订单号"]
CHINESE = st.characters(codec="gbk", categories=("Lo",), min_codepoint=0x4E00, max_codepoint=0x9FA5)
ANY = st.characters(codec="utf-8", exclude_characters="\0\ufeff")
PRINTED = st.one_of(CHINESE, st.characters(codec="ascii", categories=("L", "N", "P", "S", "Zs")), st.just("\n"))
"""What pages and workbooks carry unchanged."""
TIMES = int(os.environ.get("EXAMPLES_TIMES", "1"))
"""For a long search once in a while; see tests/reviews/ingest/fuzzing.py."""
MANY = settings(max_examples=100 * TIMES, deadline=None)
FEW = settings(max_examples=12 * TIMES, deadline=None)
"""Each example starts a process."""


def grids(characters: st.SearchStrategy[str]) -> st.SearchStrategy[Grid]:
    row = st.lists(st.text(characters, max_size=12), min_size=3, max_size=3)
    rows = st.lists(row.filter(lambda cells: bool("".join(cells).strip())), min_size=1, max_size=6)
    return rows.map(lambda rows: [HEADINGS, *rows])


def read_back(content: bytes, folder: Path, encoding: str = "") -> list[list[str]]:
    """The cells of the only table of `content`, by the way that imports go."""
    tables = unpack(io.BytesIO(content), folder)
    stream = io.BytesIO(tables[0].path.read_bytes() if tables else content)
    layout = recognise_layout(stream, "utf-8" if tables else encoding)
    assert layout.headings == HEADINGS
    return cells_of(stream, layout)


def cells_of(stream: io.BytesIO, layout: Layout) -> list[list[str]]:
    records = read_records(stream, layout.encoding, layout.delimiter, width=len(layout.headings))
    return [record.cells for record in records if record.line >= layout.heading_line]


def stripped(grid: Grid) -> list[list[str]]:
    return [[cell.strip() for cell in row] for row in grid]


@given(grids(ANY), st.sampled_from(DELIMITERS), st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]))
@MANY
def test_delimited_text(grid: Grid, delimiter: str, encoding: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        assert read_back(csv_text(grid, delimiter).encode(encoding), Path(folder)) == [list(row) for row in grid]


@given(grids(PRINTED))
@FEW
def test_pages(grid: Grid) -> None:
    with tempfile.TemporaryDirectory() as folder:
        assert read_back(page(grid, encoding="gb18030"), Path(folder)) == stripped(grid)


@given(grids(PRINTED))
@FEW
def test_workbooks(grid: Grid) -> None:
    with tempfile.TemporaryDirectory() as folder:
        assert read_back(xlsx({"a": grid}), Path(folder)) == [list(row) for row in grid]


@given(grids(ANY))
@FEW
def test_json_lines(grid: Grid) -> None:
    with tempfile.TemporaryDirectory() as folder:
        assert read_back(json_lines(grid), Path(folder)) == [list(row) for row in grid]


@given(grids(ANY), st.sampled_from(["utf-8", "gb18030", "utf-16"]))
@FEW
def test_gzip(grid: Grid, encoding: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        assert read_back(gz(csv_text(grid).encode(encoding)), Path(folder)) == [list(row) for row in grid]


BEGINNINGS = st.sampled_from(
    [b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x1f\x8b\x08\x00", b"<table>", b'[{"', b"\xff\xfe"]
)


@given(BEGINNINGS, st.binary(max_size=400))
@FEW
def test_any_bytes_are_read_or_refused(beginning: bytes, rest: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder, suppress(UnreadableFile):
        read_back_any(beginning + rest, Path(folder))


def read_back_any(content: bytes, folder: Path) -> None:
    tables = unpack(io.BytesIO(content), folder)
    for stream in [io.BytesIO(table.path.read_bytes()) for table in tables] or [io.BytesIO(content)]:
        layout = recognise_layout(stream, "utf-8" if tables else "")
        cells_of(stream, layout)


TAGS = ("<table>", "<tr>", "<td>", "<td rowspan=3>", "<td colspan=2>", "</td>", "</tr>", "</table>", "<br>")
MARKUP = st.lists(st.sampled_from([*TAGS, "<!--", "-->", "&", "&#0;", "x"]), max_size=60).map("".join)


@given(MARKUP)
@example("<table><tr><td rowspan=3><td rowspan=3><tr><tr><tr>")
@MANY
def test_any_page_is_read_or_refused(text: str) -> None:
    rows_or_refusal(read_markup, f"<html>{text}".encode())


@given(st.text(st.sampled_from(list('[]{}",:\\ue1 \n'))))
@MANY
def test_any_json_is_read_or_refused(text: str) -> None:
    rows_or_refusal(read_json, text.encode())


@given(st.binary(max_size=200))
@MANY
def test_any_workbook_is_read_or_refused(content: bytes) -> None:
    rows_or_refusal(read_workbook, b"PK\x03\x04" + content)


def rows_or_refusal(read: object, content: bytes) -> None:
    """Within this process: thousands of examples a second, where starting one would allow ten."""
    with tempfile.TemporaryDirectory() as folder:
        path, tables = Path(folder) / "upload", Tables(Path(folder))
        path.write_bytes(content)
        with suppress(Refusal):
            read(path, "", tables)  # type: ignore[operator]
        for table in tables.found:
            written = table.path.read_bytes().decode()
            assert list(csv.reader(io.StringIO(written, newline=""), strict=True))
            assert not re.search("[\ud800-\udfff]", written)
