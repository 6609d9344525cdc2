"""One spelling for what buyers type in many ways: 評論, 评(píng)论, full-width letters, 差差差差差差, emoji.

A whole batch is spelt at once, as an array of code points.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from opencc import OpenCC

Ints = NDArray[np.int64]
Codes = NDArray[np.uint32]
Bools = NDArray[np.bool_]

LONGEST_RUN = 3
LONG_NUMBER = 5
"""Digits from which on a number is an order, a phone or a parcel: only that it is one matters."""
BETWEEN_REVIEWS = 10
"""Line feed: no review has one after it is spelt."""
SPACE, NINE, ZERO, OPENING, ELLIPSIS = (ord(character) for character in " 90(…")

SHORTEST_COPY = 4
_PLANE = 0x10000
_CELLS = 0x110000
_HAN = (0x4E00, 0x9FFF)
_ENDING = re.compile(r"[\W_]+$")
_PINYIN = re.compile(
    r"\((?=[a-zà-ǜ ]*[a-zà-ǜ]{2})"
    r"(?: ?(?:[zcs]h|[bpmfdtnlgkhjqxrzcsyw])?[aeiouüāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ]{1,3}(?:ng?|r)?){1,4}\)"
)


class Normalised(NamedTuple):
    """`origin[i]` is the offset in the original text of character i of `text`."""

    text: str
    origin: Sequence[int]


class NormalTexts(NamedTuple):
    """Texts in one array of code points, each with a `BETWEEN_REVIEWS` after it. `starts` are where they begin, and the
    length of all at the end; `origin` has for each code point its offset in its own original text."""

    codes: Codes
    origin: Ints
    starts: Ints


def normalise(text: str) -> Normalised:
    """`text` by `normalise_all`."""
    normal = normalise_all([text])
    return Normalised(as_text(normal.codes[:-1]), normal.origin[:-1].tolist())


def normalise_all(texts: Sequence[str]) -> NormalTexts:
    """NFKC, simplified characters and lower case by character; blanks and control characters as a space; without
    emoji, invisible characters, and pinyin in brackets after its character; runs cut to three, long numbers to five
    nines. Lone surrogates vanish."""
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    original = "\n".join((*texts, "")) if texts else ""
    read = np.frombuffer(original.encode("utf-32-le", "surrogatepass"), np.uint32)
    ends = np.cumsum(lengths + 1) - 1
    origin = np.arange(len(read)) - np.repeat(ends - lengths, lengths + 1)
    spelt = _spelt(read)
    spelt[ends] = BETWEEN_REVIEWS
    if (spelt >= _CELLS).any():
        spelt, origin = _spelt_out(spelt, origin, read)
    for kept in (lambda codes: codes != 0, _without_pinyin, _without_runs):
        keep = kept(spelt)
        if not keep.all():
            spelt, origin = spelt[keep], origin[keep]
    return NormalTexts(spelt, origin, _starts(spelt))


def tidied(normal: NormalTexts) -> NormalTexts:
    """Without blanks around a text; of one that says the same words over and over, as it does when pasted twice, only
    the first time."""
    for kept in (_without_blanks_around, _without_copies, _without_blanks_around):
        keep = kept(normal)
        if not keep.all():
            codes = normal.codes[keep]
            normal = NormalTexts(codes, normal.origin[keep], _starts(codes))
    return normal


def _without_blanks_around(normal: NormalTexts) -> Bools:
    keep = np.ones(len(normal.codes), bool)
    edges = np.flatnonzero(np.diff(normal.codes == SPACE, prepend=False, append=False)).reshape(-1, 2)
    outer = np.isin(edges[:, 0], normal.starts) | (normal.codes[edges[:, 1]] == BETWEEN_REVIEWS)
    for start, end in edges[outer].tolist():
        keep[start:end] = False
    return keep


def _without_copies(normal: NormalTexts) -> Bools:
    keep = np.ones(len(normal.codes), bool)
    text = as_text(normal.codes)
    for start, end in pairwise(normal.starts.tolist()):
        again = text.find(text[start : start + SHORTEST_COPY], start + SHORTEST_COPY, end - 1)
        if again > 0 and _says_again(text[start:again], text[again : end - 1]):
            keep[again : end - 1] = False
    return keep


def _says_again(words: str, rest: str) -> bool:
    unit = _ENDING.sub("", words)
    return len(unit) >= SHORTEST_COPY and not _ENDING.sub("", rest.replace(unit, ""))


def _starts(codes: Codes) -> Ints:
    return np.concatenate(([0], np.flatnonzero(codes == BETWEEN_REVIEWS) + 1))


def as_text(codes: Codes) -> str:
    return codes.astype("<u4").tobytes().decode("utf-32-le")


def _spelt(codes: Codes) -> Codes:
    """The spelling of each code point: 0 for none, `_CELLS` where it takes several."""
    spelt = _spellings()[np.minimum(codes, _PLANE - 1)]
    for at in np.flatnonzero(codes >= _PLANE).tolist():
        spelling = _spelling(chr(codes[at]))
        spelt[at] = ord(spelling) if len(spelling) == 1 else _CELLS if spelling else 0
    return spelt


@cache
def _spellings() -> Codes:
    """For each code point of the basic plane its spelling, as `_spelt` answers it."""
    table = np.zeros(_PLANE, np.uint32)
    for code in range(_PLANE):
        spelling = _spelling(chr(code))
        table[code] = ord(spelling) if len(spelling) == 1 else _CELLS if spelling else 0
    table[_HAN[0] : _HAN[1] + 1] = [ord(simple) for simple in simplified().values()]
    return table


@cache
def simplified() -> dict[str, str]:
    """Each Chinese character of the basic block -> its simplified form, mostly itself."""
    characters = [chr(code) for code in range(_HAN[0], _HAN[1] + 1)]
    # One by a line: OpenCC would read neighbours as words.
    return dict(zip(characters, OpenCC("t2s").convert("\n".join(characters)).split("\n"), strict=True))


def _spelling(character: str) -> str:
    if character == chr(ELLIPSIS):
        return character
    category = unicodedata.category(character)
    if category in {"Cc", "Zl", "Zp", "Zs"}:
        return " "
    spelling = unicodedata.normalize("NFKC", character).lower()
    is_emoji = category == "So" or (category == "Sk" and ord(character) >= _PLANE)
    if category in {"Cf", "Cn", "Co", "Cs", "Mn", "Me"} or (is_emoji and not spelling.isalnum()):
        return ""
    return spelling


def _spelt_out(spelt: Codes, origin: Ints, read: Codes) -> tuple[Codes, Ints]:
    """Puts in the spellings that take several characters."""
    places = np.flatnonzero(spelt == _CELLS)
    spellings = [_spelling(chr(read[place])) for place in places.tolist()]
    counts = np.ones(len(spelt), np.int64)
    counts[places] = [len(spelling) for spelling in spellings]
    spelt, origin = np.repeat(spelt, counts), np.repeat(origin, counts)
    spelt[spelt == _CELLS] = [ord(character) for spelling in spellings for character in spelling]
    return spelt, origin


def _without_pinyin(codes: Codes) -> Bools:
    keep = np.ones(len(codes), bool)
    brackets = np.flatnonzero((codes[1:] == OPENING) & (codes[:-1] >= _HAN[0]) & (codes[:-1] <= _HAN[1])) + 1
    if len(brackets):
        text = as_text(codes)
        for bracket in brackets.tolist():
            if inserted := _PINYIN.match(text, bracket):
                keep[bracket : inserted.end()] = False
    return keep


def _without_runs(codes: Codes) -> Bools:
    """What is left of a run begins and ends where the run did, so a span over it still covers the whole. Turns the
    digits of long numbers to nines."""
    keep = np.ones(len(codes), bool)
    digits = (codes >= ZERO) & (codes <= NINE)
    same = (codes[1:] == codes[:-1]) & (codes[1:] != BETWEEN_REVIEWS)
    long = same[:-2] & same[1:-1] & same[2:] & ~digits[:-3]
    keep[2:-1] = ~long
    if digits.any():
        edges = np.flatnonzero(np.diff(digits, prepend=False, append=False))
        for start, end in edges.reshape(-1, 2).tolist():
            if end - start >= LONG_NUMBER:
                codes[start:end] = NINE
                keep[start + LONG_NUMBER - 1 : end - 1] = False
    return keep
