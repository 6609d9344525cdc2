from __future__ import annotations

import io

import pytest

from reviews.ingest.errors import UnreadableFile
from reviews.ingest.reading.charset import BLOCK_BYTES
from reviews.ingest.reading.formats import recognise_layout
from tests.reviews.ingest.exports import HEADINGS, ROWS, csv_bytes


def refusal(content: bytes, encoding: str = "") -> str:
    with pytest.raises(UnreadableFile) as refused:
        recognise_layout(io.BytesIO(content), encoding)
    return str(refused.value)


@pytest.fixture(autouse=True)
def _english() -> None:
    from django.utils import translation

    translation.activate("en")


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
@pytest.mark.parametrize(("encoding", "found"), [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("gb18030", "gb18030")])
def test_encoding_delimiter_and_headings_are_recognised(encoding: str, found: str, delimiter: str) -> None:
    layout = recognise_layout(io.BytesIO(csv_bytes(encoding=encoding, delimiter=delimiter)))
    assert layout == (found, delimiter, 1, list(HEADINGS))


@pytest.mark.parametrize("headings", [("编号", "内容", "时间"), ("订单号", "内容", "时间")])
@pytest.mark.parametrize("in_texts", [",", "\t", ";", "|"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_what_only_texts_are_full_of_separates_no_columns(
    delimiter: str, in_texts: str, headings: tuple[str, ...]
) -> None:
    rows = [(str(number), in_texts.join("颜色很好看" * number), "2026-11-20") for number in range(1, 5)]
    text = "\n".join(map(delimiter.join, [headings, *rows]))
    if delimiter == in_texts:
        text = csv_bytes(rows, headings, delimiter=delimiter).decode()
    layout = recognise_layout(io.BytesIO(text.encode()))
    assert (layout.delimiter, layout.headings) == (delimiter, list(headings))


def test_a_banner_of_bars_and_known_words_is_no_heading() -> None:
    content = "按|评价时间|评价结果|订单号\n订单号,评价内容,评价时间\n1,好,2026-11-20\n2,差,2026-11-20\n"
    assert recognise_layout(io.BytesIO(content.encode())).delimiter == ","


def test_headings_below_a_banner_are_found() -> None:
    banner = "店铺评价导出,,\n导出时间:,2026-11-20,\n\n".encode()
    assert recognise_layout(io.BytesIO(banner + csv_bytes())).heading_line == 4


def test_headings_lose_blanks_marks_and_quotation_marks() -> None:
    content = '\ufeff"评价内容 ",评价时间\u3000 ,  订单号,\n好,2026-11-20,1,\n'.encode()
    assert recognise_layout(io.BytesIO(content)).headings == ["评价内容", "评价时间", "订单号"]


def test_a_character_across_two_blocks_is_no_error() -> None:
    for encoding in ("utf-8", "gb18030"):
        content = csv_bytes(encoding=encoding)
        filler = b"x" * (BLOCK_BYTES - len(content) - 1)
        whole = content + filler + "好".encode(encoding) + b"\n"
        assert recognise_layout(io.BytesIO(whole)).encoding == encoding


@pytest.mark.parametrize("rows", [1, 60])
def test_big5_and_gb18030_are_told_apart(rows: int) -> None:
    traditional = [
        ("東西收到了,品質不錯,出貨速度也很快", "2026-11-20"),
        ("尺寸不合,客服不回覆", "2026-11-19"),
    ] * rows
    simplified = [
        ("东西收到了,质量不错,发货速度也很快", "2026-11-20"),
        ("尺码不合,客服不回复", "2026-11-19"),
    ] * rows
    for written, encoding in ((traditional, "cp950"), (traditional, "gb18030"), (simplified, "gb18030")):
        content = csv_bytes(written, ("評價內容" if written is traditional else "评价内容", "日期"), encoding=encoding)
        assert recognise_layout(io.BytesIO(content)).encoding == encoding


def test_a_named_encoding_is_used() -> None:
    content = csv_bytes(headings=("評價內容", "時間"), rows=[("很好", "2026-11-20")], encoding="big5")
    assert recognise_layout(io.BytesIO(content), "big5").headings == ["評價內容", "時間"]


@pytest.mark.parametrize("encoding", ["utf-16", "no-such-thing", "hex"])
def test_an_encoding_that_cannot_be_read_is_refused_by_name(encoding: str) -> None:
    assert encoding in refusal(csv_bytes(), encoding)


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b" \r\n\r\n "])
def test_an_empty_file(content: bytes) -> None:
    assert "The file is empty" in refusal(content)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"%PDF-1.7\n", "PDF"),
        (b"Rar!\x1a\x07\x00", "RAR"),
        (b"7z\xbc\xaf\x27\x1c\x00", "7-Zip"),
        (b"export.csv".ljust(257, b"\0") + b"ustar\x0000", "TAR"),
        (b"\x89PNG\r\n\x1a\n", "picture"),
        ("评价内容\t评价时间\n好\t2026-11-20\n".encode("utf-16"), "UTF-16"),
        (bytes(range(256)) * 4, "not valid"),
        ("今天天气很好\n我们去公园吧\n".encode(), "No heading row"),
    ],
)
def test_what_is_no_csv_is_called_by_its_name(content: bytes, what: str) -> None:
    assert what in refusal(content)


def test_undecodable_bytes_are_told_by_line_and_byte() -> None:
    good = csv_bytes()
    broken = good + b"1006,\xff\xfe,x\n"
    message = refusal(broken)
    assert "Line 7" in message
    assert f"byte {len(good) + 6}" in message
    assert "UTF-8" in message


def test_the_encoding_that_got_furthest_is_named() -> None:
    assert "GB18030" in refusal(csv_bytes(encoding="gb18030") + b"\xff\xff\n")


def test_rows_without_a_heading_row() -> None:
    message = refusal(csv_bytes(rows=ROWS[1:], headings=ROWS[0]))
    assert "No heading row: line 1 already holds data" in message


def test_unknown_headings_are_still_headings() -> None:
    layout = recognise_layout(io.BytesIO(csv_bytes(headings=("a", "b", "c"), rows=[("好", "2026-11-20", "1")])))
    assert layout.headings == ["a", "b", "c"]


def test_nul_bytes_in_the_heading_row() -> None:
    assert "NUL" in refusal(csv_bytes(headings=("评价内容", "评价时间", "订\0单号", "x", "x", "x", "x")))


def test_too_many_columns() -> None:
    assert "10000 columns" in refusal(csv_bytes(headings=[f"h{number}" for number in range(10_000)], rows=[]))
