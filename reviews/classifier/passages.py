"""A batch of reviews, spelt alike and cut into clauses: what every model reads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from .normalise import BETWEEN_REVIEWS, Codes, Ints, NormalTexts, normalise, normalise_all, tidied

Bools = NDArray[np.bool_]

_AGAINST = ("但", "但是", "可惜", "就是", "不过", "只是", "可是", "然而", "却")
_ONWARD = ("而且", "另外", "还有", "并且", "结果", "居然", "竟然")
_LEADING = (*_AGAINST, *_ONWARD)
_BELONGING = ("虽然", "唯独", "唯一", "除了", "最")
TURNS = (*_LEADING, *_BELONGING)
"""Words that open a clause even without punctuation before them, as in 物流很快可惜质量差. Those that only lead to what
it says are no part of its body."""
_WORD = re.compile(r"[^\W_]|[%+*]")
_PLANE = 0x10000


@dataclass(frozen=True, slots=True)
class Passages:
    """The reviews of a batch, one after the other in `codes`; all offsets are into it unless said otherwise.

    `review_starts` has one entry more than there are reviews. Clauses are in order, from `clause_starts` to before
    `clause_ends`, never empty, without the punctuation around them; their bodies start where they turn to what they
    say. `review_of_clause` is ascending. `origin` is, for each code point, its offset in the text as it was given.
    """

    codes: Codes
    origin: Ints
    review_starts: Ints
    clause_starts: Ints
    clause_ends: Ints
    body_starts: Ints
    review_of_clause: Ints

    @property
    def reviews(self) -> int:
        return len(self.review_starts) - 1

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original text that `start` to `end` was read from."""
        return int(self.origin[start]), int(self.origin[end - 1]) + 1


def read_passages(texts: Sequence[str]) -> Passages:
    """Spell alike, tidy and cut `texts`."""
    return cut(tidied(normalise_all(texts)))


def cut(normal: NormalTexts) -> Passages:
    """The clauses of texts that are spelt alike already."""
    codes = normal.codes
    inside = _in_words()[np.minimum(codes, _PLANE - 1)]
    before = np.concatenate(([False], inside[:-1]))
    opens = inside & ~before
    turns, lengths = _turns(codes)
    opens[turns] = True
    starts = np.flatnonzero(opens)
    closes = np.flatnonzero(inside & ~np.concatenate((inside[1:], [False]))) + 1
    # A clause that a turn cuts off ends where the next one starts.
    ends = np.minimum(closes[np.searchsorted(closes, starts, side="right")], np.append(starts[1:], len(codes)))
    leading = np.zeros(len(codes), np.int64)
    leading[turns] = lengths
    bodies = starts + leading[starts]
    review_of = np.searchsorted(normal.starts, starts, side="right") - 1
    return Passages(
        codes, normal.origin, normal.starts, starts, ends, np.where(bodies < ends, bodies, starts), review_of
    )  # fmt: skip


def has_words(text: str) -> bool:
    """Whether anything of `text` is a word: without one, a review has no clause."""
    return bool(_WORD.search(normalise(text).text))


@cache
def _in_words() -> Bools:
    """Which code points of the basic plane belong to words; the last cell stands for all beyond."""
    table = np.array([bool(_WORD.match(chr(code))) for code in range(_PLANE)])
    table[BETWEEN_REVIEWS] = False
    table[-1] = True
    return table


@cache
def _turning() -> tuple[Bools, dict[int, int]]:
    """Which code points a turn may start with. For the turns of two characters as one number, and those of one: how
    many characters lead to the body."""
    first = np.zeros(_PLANE, bool)
    first[[ord(turn[0]) for turn in TURNS]] = True
    return first, {_number(turn): len(turn) if turn in _LEADING else 0 for turn in TURNS}


def _number(turn: str) -> int:
    return ord(turn[0]) * _PLANE + (ord(turn[1]) if len(turn) > 1 else 0)


def _turns(codes: Codes) -> tuple[Ints, Ints]:
    """Where turns start, and how many characters of each only lead to what comes."""
    first, leading = _turning()
    places = np.flatnonzero(first[np.minimum(codes[:-1], _PLANE - 1)])
    alone = codes[places].astype(np.int64) * _PLANE
    found, lengths = [], []
    for place, pair, single in zip(
        places.tolist(), (alone + codes[places + 1]).tolist(), alone.tolist(), strict=True
    ):  # fmt: skip
        length = leading.get(pair, leading.get(single))
        if length is not None:
            found.append(place)
            lengths.append(length)
    return np.array(found, np.int64), np.array(lengths, np.int64)
