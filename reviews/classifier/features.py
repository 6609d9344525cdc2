"""Features of the linear model: words, pairs of words and character n-grams, none reaching over a clause's end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .passages import Ints, Passages, is_separator

LONGEST_NGRAM = 3
Hashes = NDArray[np.uint64]

_BASE = 0x9E3779B97F4A7C15
_INVERSE = pow(_BASE, -1, 1 << 64)


class Occurrences(NamedTuple):
    """Where features occur: parallel arrays in the order of clauses. `key` is the feature's 32-bit hash; `start` and
    `end` are offsets into the passages' text."""

    key: NDArray[np.uint32]
    clause: Ints
    start: Ints
    end: Ints


def occurrences(passages: Passages) -> Occurrences:
    """All features of `passages`."""
    kinds = list(_kinds(passages))
    clause = np.concatenate([kind.clause for kind in kinds])
    order = np.argsort(clause, kind="stable")
    return Occurrences(
        key=np.concatenate([kind.key for kind in kinds])[order],
        clause=clause[order],
        start=np.concatenate([kind.start for kind in kinds])[order],
        end=np.concatenate([kind.end for kind in kinds])[order],
    )


def _kinds(passages: Passages) -> Iterator[Occurrences]:
    hashes = _SubstringHashes(passages.codes)
    starts, ends, clause = passages.word_starts, passages.word_ends, passages.clause_of_word
    word = hashes.of(starts, ends)
    yield Occurrences(_keys(word, "word"), clause, starts, ends)
    same = clause[:-1] == clause[1:]
    pair = _mixed(word[:-1][same]) + word[1:][same]
    yield Occurrences(_keys(pair, "pair"), clause[:-1][same], starts[:-1][same], ends[1:][same])
    clause_at = _clause_of_characters(passages)
    for length in range(1, LONGEST_NGRAM + 1):
        start = np.flatnonzero(
            (clause_at[: len(clause_at) - length + 1] == clause_at[length - 1 :]) & (clause_at[length - 1 :] >= 0)
        )
        yield Occurrences(
            _keys(hashes.of(start, start + length), f"{length}-gram"), clause_at[start], start, start + length
        )


def _clause_of_characters(passages: Passages) -> Ints:
    """The clause of each character, -1 for those of none."""
    length = np.diff(passages.clause_starts, append=len(passages.text))
    clause = np.repeat(np.arange(passages.clauses), length)
    clause = np.concatenate([np.full(len(passages.text) - len(clause), -1), clause])
    clause[is_separator(passages.text, passages.codes)] = -1
    return clause


class _SubstringHashes:
    """Hashes of any substrings, each in constant time: differences of the prefix sums of code x base^position."""

    def __init__(self, codes: NDArray[np.uint32]) -> None:
        count = len(codes)
        self._inverses = _powers(_INVERSE, count + 1)
        self._sums = np.zeros(count + 1, np.uint64)
        np.cumsum(_mixed(codes.astype(np.uint64) + np.uint64(1)) * _powers(_BASE, count), out=self._sums[1:])

    def of(self, start: Ints, end: Ints) -> Hashes:
        return (self._sums[end] - self._sums[start]) * self._inverses[start]


def _powers(base: int, count: int) -> Hashes:
    powers = np.full(count, base, np.uint64)
    powers[:1] = 1
    return np.multiply.accumulate(powers)


def _mixed(values: Hashes) -> Hashes:
    """Spreads every bit over all bits (the finaliser of MurmurHash3)."""
    values = (values ^ (values >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    values = (values ^ (values >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    return values ^ (values >> np.uint64(33))


def _keys(values: Hashes, kind: str) -> NDArray[np.uint32]:
    salt = np.uint64(int.from_bytes(kind.encode().ljust(8)[:8], "little"))
    return (_mixed(values ^ salt) >> np.uint64(32)).astype(np.uint32)
