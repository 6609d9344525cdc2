"""`manage.py classify_reviews`: its contract, and files that cannot be read."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from reviews.causes import Cause

Classify = Callable[[str | bytes], list[dict[str, str]]]


@pytest.fixture
def classify(tmp_path: Path) -> Classify:
    """Rows of the answer to a CSV text or bytes. No test here asks for a database."""

    def run(content: str | bytes) -> list[dict[str, str]]:
        source, output = tmp_path / "in.csv", tmp_path / "out.csv"
        source.write_bytes(content if isinstance(content, bytes) else content.encode())
        call_command("classify_reviews", str(source), "--output", str(output))
        return list(csv.DictReader(io.StringIO(output.read_text(encoding="utf-8"))))

    return run


def one(classify: Classify, content: str, **cells: str) -> dict[str, str]:
    file = io.StringIO()
    csv.writer(file).writerows([["id", "content", *cells], ["1", content, *cells.values()]])
    (row,) = classify(file.getvalue())
    return row


def test_answers_every_row_in_order(classify: Classify) -> None:
    rows = classify("id,content\nb,快递太慢\na,质量很好很喜欢\nb,\n")
    assert [row["id"] for row in rows] == ["b", "a", "b"]
    assert list(rows[0]) == ["id", "negative", "causes", "evidence"]
    assert [row["negative"] for row in rows] == ["1", "0", "0"]
    assert rows[0]["causes"] == "courier.slow"
    assert all(set(row["causes"].split(";")) <= set(Cause.values) for row in rows)


def test_evidence_is_offsets_of_the_content_as_written(classify: Classify) -> None:
    content = "  ＡＡ,等了九天才收到\n客服一直不理人"
    row = one(classify, content)
    marks = {}
    for mark in row["evidence"].split(";"):
        span, code = mark.split(":")
        start, end = map(int, span.split("-"))
        marks[code] = content[start:end]
    assert marks["courier.slow"] == "等了九天才收到"
    assert marks["service.unresponsive"] == "客服一直不理人"


def test_a_complaint_in_the_follow_up_counts_but_has_no_mark(classify: Classify) -> None:
    row = one(classify, "等了九天才收到", append_content="客服一直不理人")
    assert {"courier.slow", "service.unresponsive"} <= set(row["causes"].split(";"))
    assert row["evidence"] == "0-7:courier.slow"


def test_a_follow_up_can_turn_praise_into_a_negative_review(classify: Classify) -> None:
    praise = "物流很快,包装严实,衣服也合身,五分好评"
    assert one(classify, praise)["negative"] == "0"
    row = one(classify, praise, rating="good", append_content="洗完掉色严重")
    assert (row["negative"], row["causes"], row["evidence"]) == ("1", "quality.workmanship", "")


def test_only_the_buyers_own_words_of_a_follow_up_count(classify: Classify) -> None:
    assert one(classify, "很好很喜欢", append_content="此用户没有填写评价。")["negative"] == "0"


@pytest.mark.parametrize("rating", ["bad", "neutral", "差评", "中评", "1", "3", "2星", "3.0"])
def test_a_bad_rating_makes_any_text_negative(classify: Classify, rating: str) -> None:
    assert one(classify, "很好很喜欢", rating=rating)["negative"] == "1"


@pytest.mark.parametrize("rating", ["good", "好评", "5", ""])
def test_a_good_rating_leaves_it_to_the_text(classify: Classify, rating: str) -> None:
    assert one(classify, "很好很喜欢", rating=rating)["negative"] == "0"
    assert one(classify, "一打开就是坏的,垃圾", rating=rating)["negative"] == "1"


@pytest.mark.parametrize("content", ["此用户没有填写评价。", "评价方未及时做出评价,系统默认好评!", "系统默认好评"])
@pytest.mark.parametrize("rating", ["", "good", "5"])
def test_defaults_are_never_negative(classify: Classify, content: str, rating: str) -> None:
    row = one(classify, content, rating=rating)
    assert (row["negative"], row["causes"], row["evidence"]) == ("0", "other", "")


def test_a_follow_up_to_a_default_is_judged(classify: Classify) -> None:
    row = one(classify, "此用户没有填写评价。", append_content="用了两天就坏了,客服还不理人,垃圾")
    assert row["negative"] == "1"
    assert row["causes"] != "other"
    assert row["evidence"] == ""


def test_an_unknown_rating_is_told_and_passed_over(classify: Classify, capsys: pytest.CaptureFixture[str]) -> None:
    assert one(classify, "很好很喜欢", rating="abc")["negative"] == "0"
    assert "line 2: 'abc' is not a rating" in capsys.readouterr().err


def test_more_rows_than_are_read_at_once(classify: Classify, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reviews.management.commands.classify_reviews.ROWS_AT_ONCE", 3)
    rows = classify("id,content\n" + "".join(f"{at},快递太慢{at}\n" for at in range(8)))
    assert [row["id"] for row in rows] == [str(at) for at in range(8)]


def test_a_byte_order_mark_is_no_part_of_the_heading(classify: Classify) -> None:
    assert classify("\ufeffid,content\n7,快递太慢\n")[0]["id"] == "7"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("id,text\n1,x\n", "no column content"),
        ("", "no column id, content"),
        ("id,content\n1,快递".encode() + b"\xff\xfe\n", "not UTF-8"),
        ("id,content\n1,快递太慢\n".encode("gb18030"), "not UTF-8"),
        ("id,content\n1\n", "line 2: too few cells"),
        ('id,content\n1,"快递太慢\n2,x\n', "line"),
    ],
)
def test_an_unreadable_file_is_refused_and_leaves_nothing(
    classify: Classify,
    tmp_path: Path,
    content: str | bytes,
    message: str,
) -> None:
    with pytest.raises(CommandError, match=message):
        classify(content)
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be opened"):
        call_command("classify_reviews", str(tmp_path / "none.csv"), "--output", str(tmp_path / "out.csv"))


def test_an_output_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("id,content\n")
    for output in (tmp_path, tmp_path / "none" / "out.csv", source / "out.csv"):
        with pytest.raises(CommandError, match="cannot be written"):
            call_command("classify_reviews", str(source), "--output", str(output))
