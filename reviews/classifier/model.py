"""What a model tells of a batch, whatever it is made of. Others may take the place of ours."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from reviews.causes import Cause, TopCause, top_of

from .passages import Passages

Floats = NDArray[np.floating]

CODES: tuple[str, ...] = tuple(Cause.values)
"""The codes a review can carry, in the order of every array over causes."""
TOPS: tuple[str, ...] = tuple(TopCause.values)
TOP_OF_CODE: NDArray[np.int64] = np.array([TOPS.index(top_of(code).value) for code in CODES])
"""For each code the index of its top cause."""
OTHER = CODES.index(Cause.OTHER.value)
PRAISE_BELOW = 0.15
"""A text less likely negative than this is praise: no words speak for a cause, and a model need not look for them."""
SMALLEST = 1e-6
"""Probability below which a logit says no more."""


class Scores(NamedTuple):
    """Probabilities for a batch: `negative` by review, `tops` and `primary` by review and top cause (`primary` is how
    likely it is the main one), `codes` by review and code. `features` (reviews x any number) is what a light layer may
    learn from. `shares` (characters of the batch x codes) is what each character adds to the log-odds of a code."""

    negative: Floats
    tops: Floats
    primary: Floats
    codes: Floats
    features: Floats
    shares: Floats


class Model(Protocol):
    def score(self, passages: Passages) -> Scores: ...


def top_probabilities(heads: Floats, codes: Floats) -> Floats:
    """Probability of each top cause: the mean of its own head and of "at least one of its sub-causes"."""
    none = np.stack([(1 - codes[:, top == TOP_OF_CODE]).prod(axis=1) for top in range(len(TOPS))], axis=1)
    return (heads + 1 - none) / 2


def log_odds(probabilities: Floats) -> Floats:
    clipped = np.clip(probabilities, SMALLEST, 1 - SMALLEST)
    return np.log(clipped / (1 - clipped))


def sigmoid(values: Floats) -> Floats:
    return 1 / (1 + np.exp(-np.clip(values, -30, 30)))
