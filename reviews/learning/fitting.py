"""Fits the light layer: one logistic regression for each output over the shipped model's features, held to "no change".

Pure numpy, and the same examples always give the same layer. Newton's method would need a matrix for each of the 26
outputs; instead all share the bound p(1 - p) <= 1/4 on the curvature (Böhning 1992), which is decomposed once, and
Nesterov's momentum makes up for its caution.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from reviews.classifier.adaptation import Adaptation
from reviews.classifier.model import Floats, log_odds, sigmoid

STRENGTHS = (3000.0, 1000.0, 300.0, 100.0, 30.0)
"""Penalties to choose from, on the squared weights of features of unit variance: from hardly any change to much."""
FOLDS = 5
ITERATIONS = 80
SMALL_STEP = 1e-3
"""Change of a log-odds coefficient at which the fit has arrived."""
CALIBRATION_STEPS = 20
LEAST_SLOPE = 0.2
SMALLEST_SPREAD = 1e-6


Probabilities = tuple[Floats, Floats]
"""Of codes and of top causes, by review."""


class Examples(NamedTuple):
    """Reviews as the shipped model alone sees them, and what is true of them: `features` (reviews x any number),
    probabilities of `codes` and of `tops`, and `targets` (0 or 1 by code, then by top cause)."""

    features: Floats
    codes: Floats
    tops: Floats
    targets: Floats

    @property
    def reviews(self) -> int:
        return len(self.targets)

    @property
    def log_odds(self) -> Floats:
        return log_odds(np.hstack([self.codes, self.tops]).astype(np.float64))

    def only(self, wanted: NDArray[np.bool_]) -> Examples:
        return Examples(*(array[wanted] for array in self))

    def and_also(self, others: Examples) -> Examples:
        return Examples(*(np.concatenate(pair) for pair in zip(self, others, strict=True)))

    def adapted(self, layer: Adaptation | None) -> Probabilities:
        """What is said with the layer in place."""
        if layer is None:
            return self.codes, self.tops
        return layer.probabilities(self.codes, self.tops, self.features)


class Calibration(NamedTuple):
    """By output: how the model's log-odds become those of a probability. The layer learns what this cannot say, so the
    thresholds that suit the model go on suiting it."""

    slopes: Floats
    offsets: Floats

    def log_odds(self, model_says: Floats) -> Floats:
        return self.slopes * model_says + self.offsets


def calibration_of(examples: Examples) -> Calibration:
    """By Newton's method, with a weak prior on the log-odds as they are, which keeps causes with few examples there."""
    said, true = examples.log_odds, examples.targets
    slopes, offsets = np.ones(said.shape[1]), np.zeros(said.shape[1])
    for _step in range(CALIBRATION_STEPS):
        probability = sigmoid(slopes * said + offsets)
        wrong, doubt = probability - true, probability * (1 - probability)
        by_slope, by_offset = (wrong * said).sum(0) + slopes - 1, wrong.sum(0) + offsets
        both, cross, alone = (doubt * said * said).sum(0) + 1, (doubt * said).sum(0), doubt.sum(0) + 1
        volume = both * alone - cross * cross
        slopes = slopes - (alone * by_slope - cross * by_offset) / volume
        offsets = offsets - (both * by_offset - cross * by_slope) / volume
    return Calibration(np.maximum(slopes, LEAST_SLOPE), offsets)


@dataclass(frozen=True, slots=True)
class _Rotated:
    """Standardised features in the directions of their own spread, so that every penalty is a matter of a division."""

    rows: Floats
    directions: Floats
    spread: Floats
    mean: Floats
    scale: Floats

    @classmethod
    def of(cls, features: Floats) -> _Rotated:
        wide = features.astype(np.float64)
        mean, scale = wide.mean(axis=0), wide.std(axis=0)
        scale[scale < SMALLEST_SPREAD] = np.inf
        rows = np.hstack([(wide - mean) / scale, np.ones((len(wide), 1))])
        spread, directions = np.linalg.eigh(rows.T @ rows)
        return cls(rows @ directions, directions, np.maximum(spread, 0), mean, scale)

    def layer(self, name: str, weights: Floats, slopes: Floats) -> Adaptation:
        """The layer for plain features that the `weights` of rotated ones stand for."""
        straight = self.directions @ weights / slopes
        plain = straight[:-1] / self.scale[:, None]
        bias = straight[-1] - self.mean @ plain
        return Adaptation(name, plain.astype(np.float32), bias.astype(np.float32))


def fitted_layers(
    examples: Examples, calibration: Calibration, strengths: Sequence[float], name: str
) -> Iterator[Adaptation]:
    """A layer for each of `strengths`, which descend: each fit starts from the one before."""
    rotated = _Rotated.of(examples.features)
    start = calibration.log_odds(examples.log_odds)
    weights: Floats = np.zeros((rotated.rows.shape[1], start.shape[1]))
    for strength in strengths:
        weights = _descended(rotated, start, examples.targets, strength, weights)
        yield rotated.layer(name, weights, calibration.slopes)


def _descended(rotated: _Rotated, start: Floats, targets: Floats, strength: float, weights: Floats) -> Floats:
    """The weights of least loss, from `weights` on. An output whose momentum points uphill loses it."""
    steps = 1 / (rotated.spread / 4 + strength)[:, None]
    ahead, speed = weights, np.ones(weights.shape[1])
    for _iteration in range(ITERATIONS):
        wrong = sigmoid(start + rotated.rows @ ahead) - targets
        reached = ahead - steps * (rotated.rows.T @ wrong + strength * ahead)
        moved = reached - weights
        speed[((ahead - reached) * moved).sum(axis=0) > 0] = 1
        faster = (1 + np.sqrt(1 + 4 * speed * speed)) / 2
        ahead, weights = reached + (speed - 1) / faster * moved, reached
        speed = faster
        if np.abs(moved).max() < SMALL_STEP:
            break
    return weights


def held_out(
    decided: Examples, folds: NDArray[np.int64], anchor: Examples, strengths: Sequence[float], known: NDArray[np.bool_]
) -> dict[float, Probabilities]:
    """For each strength what layers say of the decisions they have not seen, `folds` (0 to FOLDS - 1) by decision.

    A layer learns from the other folds' `known` decisions and from the anchor.
    """
    calibration = calibration_of(anchor)
    said = {strength: (np.array(decided.codes), np.array(decided.tops)) for strength in strengths}
    for fold in range(FOLDS):
        ours = folds == fold
        if not ours.any():
            continue
        learnt_from = anchor.and_also(decided.only(~ours & known))
        layers = fitted_layers(learnt_from, calibration, strengths, "held out")
        for (codes, tops), layer in zip(said.values(), layers, strict=True):
            codes[ours], tops[ours] = decided.only(ours).adapted(layer)
    return said
