"""The thresholds and the calibration that suit a model best, found on reviews it has not learnt from."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from ..decoding import Decoder
from ..measures import Said
from ..model import CODES, TOP_OF_CODE, TOPS, Floats, log_odds, sigmoid

IDENTITY = np.array([1.0, 0.0])
"""Slope and offset that leave a score as it is."""
LEAST_THRESHOLD = 0.01


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
    features = np.stack([log_odds(scores.astype(np.float64)), np.ones(len(scores))], axis=1)

    def loss(point: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        logits, away = features @ point, point - IDENTITY
        slope = features.T @ (sigmoid(logits) - true) + away
        return float((np.logaddexp(0, logits) - true * logits).sum() + np.square(away).sum() / 2), slope

    slope, offset = minimize(loss, IDENTITY, jac=True, method="L-BFGS-B").x
    return float(slope), float(offset)
