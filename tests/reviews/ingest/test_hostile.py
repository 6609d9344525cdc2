"""Files made to do harm: each ends in a clear sentence, within bounded time and memory."""

from __future__ import annotations

import io
import os
import resource
import time
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import pytest
from django.utils import translation

from reviews.ingest.errors import UnreadableFile
from reviews.ingest.reading.formats import recognise_layout
from reviews.ingest.unpacking import limits, unpack
from reviews.ingest.unpacking.refusals import Refusal
from reviews.ingest.unpacking.tables import Tables
from tests.reviews.ingest.files import gz, page, sheet_xml, xls, xlsx, zipped

MEGABYTE = 1 << 20
GRID = [["评价内容", "评价时间"], ["好", "2026-11-20"]]


@pytest.fixture(autouse=True)
def _english() -> None:
    translation.activate("en")


@contextmanager
def within(*, seconds: float) -> Iterator[None]:
    """Time on the clock, and memory of this process; what others may take is limited where they begin."""
    started, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    assert time.monotonic() - started < seconds
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 1024


def refusal(upload: IO[bytes], folder: Path) -> str:
    with pytest.raises(UnreadableFile) as refused:
        unpack(upload, folder)
    assert list(folder.iterdir()) == []
    return str(refused.value)


def zeros(count: int) -> bytes:
    """A gzip stream of `count` MB of zeros, about a thousandth as long."""
    packer = zlib.compressobj(9, wbits=31)
    block = bytes(MEGABYTE)
    return b"".join([*(packer.compress(block) for _ in range(count)), packer.flush()])


def test_a_bomb_in_gzip(tmp_path: Path) -> None:
    with within(seconds=30):
        assert "unpacks to far more data" in refusal(io.BytesIO(zeros(300)), tmp_path)


@pytest.mark.parametrize("inside", ["a.csv", "b.gz"])
def test_a_bomb_in_zip(tmp_path: Path, inside: str) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive, archive.open(inside, "w") as member:
        if inside == "b.gz":
            member.write(gz(gz(zeros(200))))
        for _ in range(300 if inside == "a.csv" else 0):
            member.write(bytes(MEGABYTE))
    with within(seconds=30):
        assert ("unpacks to far more data" if inside == "a.csv" else "another archive") in refusal(content, tmp_path)


def test_a_bomb_of_many_members_that_share_their_bytes(tmp_path: Path) -> None:
    """Each member is within the limits; only what all of them come to is not."""
    members = {f"{number}.csv": b"a,b\n" * (2 * MEGABYTE) for number in range(40)}
    assert "unpacks to far more data" in refusal(io.BytesIO(zipped(members)), tmp_path)
    assert "holds 500 files" in refusal(io.BytesIO(zipped({f"{n}.csv": b"a,b" for n in range(500)})), tmp_path)


def test_a_bomb_in_a_workbook(tmp_path: Path) -> None:
    content = io.BytesIO(xlsx({"a": GRID}))
    with zipfile.ZipFile(content, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/more.xml", "w") as member:
        for _ in range(300):
            member.write(b" " * MEGABYTE)
    assert "unpacks to far more data" in refusal(content, tmp_path)


def test_a_workbook_with_a_cell_in_each_far_corner(tmp_path: Path) -> None:
    """A reader that allots the whole square would need 400 GB."""
    grid = workbook_of('<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>')
    with within(seconds=60):
        assert "takes more memory" in refusal(io.BytesIO(grid), tmp_path)


def test_a_workbook_whose_sectors_run_in_a_circle(tmp_path: Path) -> None:
    """Found by fuzzing: the reader follows them until its memory is used up."""
    content = bytearray(xls(GRID))
    directory, table = (int.from_bytes(content[place : place + 4], "little") for place in (48, 76))
    entry = 512 * (table + 1) + 4 * directory
    content[entry : entry + 4] = directory.to_bytes(4, "little")
    with within(seconds=60):
        assert "takes more memory" in refusal(io.BytesIO(content), tmp_path)


def workbook_of(rows: str, *, before: str = "") -> bytes:
    """A workbook whose sheet is written by hand."""
    made, content = zipfile.ZipFile(io.BytesIO(xlsx({"a": GRID}))), io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for member in made.infolist():
            data = made.read(member)
            if member.filename == "xl/worksheets/sheet1.xml":
                data = f"{before}<worksheet><sheetData>{rows}</sheetData></worksheet>".encode()
            archive.writestr(member.filename, data)
    return content.getvalue()


LAUGHS = "".join(f'<!ENTITY l{level} "{f"&l{level - 1};" * 10}">' for level in range(1, 12))
LAUGHTER = f'<!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}<!ENTITY file SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    "content",
    [
        workbook_of('<row><c t="inlineStr"><is><t>&l11;&file;</t></is></c></row>', before=LAUGHTER),
        sheet_xml("<Row><Cell><Data>x&l11;&file;</Data></Cell></Row>", before=LAUGHTER),
        LAUGHTER.encode() + page([["a", "b"], ["&l11;", "&file;"]]).replace(b"&amp;", b"&"),
    ],
)
def test_entities_are_not_expanded(tmp_path: Path, content: bytes) -> None:
    with within(seconds=20):
        try:
            tables = unpack(io.BytesIO(content), tmp_path)
        except UnreadableFile:
            return
    text = "".join(table.path.read_text() for table in tables)
    assert len(text) < 1_000
    assert "hahaha" not in text
    assert "root:" not in text


