"""Formulas of workbooks that were saved without their results: told, never read as empty."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from django.utils import translation

from reviews.ingest.errors import UnreadableFile
from reviews.ingest.preview import column_samples
from reviews.ingest.reading.formats import recognise_layout
from reviews.ingest.unpacking import unpack
from reviews.ingest.unpacking.formulas import open_formulas
from reviews.ingest.unpacking.tables import OPEN_FORMULA
from reviews.models import Shop
from tests.reviews.ingest.exports import looked_at
from tests.reviews.ingest.files import Grid, open_formulas_xlsx, xlsx, zipped

HEADINGS = ("评价内容", "评价时间", "备注")


@pytest.fixture(autouse=True)
def _english() -> None:
    translation.activate("en")


def workbook(xml: str) -> bytes:
    """A workbook with a sheet named a of these rows, written as another program may: prefixes, cases, no places."""
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    main = 'xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    return zipped(
        {
            "[Content_Types].xml": b"<Types/>",
            "xl/workbook.xml": f'<x:workbook {main} xmlns:r="{relation}"><x:sheets>'
            f'<x:sheet name="a" sheetId="1" r:id="R7"/></x:sheets></x:workbook>'.encode(),
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}"><Relationship Id="R7" '
            f'Type="{relation}/worksheet" Target="/xl/Worksheets/One.xml"/></Relationships>'.encode(),
            "xl/worksheets/one.xml": f"<x:worksheet {main}><x:sheetData>{xml}</x:sheetData></x:worksheet>".encode(),
        }
    )


def found(content: bytes, tmp_path: Path, sheet: str = "a") -> list[tuple[int, list[int]]]:
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)
    return list(open_formulas(path, sheet))


def rows_of(grid: Grid, tmp_path: Path) -> list[str]:
    (table,) = unpack(io.BytesIO(open_formulas_xlsx(grid)), tmp_path)
    return table.path.read_text().splitlines()


@pytest.mark.parametrize(
    ("cell", "is_open"),
    [
        ("<x:c><x:f>1+1</x:f></x:c>", True),
        ("<x:c><x:f>1+1</x:f><x:v/></x:c>", True),
        ('<x:c><x:f t="shared" si="0"/><x:v></x:v></x:c>', True),
        ("<x:c><x:f>1+1</x:f><x:v>2</x:v></x:c>", False),
        ('<x:c t="str"><x:f>A1&amp;""</x:f><x:v></x:v></x:c>', False),
        ("<x:c><x:v>2</x:v></x:c>", False),
        ("<x:c/>", False),
    ],
)
def test_only_a_formula_without_a_result_is_one(tmp_path: Path, cell: str, is_open: bool) -> None:
    assert bool(found(workbook(f"<x:row>{cell}</x:row>"), tmp_path)) is is_open


def test_places_are_told_or_follow_the_one_before(tmp_path: Path) -> None:
    formula = "<x:f>1</x:f></x:c>"
    xml = (
        f'<x:row r="3"><x:c r="B3">{formula}<x:c>{formula}<x:c r="AA3">{formula}</x:row>'
        f'<x:row><x:c/><x:c>{formula}</x:row><x:row r="2"><x:c>{formula}</x:row>'
    )
    assert found(workbook(xml), tmp_path) == [(2, [1, 2, 26]), (3, [1]), (4, [0])]


def test_a_formula_across_two_blocks_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reviews.ingest.unpacking.formulas._BLOCK_BYTES", 3)
    assert found(workbook("<x:row><x:c><x:f>1</x:f></x:c></x:row>"), tmp_path) == [(0, [0])]


def test_other_files_and_sheets_have_none(tmp_path: Path) -> None:
    assert found(xlsx({"a": [HEADINGS]}), tmp_path) == []
    assert found(xlsx({"b": [HEADINGS]}), tmp_path) == []
    assert found(b"\xd0\xcf\x11\xe0", tmp_path) == []


def test_rows_of_nothing_but_formulas_keep_their_place(tmp_path: Path) -> None:
    grid = [HEADINGS, ("好", "=NOW()", ""), ("", "", ""), ("=A2", "=B2", "=A2")]
    assert rows_of(grid, tmp_path) == [
        ",".join(HEADINGS),
        f"好,{OPEN_FORMULA},",
        "",
        ",".join([OPEN_FORMULA] * 3),
    ]


@pytest.mark.parametrize(
    ("grid", "what"), [([("=A1", "=B1")], "nothing but formulas"), ([("评价内容", "=B1"), ("好", "1")], "A heading is")]
)
def test_without_headings_the_file_is_refused(tmp_path: Path, grid: Grid, what: str) -> None:
    with pytest.raises(UnreadableFile, match=re.escape(what)):
        recognise_layout(unpack(io.BytesIO(open_formulas_xlsx(grid)), tmp_path)[0].path.open("rb"), "utf-8")


@pytest.mark.django_db(transaction=True)
def test_the_preview_shows_no_mark_and_refuses_the_row(shop: Shop) -> None:
    batch = looked_at(shop, open_formulas_xlsx([HEADINGS, ("=A3", "2025-11-16", "=A1"), ("好", "2025-11-17", "")]))
    assert column_samples(batch) == ["好", "2025-11-16", ""]
    assert [*batch.rejections.values_list("line", "column", "value", "reason", "cells")] == [
        (2, "评价内容", "", "open_formula", ["", "2025-11-16", ""])
    ]
