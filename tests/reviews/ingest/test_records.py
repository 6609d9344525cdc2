from __future__ import annotations

import io

import pytest

from reviews.ingest.errors import UnreadableFile
from reviews.ingest.reading.records import RECORD_BYTES, Position, Record, read_records


def records(content: bytes, encoding: str = "utf-8", width: int | None = None) -> list[Record]:
    return list(read_records(io.BytesIO(content), encoding, ",", width=width))


def test_records_know_their_lines_and_where_they_end() -> None:
    found = records('a,b\r\n"x\r\ny",2\r\n\r\n好,4'.encode())
    assert [(record.line, record.last_line, record.cells) for record in found] == [
        (1, 1, ["a", "b"]),
        (2, 3, ["x\r\ny", "2"]),
        (5, 5, ["好", "4"]),
    ]


def test_rows_that_say_nothing_are_none() -> None:
    found = records("a,b\n,\n \t, \u3000\n\n,x\n\ufeff\n\x1a".encode() + bytes(512))
    assert [(record.line, record.cells) for record in found] == [(1, ["a", "b"]), (5, ["", "x"])]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "big5"])
def test_reading_goes_on_from_the_end_of_any_record(encoding: str) -> None:
    content = "\n".join(f'"第{number}行,\n還有",{number}' for number in range(20)).encode(encoding)
    whole = records(content, encoding)
    for record in whole:
        rest = read_records(io.BytesIO(content), encoding, ",", Position(record.end, record.last_line))
        assert list(rest) == whole[whole.index(record) + 1 :]


def test_a_quotation_mark_never_closed_costs_its_own_row_only() -> None:
    found = records('1,好\n2,"没有合上\n3,"有,逗号"\n4,差\n'.encode(), width=2)
    assert [(record.line, record.is_broken, record.cells[1]) for record in found] == [
        (1, False, "好"),
        (2, True, '"没有合上'),
        (3, False, "有,逗号"),
        (4, False, "差"),
    ]


def test_text_after_a_closing_quotation_mark_is_not_silently_changed() -> None:
    (record,) = records('"不错"的,1\n'.encode())
    assert (record.is_broken, record.cells) == (True, ['"不错"的', "1"])


def test_an_open_quotation_mark_at_the_end_of_a_long_file() -> None:
    rows = [f"{number},普通\n" for number in range(5000)]
    found = records("".join(['0,"开\n', *rows]).encode(), width=2)
    assert len(found) == 5001
    assert [record.line for record in found if record.is_broken] == [1]


def test_a_line_beyond_reason_is_refused_without_reading_it_all() -> None:
    stream = io.BytesIO(b"a,b\n" + b"x" * (RECORD_BYTES * 8))
    with pytest.raises(UnreadableFile):
        list(read_records(stream, "utf-8", ","))
    assert stream.tell() <= RECORD_BYTES * 2


def test_quotation_marks_made_to_read_everything_again_and_again_are_given_up() -> None:
    with pytest.raises(UnreadableFile):
        records(b'a","b\n' * 500_000)


def test_bytes_that_stop_decoding_are_told_by_their_line() -> None:
    with pytest.raises(UnreadableFile) as refused:
        records(b"a,b\nc,\xff\n")
    assert "2" in str(refused.value)
