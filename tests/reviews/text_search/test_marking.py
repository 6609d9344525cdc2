"""Where found words stand, whatever the spelling of the text."""

from __future__ import annotations

import pytest

from reviews.templatetags.found_words import found, found_early
from reviews.text_search.marking import cut_at, found_spans
from reviews.text_search.query import terms_of


@pytest.mark.parametrize(
    ("text", "q", "marked"),
    [
        ("等了九天才到,九天!", "九天", ["九天", "九天"]),
        ("等了九天才到", "九天 天才", ["九天才"]),
        ("評論說USB壞了", "评论 usb", ["評論", "USB"]),
        ("型号ABC123", "abc123", ["ABC123"]),
        ("坏\u200b了", "坏了", ["坏\u200b了"]),
        ("很  慢", '"很 慢"', ["很  慢"]),
        ("共㎏重", "kg", ["㎏"]),
        ("没有", "九天", []),
        ("", "九天", []),
        ("九天", "", []),
    ],
)
def test_words_are_found_in_any_spelling(text: str, q: str, marked: list[str]) -> None:
    assert [text[start:end] for start, end in found_spans(text, terms_of(q))] == marked


def test_pieces_are_the_text() -> None:
    text = "前面九天后面"
    spans = found_spans(text, ["九天"])
    assert cut_at(text, 0, spans) == [("前面", False), ("九天", True), ("后面", False)]
    assert cut_at(text[3:], 3, spans) == [("天", True), ("后面", False)]


def test_markup_of_buyers_stays_text() -> None:
    assert found("<b>九天</b>", ["九天"]) == '&lt;b&gt;<mark class="found">九天</mark>&lt;/b&gt;'
    assert found("<b>", ["九天"]) == "<b>"


def test_a_line_begins_near_the_first_word_found() -> None:
    text = "零" * 30 + "一二三四五六七八九天"
    assert found_early(text, ["九天"]) == '…一二三四五六七八<mark class="found">九天</mark>'
    assert found_early("一二九天", ["九天"]) == '一二<mark class="found">九天</mark>'
