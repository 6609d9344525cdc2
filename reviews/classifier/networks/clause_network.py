"""The quicker half of the shipped model: reads each clause as a bag of character n-grams, next to its neighbours.

Runs on numpy alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from ..model import CODES, Floats
from ..normalise import Codes, Ints
from ..passages import Passages
from .blocks import blocks, wide
from .ngrams import ngram_buckets
from .outputs import OUTPUTS

LONGEST_NGRAM = 4
BUCKET_BITS = 17
BUCKETS = 1 << BUCKET_BITS
"""Vectors that n-grams share by their hash."""
SMALLEST = 1e-5
NOTHING = -30.0


@dataclass(frozen=True, slots=True)
class ClauseNetwork:
    """`vectors` is (BUCKETS + 1) x width, the last one zero, in bytes, each worth `scale` by column. A clause is the
    normed sum of its n-grams' vectors; with the mean of its review and the clauses before and after it, it passes
    `hidden` and `output`. An output of a review is the soft maximum over its clauses."""

    vectors: NDArray[np.int8]
    scale: Floats
    norm: Floats
    norm_bias: Floats
    hidden: Floats
    hidden_bias: Floats
    output: Floats
    output_bias: Floats

    def read(self, passages: Passages) -> tuple[Floats, Floats]:
        """Logits, reviews x `OUTPUTS`, and those of the codes by clause."""
        said = np.full((passages.reviews, OUTPUTS), NOTHING, np.float32)
        by_clause = np.zeros((len(passages.clause_starts), len(CODES)), np.float32)
        bounds = np.searchsorted(passages.review_of_clause, np.arange(passages.reviews + 1))
        for first, last in blocks(passages.review_starts):
            clauses = slice(int(bounds[first]), int(bounds[last]))
            if clauses.start < clauses.stop:
                start, end = passages.review_starts[[first, last]].tolist()
                vectors = self._vectors(
                    passages.codes[start:end],
                    passages.clause_starts[clauses] - start,
                    passages.clause_ends[clauses] - start,
                )
                said[first:last], logits = self._said(vectors, bounds[first : last + 1] - clauses.start)
                by_clause[clauses] = logits[:, : len(CODES)]
        return said, by_clause

    def _vectors(self, codes: Codes, starts: Ints, ends: Ints) -> Floats:
        """By clause, normed."""
        # Bytes are a quarter of the memory to fetch, and four n-grams start at a place: their sum fits two of them.
        sums = np.zeros((len(codes), self.vectors.shape[1]), np.int16)
        for bucket in buckets(codes, starts, ends):
            sums[: len(bucket)] += self.vectors.take(bucket, axis=0, mode="clip")
        # What lies between two clauses adds nothing: each sum may reach to where the next one starts.
        lengths = np.sqrt(ngrams_in(ends - starts)).astype(np.float32)
        clauses: Floats = np.add.reduceat(sums.astype(np.float32), starts, axis=0) * self.scale / lengths[:, None]
        clauses -= clauses.mean(axis=1, keepdims=True)
        clauses /= np.sqrt(np.square(clauses).mean(axis=1, keepdims=True) + np.float32(SMALLEST))
        return clauses * self.norm + self.norm_bias

    def _said(self, vectors: Floats, bounds: Ints) -> tuple[Floats, Floats]:
        """Logits by review and by clause. `bounds` are those of the reviews' clauses; a review may have none."""
        counts = np.diff(bounds)
        filled = np.flatnonzero(counts)
        review = np.repeat(np.arange(len(filled)), counts[filled])
        starts = bounds[filled]
        mean = np.add.reduceat(vectors, starts, axis=0) / counts[filled][:, None].astype(np.float32)
        same = (review[1:] == review[:-1])[:, None]
        around = np.zeros((len(vectors), 4 * vectors.shape[1]), np.float32)
        width = vectors.shape[1]
        around[:, :width] = vectors
        around[:, width : 2 * width] = mean[review]
        around[1:, 2 * width : 3 * width] = vectors[:-1] * same
        around[:-1, 3 * width :] = vectors[1:] * same
        logits = np.maximum(around @ self.hidden + self.hidden_bias, 0) @ self.output + self.output_bias
        most = np.maximum.reduceat(logits, starts, axis=0)
        said = np.full((len(counts), OUTPUTS), NOTHING, np.float32)
        said[filled] = most + np.log(np.add.reduceat(np.exp(logits - most[review]), starts, axis=0))
        return said, logits

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray]) -> ClauseNetwork:
        """Raises KeyError when an array is missing."""
        rest = {field.name: wide(arrays, f"clause.{field.name}") for field in fields(cls)[2:]}
        return cls(arrays["clause.vectors"], arrays["clause.vectors.scale"], **rest)

    def to_arrays(self) -> dict[str, NDArray]:
        """All but the vectors in half precision."""
        rest = {f"clause.{field.name}": getattr(self, field.name).astype(np.float16) for field in fields(self)[2:]}
        return {"clause.vectors": self.vectors, "clause.vectors.scale": self.scale, **rest}


def buckets(codes: Codes, starts: Ints, ends: Ints) -> list[NDArray[np.int64]]:
    """For n-grams of one character and more, by where they start: their bucket, or `BUCKETS` where they would reach
    beyond their clause."""
    change = np.zeros(len(codes) + 1, np.int64)
    change[starts] = np.diff(np.concatenate(([0], ends)))
    end = np.cumsum(change[:-1])
    room = end - np.arange(len(codes))
    ngrams = ngram_buckets(codes, longest=LONGEST_NGRAM, bits=BUCKET_BITS)
    return [np.where(room[: len(bucket)] >= length, bucket, BUCKETS) for length, bucket in enumerate(ngrams, start=1)]


def ngrams_in(lengths: Ints) -> Ints:
    """How many n-grams a clause of so many characters has."""
    return np.sum([np.maximum(lengths - shorter, 0) for shorter in range(LONGEST_NGRAM)], axis=0)
