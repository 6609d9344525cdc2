"""manage.py check_reply: one JSON object for any draft, a plain sentence for anything else."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

TIED = "亲,改好评返5元哦"


def checked(file: Path | str, **options: Any) -> dict[str, Any]:
    out = io.StringIO()
    call_command("check_reply", str(file), stdout=out, **options)
    (line,) = out.getvalue().splitlines()
    return json.loads(line)


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    file = tmp_path / "reply.txt"
    file.write_text(TIED, encoding="utf-8")
    return file


def test_prints_verdict_and_findings(draft: Path) -> None:
    answer = checked(draft)
    assert set(answer) == {"verdict", "findings"}
    assert answer["verdict"] == "block"
    tied = next(finding for finding in answer["findings"] if finding["rule"] == "compensation_tied")
    assert set(tied) == {"rule", "start", "end", "message"}
    assert TIED[tied["start"] : tied["end"]] == "改好评返5元"
    assert tied["message"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_reads_what_people_save(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "reply.txt"
    file.write_bytes("很抱歉让您久等,快递已经催了。\r\n".encode(encoding))
    assert checked(file) == {"verdict": "ok", "findings": []}


def test_a_dash_reads_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(TIED.encode())))
    assert checked("-")["verdict"] == "block"


@pytest.mark.parametrize("cause", ["courier", "courier.slow"])
def test_takes_a_cause_of_either_level(draft: Path, cause: str) -> None:
    assert "not_specific" in {finding["rule"] for finding in checked(draft, cause=cause)["findings"]}
    assert "not_specific" not in {finding["rule"] for finding in checked(draft)["findings"]}


def test_takes_a_platform(tmp_path: Path) -> None:
    file = tmp_path / "reply.txt"
    file.write_text("很抱歉。之后您可以修改评价。", encoding="utf-8")
    assert checked(file, platform="taobao")["findings"] == []
    assert [finding["rule"] for finding in checked(file, platform="tmall")["findings"]] == ["review_cannot_change"]


def test_an_empty_file_is_answered_too(tmp_path: Path) -> None:
    file = tmp_path / "reply.txt"
    file.touch()
    assert [finding["rule"] for finding in checked(file)["findings"]] == ["empty"]


def test_refuses_a_file_it_cannot_read(tmp_path: Path) -> None:
    for file in (tmp_path / "missing.txt", tmp_path):
        with pytest.raises(CommandError, match="Cannot read"):
            checked(file)


def test_refuses_an_unknown_cause(draft: Path) -> None:
    with pytest.raises(CommandError, match=r"Unknown cause 'weather'.*courier\.slow"):
        checked(draft, cause="weather")


@pytest.mark.parametrize("undecodable", [b"\xff\xfe\x3a\x00", b"\x89PNG\r\n\x1a\n\x00\xff"])
def test_refuses_bytes_that_are_no_text(tmp_path: Path, undecodable: bytes) -> None:
    file = tmp_path / "reply.txt"
    file.write_bytes(undecodable)
    with pytest.raises(CommandError, match="neither UTF-8 nor GB18030"):
        checked(file)
