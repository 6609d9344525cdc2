"""Earlier and later wordings side by side."""

from __future__ import annotations

import pytest

from cases.views.wordings import Part, wording


def test_what_differs_is_marked_on_both_sides() -> None:
    told = wording("review", "等了九天才到,很生气", "等了三天就到,很满意")
    assert "".join(part.text for part in told.old) == "等了九天才到,很生气"
    assert "".join(part.text for part in told.new) == "等了三天就到,很满意"
    assert [part.text for part in told.old if part.is_changed] == ["九", "才", "生气"]
    assert [part.text for part in told.new if part.is_changed] == ["三", "就", "满意"]


@pytest.mark.parametrize(
    ("old", "new"), [("", "坏了"), ("坏了", ""), ("质量太差了", "hello world"), ("坏" * 3000, "好" * 9)]
)
def test_what_has_nothing_in_common_is_marked_as_a_whole(old: str, new: str) -> None:
    told = wording("review", old, new)
    assert told.old == ([Part(old, True)] if old else [])
    assert told.new == ([Part(new, True)] if new else [])