@pytest.mark.parametrize(
    "damage",
    [
        lambda xml: xml[: len(xml) // 2],
        lambda xml: xml.replace(b"</c>", b"</d>"),
        lambda xml: b"",
        lambda xml: os.urandom(2000),
        lambda xml: xml.replace(b"<v>", b"<v>99999999"),
    ],
)
@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/sharedStrings.xml", None])
def test_a_workbook_with_a_part_damaged_or_missing(tmp_path: Path, part: str | None, damage: object) -> None:
    made, content = zipfile.ZipFile(io.BytesIO(xlsx({"a": GRID}))), io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for member in made.infolist():
            data = made.read(member)
            if member.filename == part:
                data = damage(data)  # type: ignore[operator]
            if part or member.filename != "xl/worksheets/sheet1.xml":
                archive.writestr(member.filename, data)
    try:
        tables = unpack(content, tmp_path)
    except UnreadableFile:
        assert list(tmp_path.iterdir()) == []
    else:
        assert [table.name for table in tables] == ["a"]


def test_a_workbook_of_more_sheets_than_anybody_writes(tmp_path: Path) -> None:
    content = xlsx({f"s{number}": GRID for number in range(limits.TABLES + 1)})
    assert "more than 100 tables" in refusal(io.BytesIO(content), tmp_path)


def test_all_tables_together_have_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "UNPACKED_BYTES", 30_000)
    tables = Tables(tmp_path)
    for name in "ab":
        tables.add_rows(name, [["评价"] * 2] * 900)
    with pytest.raises(Refusal, match="too_much_data"):
        tables.add_rows("c", [["评价"] * 2] * 1_000)


@pytest.mark.parametrize("make", [lambda grid: xlsx({"a": grid}), page], ids=["xlsx", "html"])
def test_ten_thousand_columns(tmp_path: Path, make: object) -> None:
    content = make([[f"h{number}" for number in range(10_000)]])  # type: ignore[operator]
    assert f"at most {limits.COLUMNS}" in refusal(io.BytesIO(content), tmp_path)
    wide = b'{"a":1,' + b",".join(b'"h%d":1' % number for number in range(10_000)) + b"}"
    assert f"at most {limits.COLUMNS}" in refusal(io.BytesIO(wide), tmp_path)
    thin = b"\n".join(b'{"h%d":1,"a":2}' % number for number in range(10_000))
    assert f"at most {limits.COLUMNS}" in refusal(io.BytesIO(thin), tmp_path)


def test_a_gigabyte_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "line.csv"
    with path.open("wb") as file:
        file.write(b"a,b")
        file.truncate(1 << 30)
    folder = tmp_path / "folder"
    folder.mkdir()
    with path.open("rb") as file, within(seconds=30):
        assert unpack(file, folder) == []
        with pytest.raises(UnreadableFile, match="longer than 1 MB"):
            recognise_layout(file)


@pytest.mark.parametrize(
    "content",
    [
        b"[" * (4 * MEGABYTE),
        b'{"a":' * MEGABYTE,
        b'[{"a":"' + b"x" * (40 * MEGABYTE) + b'"}]',
        b'[{"a":"' + b"x" * (40 * MEGABYTE),
        b"<table><tr>" + b"<td>" * (2 * MEGABYTE),
        b"<table>" * (2 * MEGABYTE),
        b"<div>" * (4 * MEGABYTE) + b"<table><tr><td>1</table>",
        b"<table><tr><td>" + b"x" * (40 * MEGABYTE) + b"</table>",
        b"<table><tr><td colspan=999999999 rowspan=999999999>1" + b"<tr>" * (MEGABYTE // 8),
        b"<" + b"a" * (20 * MEGABYTE),
    ],
    ids=lambda content: content[:12].decode(),
)
def test_markup_and_json_without_end(tmp_path: Path, content: bytes) -> None:
    tables = []
    with within(seconds=60), suppress(UnreadableFile):
        tables = unpack(io.BytesIO(content), tmp_path)
    assert sum(table.path.stat().st_size for table in tables) < 100 * MEGABYTE


def test_a_reader_that_hangs_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "WALL_SECONDS", 0.01)
    assert "took too long" in refusal(io.BytesIO(xlsx({"a": GRID})), tmp_path)


def test_parsing_knows_no_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "not for the child")
    seen = {}

    def run(command: list[str], **options: object) -> None:
        seen.update(options)
        raise UnreadableFile("seen")

    monkeypatch.setattr("subprocess.run", run)
    refusal(io.BytesIO(xlsx({"a": GRID})), tmp_path)
    assert seen["env"] == {}
