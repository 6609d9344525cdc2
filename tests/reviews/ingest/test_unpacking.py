"""Whatever holds a table comes out as that table, cell for cell."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from django.utils import translation

from reviews.ingest.errors import UnreadableFile
from reviews.ingest.reading.formats import recognise_layout
from reviews.ingest.unpacking import unpack
from tests.reviews.ingest.files import (
    Grid,
    csv_text,
    gz,
    json_lines,
    merged_xls,
    merged_xlsx,
    page,
    sheet_xml,
    xls,
    xlsx,
    zipped,
)

GRID = (
    ("评价内容", "评价时间", "订单号"),
    ('说"好",其实\n不好', "2026-11-20 21:14", '="4000000000000000001"'),
    ("=1+1", "", "'2"),
)
Unpacked = Callable[..., dict[str, list[list[str]]]]


@pytest.fixture(autouse=True)
def _english() -> None:
    translation.activate("en")


@pytest.fixture
def unpacked(tmp_path: Path) -> Unpacked:
    """Name -> rows of every table inside, read as an import reads them."""

    def unpacked(content: bytes, encoding: str = "") -> dict[str, list[list[str]]]:
        tables = unpack(io.BytesIO(content), tmp_path, encoding)
        assert {table.path for table in tables} == set(tmp_path.iterdir()), "nothing else is left behind"
        return {table.name: rows_of(table.path) for table in tables}

    return unpacked


def rows_of(path: Path) -> list[list[str]]:
    with path.open("rb") as stream:
        delimiter = recognise_layout(stream, "utf-8").delimiter
    text = path.read_bytes().decode().removeprefix("\ufeff")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def listed(grid: Grid) -> list[list[str]]:
    return [list(row) for row in grid]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_delimited_text_is_left_as_it_stands(unpacked: Unpacked, encoding: str) -> None:
    assert unpacked(csv_text(GRID).encode(encoding)) == {}
    assert unpacked("[2026-11-20] 导出\n{店铺}\n".encode(encoding)) == {}, "brackets alone make no JSON"


@pytest.mark.parametrize(
    "content",
    [
        xlsx({"评价": GRID}),
        xls(GRID),
        page(GRID),
        page(GRID, encoding="gb18030"),
        "\ufeff".encode() + page(GRID),
        page(GRID).decode().encode("utf-16"),
        gz(csv_text(GRID).encode("gb18030")),
        gz(xlsx({"评价": GRID})),
        gz(page(GRID)),
        zipped({"评价.csv": csv_text(GRID, "\t").encode("utf-16")}),
        zipped({"评价.csv": csv_text(GRID, ";").encode("utf-8-sig")}),
        zipped({"a/b/评价.xlsx": xlsx({"评价": GRID})}),
        zipped({"评价.json": json_lines(GRID)}),
        json_lines(GRID),
        *(csv_text(GRID, "\t").encode(encoding) for encoding in ("utf-16", "utf-16-le", "utf-16-be")),
    ],
)
def test_a_table_comes_out_cell_for_cell(unpacked: Unpacked, content: bytes) -> None:
    assert [*unpacked(content).values()] == [listed(GRID)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_lines_that_end_with_carriage_returns_alone(unpacked: Unpacked, encoding: str, delimiter: str) -> None:
    content = csv_text(GRID, delimiter).replace("\r\n", "\r").encode(encoding)
    assert [*unpacked(content).values()] == [listed(GRID)]
    assert [*unpacked(gz(content)).values()] == [listed(GRID)]


def test_a_carriage_return_inside_a_cell_ends_no_line(unpacked: Unpacked) -> None:
    assert unpacked("评价内容,评价时间\n好\r的,2026-11-20\n".encode()) == {}
    assert unpacked('评价内容,评价时间\n"好\r的",2026-11-20\n'.encode()) == {}


def test_a_document_with_carriage_returns_is_called_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="PDF"):
        unpack(io.BytesIO(b"%PDF-1.4\r\xe2\xe3\xcf\xd3\r1 0 obj\r"), tmp_path)


def test_big5_inside_an_archive(unpacked: Unpacked) -> None:
    grid = [["評價內容", "日期"], ["東西收到了,品質不錯", "2026-11-20"], ["客服一直不回覆", "2026-11-19"]]
    content = gz(csv_text(grid).encode("big5"))
    assert unpacked(content) == unpacked(content, "big5") == {"": grid}


def test_cells_of_a_workbook(unpacked: Unpacked) -> None:
    row = [datetime(2026, 11, 20, 21, 14), 46346.5, 3.0, 12.5, 123456789012345, 4.000000000000001e17, True, "00123 "]
    said = ["2026-11-20 21:14:00", "46346.5", "3", "12.5", "123456789012345", "4.00000E+17", "true", "00123 "]
    grid = [[f"h{number}" for number in range(len(row))], row]
    assert unpacked(xlsx({"a": grid}))["a"][1] == said
    assert unpacked(xls([grid[0], [*row[:6], "true", row[7]]]))["评价"][1] == said


def test_every_visible_sheet_with_rows_is_a_table(unpacked: Unpacked) -> None:
    sheets = {"一": GRID, "空": [], "二": GRID[:2], "藏": GRID}
    assert list(unpacked(xlsx(sheets, hidden=["藏"]))) == ["一", "二"]
    assert list(unpacked(zipped({"x.xlsx": xlsx(sheets), "y.csv": csv_text(GRID).encode()}))) == [
        "x.xlsx / 一",
        "x.xlsx / 二",
        "x.xlsx / 藏",
        "y.csv",
    ]


def test_blank_rows_keep_the_numbers_of_the_others(unpacked: Unpacked) -> None:
    assert unpacked(xlsx({"a": [GRID[0], (), (" ", "", ""), GRID[2]]}))["a"] == [[*GRID[0]], [], [], [*GRID[2]]]


@pytest.mark.parametrize("content", [merged_xlsx(), merged_xls()], ids=["xlsx", "xls"])
def test_a_cell_merged_downwards_counts_for_every_row_that_it_covers(unpacked: Unpacked, content: bytes) -> None:
    assert [row for row in unpacked(content)["订单"] if any(row)] == [
        ["十一月", "", ""],
        ["订单编号", "宝贝标题", "宝贝总数量"],
        ["4000000000000000001", "杯子", "1"],
        ["4000000000000000001", "杯盖", "2"],
        ["", "杯刷", "3"],
    ]


def test_the_largest_table_of_a_page_counts(unpacked: Unpacked) -> None:
    around = "<table><tr><td>搜索<td>导出</table><table><tr><td>店铺<td>{}<td>合计</table><p>完"
    assert unpacked(page(GRID, around=around))[""] == listed(GRID)


def test_tables_beside_each_other_are_pages_of_one(unpacked: Unpacked) -> None:
    headings, first, second = (page([row]).decode() for row in GRID[:3])
    frame = "<table><tr><td>第<td>1<td>页</table>"
    assert unpacked(f"<table><tr><td>{headings}<tr><td>{first}{second}</table>".encode())[""] == listed(GRID[:3])
    assert unpacked(f"{headings}{first}<table><tr><td>第<td>1 页</table>{second}".encode())[""] == listed(GRID[:3])
    assert unpacked(f"{page(GRID).decode()}<table><tr><td>{frame}</table>".encode())[""] == listed(GRID)


def test_a_careless_page(unpacked: Unpacked) -> None:
    content = (
        "<TABLE><tr><th>评价内容<th colspan=2>时间<!-- 秘 --><th>单号</tr>"
        "<tr><td rowspan=2>好 &lt;3 &amp;nbsp;<td>1<td>2<td colspan=x>&#57;</tr><tr><td colspan=2>a<b>b</b>c<td>4"
    )
    assert unpacked(content.encode("gbk"))[""] == [
        ["评价内容", "时间", "", "单号"],
        ["好 <3 &nbsp;", "1", "2", "9"],
        ["好 <3 &nbsp;", "abc", "", "4"],
    ]


def test_a_control_character_behind_a_line_break(unpacked: Unpacked) -> None:
    """Found by fuzzing."""
    content = "<table><tr><td>评价内容<td>单号</tr><tr><td>鞋底开胶<br>才穿两天\x1c了<td>1</table>"
    assert unpacked(content.encode())[""] == [["评价内容", "单号"], ["鞋底开胶\n才穿两天\x1c了", "1"]]


def test_xml_of_excel_2003(unpacked: Unpacked) -> None:
    rows = (
        '<Row><Cell><Data ss:Type="String">评价内容</Data></Cell><Cell><Data ss:Type="String">时间</Data></Cell>'
        '<Cell><Data ss:Type="String">单号</Data></Cell></Row>'
        '<Row><Cell><Data ss:Type="String">好</Data></Cell>'
        '<Cell ss:Index="3"><Data ss:Type="Number">7</Data></Cell></Row>'
    )
    assert unpacked(sheet_xml(rows)) == {"评价": [["评价内容", "时间", "单号"], ["好", "", "7"]]}


def test_a_sheet_of_open_document(unpacked: Unpacked) -> None:
    cell = '<table:table-cell office:value-type="{}"><text:p>{}</text:p></table:table-cell>'.format
    rows = (
        f"<table:table-row>{''.join(cell('string', heading) for heading in GRID[0])}</table:table-row>"
        f"<table:table-row>{cell('string', '好')}"
        + cell('date" office:date-value="2026-11-20T21:14:00', "20.11.")
        + cell('float" office:value="7', "7,00")
        + "</table:table-row>"
    )
    spaces = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    content = (
        f'<office:document-content{spaces}><office:body><office:spreadsheet><table:table table:name="评价">{rows}'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    upload = zipped(
        {"mimetype": kind.encode(), "META-INF/manifest.xml": b"<manifest/>", "content.xml": content.encode()}
    )
    assert unpacked(upload) == {"评价": [list(GRID[0]), ["好", "2026-11-20 21:14:00", "7"]]}


TAOBAO = {"tid": 4000000000000000001, "content": "好", "result": "good", "valid_score": True, "reply": None}
NESTED = [{"content": "抱歉", "replies": [{"content": "没用"}]}, {"content": "第二句"}]
JD = {"commentId": 1, "content": "差", "score": 1, "replies": [{"content": "抱歉", "id": 9}], "images": [{"url": "u"}]}


@pytest.mark.parametrize(
    ("answer", "rows"),
    [
        (
            {"traderates_get_response": {"trade_rates": {"trade_rate": [TAOBAO, {"tid": 2, "nick": "a"}]}, "id": "x"}},
            [
                ["tid", "content", "result", "valid_score", "reply", "nick"],
                ["4000000000000000001", "好", "good", "true", "", ""],
                ["2", "", "", "", "", "a"],
            ],
        ),
        (
            {"code": "0", "data": {"more": False, "comments": [JD]}},
            [["commentId", "content", "score", "replies", "images"], ["1", "差", "1", "抱歉", '[{"url":"u"}]']],
        ),
        ({"response": {"rate": JD}}, [[*JD], ["1", "差", "1", "抱歉", '[{"url":"u"}]']]),
        ([{"评价内容": "好", "时间": 1.5}], [["评价内容", "时间"], ["好", "1.5"]]),
        ({"评价内容": "好", "图": [{"a": 1}]}, [["评价内容", "图"], ["好", '[{"a":1}]']]),
    ],
)
def test_answers_of_interfaces(unpacked: Unpacked, answer: object, rows: list[list[str]]) -> None:
    for content in (
        json.dumps(answer),
        json.dumps(answer, indent=2, ensure_ascii=False),
        f"\ufeff{json.dumps(answer)}\n",
    ):
        assert unpacked(content.encode()) == {"": rows}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\n\n\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_objects_however_lines_end(unpacked: Unpacked, end: str, mark: str) -> None:
    items = [JD | {"replies": replies} for replies in (NESTED, NESTED[0], "抱歉", [], None)]
    rows = [["1", "差", "1", reply, '[{"url":"u"}]'] for reply in ("抱歉", "抱歉", "抱歉", "", "")]
    lines = [json.dumps(item, ensure_ascii=False) for item in items]
    spread = json.dumps(items, ensure_ascii=False, indent=1).replace("\n", end)
    for text in (end.join(lines) + end, f"[{end}{f',{end}'.join(lines)}{end}]", spread):
        for encoding in ("utf-8", "gb18030", "utf-16"):
            if not mark or encoding == "utf-8":
                assert unpacked((mark + text).encode(encoding)) == {"": [[*JD], *rows]}


def test_json_lines_take_the_keys_of_all_lines(unpacked: Unpacked) -> None:
    lines = [
        {"response": {}},
        {"response": {"list": [{"content": "二", "new": "\ud800"}]}},
        {"content": "一", "n": 12345678901234567890.5},
    ]
    assert unpacked("\n".join(map(json.dumps, lines)).encode()) == {
        "": [["content", "new", "n"], ["二", "\ufffd", ""], ["一", "", "1.2345678901234567e+19"]]
    }


def test_a_number_of_thousands_of_digits_is_text(unpacked: Unpacked) -> None:
    digits = "1" * 5_000
    assert unpacked(f'{{"content":"好","n":{digits}}}'.encode()) == {"": [["content", "n"], ["好", digits]]}


def test_names_in_an_archive_are_only_shown(unpacked: Unpacked, tmp_path: Path) -> None:
    text = csv_text(GRID).encode()
    names = ["../../../etc/passwd", "/etc/passwd", "C:\\a.csv", "评价.csv", "a\x1b[0m.csv"]
    skipped = ["__MACOSX/._评价.csv", "x/.DS_Store", "Thumbs.db", "ordner/"]
    content = zipped(dict.fromkeys([*names, *skipped], text) | {"leer.csv": b""})
    assert list(unpacked(content)) == [*names[:4], "a\ufffd[0m.csv"]
    assert not (tmp_path.parent / "etc").exists()


def test_names_of_a_chinese_windows_are_readable(unpacked: Unpacked) -> None:
    content = zipped({"????.csv": csv_text(GRID).encode()}).replace(b"????.csv", "评价".encode("gbk") + b".csv")
    assert list(unpacked(content)) == ["评价.csv"]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (zipped({"innen.zip": zipped({"a.csv": b"a,b"})}), "“innen.zip”: The archive holds another archive"),
        (gz(gz(b"a,b")), "another archive"),
        (gz(b"a,b\n" * 99)[:-20], "incomplete"),
        (b"\x1f\x8b" + bytes(99), "damaged"),
        (xlsx({"a": GRID})[:-300], "incomplete"),
        (b"\xd0\xcf\x11\xe0" + bytes(5000), "Excel workbook is damaged"),
        (xls(GRID)[:4096], "Excel workbook is damaged"),
        (zipped({"[Content_Types].xml": b"<Types/>"}), "Excel workbook is damaged"),
        (zipped({"x.xlsx": zipped({"xl/workbook.xml": b"<"})}), "“x.xlsx”: The Excel workbook is damaged"),
        (xlsx({"a": []}), "holds no rows"),
        (zipped({}), "holds no rows"),
        (b"<html><h1>Sign in", "without a table"),
        (b"<?xml version='1.0'?><rss></rss>", "without a table"),
        (b"<table></table>", "without a table"),
        (b"<table>" + b"<tr><td>1<td>2" * 9 + b"<div>" * 300 + b"<tr><td>3", "breaks off, or is nested"),
        (sheet_xml("<Row><Cell><Data>1</Data></Cell></Row>")[:-40], "breaks off"),
        (b'[{"a":1},{"a":2]', "Line 1 is no JSON object"),
        (b'{"a":1}\n{"a":2}\n{"a":', "Line 3 is no JSON object"),
        (b'{"a":1}\n[1]', "Line 2 is no JSON object"),
        (b"[{}]", "no objects"),
        ('[{"a":"好"}]'.encode() + b"\xff", "Line 1 has bytes that are not valid UTF-8"),
        (zipped({"a.csv": "好".encode() + b"\n\xff\xff"}), "“a.csv”: Line 2 has bytes that are not valid UTF-8"),
        (b"\xff\xfea\0,\0\n\0\0\xd8", "not valid UTF-16"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(tmp_path: Path, content: bytes, what: str) -> None:
    with pytest.raises(UnreadableFile, match=what):
        unpack(io.BytesIO(content), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_passwords_are_told(tmp_path: Path) -> None:
    content = bytearray(zipped({"geheim.csv": b"a,b"}))
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + flags] |= 1
    assert zipfile.ZipFile(io.BytesIO(content)).infolist()[0].flag_bits & 1
    with pytest.raises(UnreadableFile, match=r"“geheim\.csv”: The archive is locked by a password"):
        unpack(io.BytesIO(content), tmp_path)


def test_what_a_killed_run_left_behind_is_removed(unpacked: Unpacked, tmp_path: Path) -> None:
    (tmp_path / "unpacking").mkdir()
    (tmp_path / "unpacking" / "upload").write_bytes(b"old")
    assert unpacked(json_lines(GRID)) == {"": listed(GRID)}
