"""Phrases are found however they are spelt, and the offsets always mark the phrase."""

from __future__ import annotations

import random
import time

import pytest

from reviews.vocabulary.matching import Hit, PhraseFinder, normal_form

ALPHABET = "差慢炖锅ABa1 １Ａ。!👎\u200b\u202e㎏ﬁ"


def test_the_longest_phrase_wins_and_hides_those_inside_it() -> None:
    finder = PhraseFinder(["慢炖", "慢炖锅", "炖锅"])
    assert finder.hits("慢炖锅很好,慢炖不行") == [Hit("慢炖锅", 0, 3), Hit("慢炖", 6, 8)]


def test_without_phrases_nothing_is_found() -> None:
    assert PhraseFinder([]).hits("慢炖锅") == []


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("ＵＳＢ线", (0, 3)),
        ("这个usb线", (2, 5)),
        ("U\u200bSB", (0, 4)),
        ("USB3", None),
        ("myusb", None),
    ],
)
def test_latin_phrases_are_whole_words_in_any_form(text: str, span: tuple[int, int] | None) -> None:
    hits = PhraseFinder([normal_form("usb")]).hits(text)
    assert [(hit.start, hit.end) for hit in hits] == ([span] if span else [])


@pytest.mark.parametrize("phrase", ["(a+)+$", "[^x]*", "\\d{2,}", ".*", "a|b", "^$", "c++", "100%棉", "？！a"])
def test_a_phrase_is_never_read_as_a_pattern(phrase: str) -> None:
    finder = PhraseFinder([normal_form(phrase)])
    assert [hit.phrase for hit in finder.hits(f"这个 {phrase} 呢")] == [normal_form(phrase)]
    assert finder.hits("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!x99") == []


def test_what_was_repeated_is_marked_to_its_end() -> None:
    assert PhraseFinder([normal_form("太差差差差")]).hits("太差差差差差差了") == [Hit("太差差差", 0, 7)]


def test_a_thousand_awkward_phrases_cost_little() -> None:
    phrases = {"a" * length + "b" for length in range(1, 39)} | {
        f"{first}{second}" for first in range(31) for second in "丁丙"
    }
    text = "a" * 20_000
    started = time.process_time()
    assert PhraseFinder(phrases).hits(text) == []
    assert time.process_time() - started < 1


def test_offsets_always_mark_the_phrase() -> None:
    chance = random.Random(20261122)
    found = 0
    for _ in range(3000):
        phrases = {normal_form("".join(chance.choices(ALPHABET, k=chance.randint(2, 3)))) for _ in range(12)}
        finder = PhraseFinder(phrase for phrase in phrases if len(phrase) >= 2)
        text = "".join(chance.choices(ALPHABET, k=chance.randint(0, 30)))
        end = 0
        for hit in finder.hits(text):
            assert end <= hit.start < hit.end <= len(text)
            assert hit.phrase in normal_form(f"。{text[hit.start : hit.end]}。")
            end = hit.end
            found += 1
    assert found > 500
