"""Character n-grams by number: their hashes, spread over a power of two of buckets."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..normalise import Codes, Ints

_BASE = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xBF58476D1CE4E5B9)


def ngram_buckets(codes: Codes, *, longest: int, bits: int) -> Iterator[Ints]:
    """For n-grams of one character, then of more up to `longest`: the bucket (below 2**`bits`) of each, by where it
    starts in `codes`."""
    hashes = np.zeros(len(codes), np.uint64)
    letters = codes.astype(np.uint64) + np.uint64(1)
    for length in range(1, longest + 1):
        hashes = hashes[: len(codes) - length + 1] * _BASE + letters[length - 1 :]
        mixed = (hashes ^ (hashes >> np.uint64(29))) * _MIX
        yield (mixed >> np.uint64(64 - bits)).astype(np.int64)
