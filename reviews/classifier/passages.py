"""A batch of reviews, normalised and cut into words and clauses: what every model reads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .normalise import normalise
from .tokenise import words

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_AGAINST = ("但", "但是", "可惜", "就是", "不过", "只是", "可是", "然而", "却", "虽然", "唯独", "唯一", "除了", "最")
_ONWARD = ("而且", "另外", "还有", "并且", "结果", "居然", "竟然")
TURNS = frozenset((*_AGAINST, *_ONWARD))
"""Words that open a clause even without punctuation before them, as in 物流很快可惜质量差."""
_BETWEEN_REVIEWS = "\n"
_SEPARATOR = re.compile(r"[^\w%+*]|_")
_WORD = re.compile(r"[^\W_]|[%+*]")


@dataclass(frozen=True, slots=True)
class Passages:
    """The reviews of a batch in one text; all offsets are into it unless said otherwise.

    Words and clauses are given by their starts and ends, in order; a clause ends before the punctuation after it, and
    has at least one word. Its body starts after the word that turns to it, if there is one. `review_of_clause` and
    `clause_of_word` are ascending. `origin` holds, for each review, the offsets of its characters in the original
    text, `review_starts` where it begins here.
    """

    text: str
    codes: NDArray[np.uint32]
    review_starts: Ints
    origin: Sequence[Sequence[int]]
    word_starts: Ints
    word_ends: Ints
    clause_of_word: Ints
    clause_starts: Ints
    clause_ends: Ints
    body_starts: Ints
    review_of_clause: Ints

    @property
    def reviews(self) -> int:
        return len(self.origin)

    @property
    def clauses(self) -> int:
        return len(self.clause_starts)

    def words_of(self, clause: int) -> slice:
        """Which words make up the clause."""
        first, last = np.searchsorted(self.clause_of_word, [clause, clause + 1])
        return slice(int(first), int(last))

    def original_span(self, start: int, end: int, review: int) -> tuple[int, int]:
        """The span of the original text that `start` to `end` was read from."""
        shift = int(self.review_starts[review])
        origin = self.origin[review]
        return origin[start - shift], origin[end - 1 - shift] + 1


def read_passages(texts: Sequence[str]) -> Passages:
    """Normalise and cut `texts`."""
    normal = [normalise(text) for text in texts]
    text = "".join(review.text + _BETWEEN_REVIEWS for review in normal)
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    cut = words(text)
    ends = np.cumsum([len(word) for word in cut], dtype=np.int64)
    starts = ends - np.array([len(word) for word in cut], np.int64)
    is_word = ~is_separator(text, codes)[starts]
    is_turn = np.array([word in TURNS for word in cut], bool)[is_word]
    word_starts, word_ends = starts[is_word], ends[is_word]
    opens = is_turn | (word_starts != np.concatenate(([-1], word_ends[:-1]))[: len(word_starts)])
    clause = np.cumsum(opens) - 1
    firsts = np.flatnonzero(opens)
    lasts = np.append(firsts[1:], len(clause))[: len(firsts)] - 1
    review_starts = np.cumsum([0, *(len(review.text) + 1 for review in normal)], dtype=np.int64)[:-1]
    return Passages(
        text=text,
        codes=codes,
        review_starts=review_starts,
        origin=[review.origin for review in normal],
        word_starts=word_starts,
        word_ends=word_ends,
        clause_of_word=clause,
        clause_starts=word_starts[firsts],
        clause_ends=word_ends[lasts],
        body_starts=word_starts[np.where(is_turn[firsts] & (firsts < lasts), firsts + 1, firsts)],
        review_of_clause=np.searchsorted(review_starts, word_starts[firsts], side="right") - 1,
    )


def is_separator(text: str, codes: NDArray[np.uint32]) -> Bools:
    """Which characters of `text`, given also by their codes, are not part of words."""
    separators = [ord(character) for character in set(text) if _SEPARATOR.match(character)]
    return np.isin(codes, np.array(separators, np.uint32))


def has_words(text: str) -> bool:
    """Whether anything of `text` is a word: without one, a review has no clause."""
    return bool(_WORD.search(normalise(text).text))
