"""How good what a model says is, against what is true: F1 by cause, and whether its scores are probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .model import CODES, TOP_OF_CODE, TOPS, Floats

Said = NDArray[np.bool_]
COMMON = 20
"""Reviews from which on the F1 of a cause means something."""
BINS = 10


class Table(NamedTuple):
    """F1 by code and by top cause, and how many reviews have it; the means the project is measured by."""

    codes: dict[str, tuple[float, int]]
    tops: dict[str, tuple[float, int]]

    @property
    def five(self) -> float:
        """Macro F1 of the top causes without `other`."""
        return float(np.mean([f1 for name, (f1, _) in self.tops.items() if name != "other"]))

    def common(self) -> float:
        """The same of those that are common enough here for an F1 to mean something."""
        return float(np.mean([f1 for name, (f1, n) in self.tops.items() if name != "other" and n >= COMMON] or [0.0]))

    @property
    def all_codes(self) -> float:
        """Macro F1 of all codes, `other` included."""
        return float(np.mean([f1 for f1, _ in self.codes.values()]))


def targets_of(codes: Sequence[Sequence[str]]) -> Floats:
    """1 where a review (row) has a code (first columns) or a top cause (last columns), else 0."""
    targets = np.zeros((len(codes), len(CODES) + len(TOPS)), np.float32)
    for row, said in zip(targets, codes, strict=True):
        indices = [CODES.index(code) for code in said]
        row[indices] = 1
        row[len(CODES) + TOP_OF_CODE[indices]] = 1
    return targets


def table_of(said: Said, true: Said) -> Table:
    """Scores of what was said (reviews x codes) against what is true."""
    tops_said, tops_true = tops_of(said), tops_of(true)
    return Table(
        {name: (_f1(said[:, at], true[:, at]), int(true[:, at].sum())) for at, name in enumerate(CODES)},
        {name: (_f1(tops_said[:, at], tops_true[:, at]), int(tops_true[:, at].sum())) for at, name in enumerate(TOPS)},
    )


class Bin(NamedTuple):
    """Tags with a score between `start` and `end`: how many, what their scores promised on average (0-1), and which
    share of them (0-1) was right."""

    start: float
    end: float
    tags: int
    promised: float
    right: float


class Reliability(NamedTuple):
    """Whether scores are probabilities: of tags with a score of 0.8, four in five should be right."""

    bins: list[Bin]
    """Only those that hold tags."""

    @property
    def tags(self) -> int:
        return sum(each.tags for each in self.bins)

    @property
    def error(self) -> float:
        """Expected calibration error: the mean distance of promise and truth, each bin by its tags."""
        return sum(each.tags * abs(each.promised - each.right) for each in self.bins) / max(self.tags, 1)


def reliability_of(scores: Floats, said: Said, true: Said) -> Reliability:
    """How the calibrated `scores` of the tags said came true, in bins of equal width. All by review and code."""
    given, right = scores[said], true[said]
    at = np.minimum((given * BINS).astype(int), BINS - 1)
    return Reliability(
        [
            Bin(bin_ / BINS, (bin_ + 1) / BINS, int(ours.sum()), float(given[ours].mean()), float(right[ours].mean()))
            for bin_ in range(BINS)
            if (ours := at == bin_).any()
        ]
    )


def tops_of(said: Said) -> Said:
    """Which top causes go with codes, by review."""
    return np.stack([said[:, top == TOP_OF_CODE].any(axis=1) for top in range(len(TOPS))], axis=1)


def _f1(said: Said, true: Said) -> float:
    both = said.sum() + true.sum()
    return float(2 * (said & true).sum() / both) if both else 0.0
