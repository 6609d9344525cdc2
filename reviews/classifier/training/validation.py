"""The thresholds and the calibration that suit a model best, found on reviews it has not learnt from."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from ..decoding import Decoder
from ..model import CODES, TOPS, Floats, log_odds, sigmoid

IDENTITY = np.array([1.0, 0.0])
"""Slope and offset that leave a score as it is."""
LEAST_THRESHOLD = 0.01


def fitted_decoder(tops: Floats, codes: Floats, targets: Floats) -> Decoder:
    """The decoder that suits these probabilities best. `targets` is by code, then by top cause.

    A threshold is where F1 is to be expected highest if calibrated probabilities hold (Lipton and others, 2014): where
    a cause has few examples, the threshold with the best F1 on just those is mostly luck.
    """
    of_codes = [_platt(codes[:, at], targets[:, at]) for at in range(len(CODES))]
    of_tops = [_platt(tops[:, at], targets[:, len(CODES) + at]) for at in range(len(TOPS))]
    return Decoder(
        np.array([_threshold(tops[:, at], *line) for at, line in enumerate(of_tops)], np.float32),
        np.array([_threshold(codes[:, at], *line) for at, line in enumerate(of_codes)], np.float32),
        *np.array(of_codes, np.float32).T,
    )


def _threshold(scores: Floats, slope: float, offset: float) -> float:
    """The score from which on to say a cause, half-way between the last said and the next."""
    surest = np.sort(scores)[::-1]
    probable = sigmoid(slope * log_odds(surest) + offset)
    f1 = 2 * np.cumsum(probable) / (np.arange(1, len(scores) + 1) + probable.sum())
    last = int(f1.argmax())
    following = surest[min(last + 1, len(surest) - 1)]
    return float(np.clip((surest[last] + following) / 2, LEAST_THRESHOLD, 1.0))


def _platt(scores: Floats, true: Floats) -> tuple[float, float]:
    """Slope and offset by which the logit of `scores` tells how often they are true. A weak prior keeps codes with few
    examples near the scores themselves."""
    features = np.stack([log_odds(scores.astype(np.float64)), np.ones(len(scores))], axis=1)

    def loss(point: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        logits, away = features @ point, point - IDENTITY
        slope = features.T @ (sigmoid(logits) - true) + away
        return float((np.logaddexp(0, logits) - true * logits).sum() + np.square(away).sum() / 2), slope

    slope, offset = minimize(loss, IDENTITY, jac=True, method="L-BFGS-B").x
    return float(slope), float(offset)
