"""Negative or not by the words alone: a logistic regression over character n-grams that naive Bayes has weighted.

After S. Wang and C. Manning, "Baselines and Bigrams: Simple, Good Sentiment and Topic Classification", ACL 2012. Runs
on numpy alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..model import Floats
from ..normalise import Codes, Ints
from ..passages import Passages
from .blocks import blocks
from .ngrams import ngram_buckets

LONGEST_NGRAM = 3
BUCKET_BITS = 18
BUCKETS = 1 << BUCKET_BITS
SMALLEST = 1e-6


@dataclass(frozen=True, slots=True)
class NgramVerdict:
    """`weights` is `BUCKETS` x 2: what an n-gram adds to the verdict, and to the square of the review's length; both
    are 0 for what is rare. The verdict is divided by that length, and `bias` (one number) is added."""

    weights: Floats
    bias: Floats

    def read(self, passages: Passages) -> Floats:
        """Logits by review."""
        sums = np.zeros((passages.reviews, 2), np.float32)
        for first, last in blocks(passages.review_starts):
            bounds = passages.review_starts[first : last + 1]
            sums[first:last] = self._sums(passages.codes[bounds[0] : bounds[-1]], bounds - bounds[0])
        return sums[:, 0] / np.sqrt(np.maximum(sums[:, 1], SMALLEST)) + self.bias

    def _sums(self, codes: Codes, bounds: Ints) -> Floats:
        by_place = np.zeros((len(codes), 2), np.float32)
        for bucket, crossing in whole_ngrams(codes, bounds):
            told = self.weights.take(bucket, axis=0)
            told[crossing] = 0
            by_place[: len(bucket)] += told
        return np.add.reduceat(by_place, bounds[:-1], axis=0)

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray]) -> NgramVerdict:
        """Raises KeyError when an array is missing."""
        return cls(arrays["verdict.weights"].astype(np.float32), arrays["verdict.bias"].astype(np.float32))

    def to_arrays(self) -> dict[str, NDArray]:
        """The weights in half precision."""
        return {"verdict.weights": self.weights.astype(np.float16), "verdict.bias": self.bias.astype(np.float32)}


def whole_ngrams(codes: Codes, bounds: Ints) -> Iterator[tuple[Ints, Ints]]:
    """For n-grams of each length: their bucket by where they start, and where those start that reach from one review
    into the next. Unlike clauses they reach over punctuation, which tells much of a mood."""
    for length, bucket in enumerate(ngram_buckets(codes, longest=LONGEST_NGRAM, bits=BUCKET_BITS), start=1):
        before_end = bounds[1:, None] - np.arange(1, length)
        yield bucket, before_end[(before_end >= 0) & (before_end < len(bucket))]
