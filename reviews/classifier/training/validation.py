"""How good a model is on reviews it has not learnt from: thresholds, calibration and scores."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from ..decoding import SMALLEST, Decoder
from ..model import CODES, TOP_OF_CODE, TOPS, Floats, sigmoid

Said = NDArray[np.bool_]
IDENTITY = np.array([1.0, 0.0])
"""Slope and offset that leave a score as it is."""
LEAST_THRESHOLD = 0.01
COMMON = 20
"""Reviews from which on the F1 of a cause means something."""


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


def table_of(said: Said, true: Said) -> Table:
    """Scores of what was said (reviews x codes) against what is true."""
    tops_said, tops_true = _tops(said), _tops(true)
    return Table(
        {name: (_f1(said[:, at], true[:, at]), int(true[:, at].sum())) for at, name in enumerate(CODES)},
        {name: (_f1(tops_said[:, at], tops_true[:, at]), int(tops_true[:, at].sum())) for at, name in enumerate(TOPS)},
    )


def fitted_decoder(tops: Floats, codes: Floats, targets: Floats) -> Decoder:
    """The decoder with the best F1 on these probabilities. `targets` is by code, then by top cause."""
    true_codes, true_tops = targets[:, : len(CODES)] > 0, targets[:, len(CODES) :] > 0
    top_thresholds = np.array([_best_threshold(tops[:, at], true_tops[:, at]) for at in range(len(TOPS))])
    within = codes * (tops >= top_thresholds)[:, TOP_OF_CODE]
    thresholds = np.array([_best_threshold(within[:, at], true_codes[:, at]) for at in range(len(CODES))])
    platt = np.array([_platt(codes[:, at], true_codes[:, at]) for at in range(len(CODES))])
    return Decoder(
        top_thresholds.astype(np.float32), thresholds.astype(np.float32), *platt.T.astype(np.float32)
    )  # fmt: skip


def _best_threshold(scores: Floats, true: Said) -> float:
    """Half-way between the last score that F1 is best with, and the next."""
    if not true.any():
        return 1.0
    order = np.argsort(-scores, kind="stable")
    f1 = 2 * np.cumsum(true[order]) / (np.arange(1, len(scores) + 1) + true.sum())
    last = int(f1.argmax())
    following = scores[order[min(last + 1, len(order) - 1)]]
    return float(np.clip((scores[order[last]] + following) / 2, LEAST_THRESHOLD, 1.0))


def _platt(scores: Floats, true: Said) -> tuple[float, float]:
    """Slope and offset by which the logit of `scores` tells how often they are true. A weak prior keeps codes with few
    examples near the scores themselves."""
    clipped = np.clip(scores.astype(np.float64), SMALLEST, 1 - SMALLEST)
    features = np.stack([np.log(clipped / (1 - clipped)), np.ones(len(scores))], axis=1)

    def loss(point: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        logits, away = features @ point, point - IDENTITY
        slope = features.T @ (sigmoid(logits) - true) + away
        return float((np.logaddexp(0, logits) - true * logits).sum() + np.square(away).sum() / 2), slope

    slope, offset = minimize(loss, IDENTITY, jac=True, method="L-BFGS-B").x
    return float(slope), float(offset)


def _tops(said: Said) -> Said:
    return np.stack([said[:, top == TOP_OF_CODE].any(axis=1) for top in range(len(TOPS))], axis=1)


def _f1(said: Said, true: Said) -> float:
    both = said.sum() + true.sum()
    return float(2 * (said & true).sum() / both) if both else 0.0
