"""Fits the three regressions of the linear model by L-BFGS. Deterministic: there is no chance in it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from ..model import Floats, sigmoid
from ..passages import Ints

CORRECTIONS = 8
MOST_LOSS_PER_REVIEW = 1e-6
"""Least -log(probability of no cause), lest its logarithm be taken of zero."""
CLAUSES_OF_REVIEW = 4
"""Roughly; where the noisy-or starts from, a clause has a cause with this part of the review's chance."""

Loss = Callable[[Floats], tuple[float, Floats]]
"""Loss and its gradient from what the features add up to, with biases."""


def fit_logistic(rows: csr_matrix, targets: Floats, *, strength: float, iterations: int) -> tuple[Floats, Floats]:
    """Weights (features x outputs) and biases of one logistic regression for each column of `targets`."""

    def loss(logits: Floats) -> tuple[float, Floats]:
        total = np.logaddexp(0, logits) - targets * logits
        return float(total.sum(dtype=np.float64)), sigmoid(logits) - targets

    return _minimised(rows, loss, _log_odds(_shares(targets)), strength=strength, iterations=iterations)


def fit_noisy_or(
    clauses: csr_matrix, review: Ints, targets: Floats, *, strength: float, iterations: int
) -> tuple[Floats, Floats]:
    """The same for clauses, where only the reviews' targets are known: a review lacks a cause when all its clauses do.

    `review` is the review of each clause, ascending, and every review has a clause.
    """
    starts = np.searchsorted(review, np.arange(len(targets)))

    def loss(logits: Floats) -> tuple[float, Floats]:
        without = np.maximum(np.add.reduceat(np.logaddexp(0, logits), starts, axis=0), MOST_LOSS_PER_REVIEW)
        total = np.where(targets > 0, -np.log(-np.expm1(-without)), without)
        slope = np.where(targets > 0, -1 / np.expm1(np.minimum(without, 60)), 1)
        return float(total.sum(dtype=np.float64)), (slope[review] * sigmoid(logits)).astype(np.float32)

    start = _log_odds(_shares(targets) / CLAUSES_OF_REVIEW)
    return _minimised(clauses, loss, start, strength=strength, iterations=iterations)


def _minimised(
    rows: csr_matrix, loss: Loss, bias: Floats, *, strength: float, iterations: int
) -> tuple[Floats, Floats]:
    """Minimise `loss` plus the squared weights over twice `strength`."""
    shape = (rows.shape[1], len(bias))
    size = shape[0] * shape[1]
    columns = rows.T.tocsr()

    def objective(point: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights = point[:size].reshape(shape)
        total, slope = loss(rows @ weights.astype(np.float32) + point[size:].astype(np.float32))
        gradient = (columns @ slope).astype(np.float64) + weights / strength
        penalty = 0.5 / strength * float(np.square(weights).sum())
        return total + penalty, np.concatenate([gradient.ravel(), slope.sum(axis=0, dtype=np.float64)])

    start = np.concatenate([np.zeros(size), bias])
    options = {"maxiter": iterations, "maxcor": CORRECTIONS}
    point = minimize(objective, start, jac=True, method="L-BFGS-B", options=options).x.astype(np.float32)
    return point[:size].reshape(shape), point[size:]


def _shares(targets: Floats) -> Floats:
    return targets.mean(axis=0).clip(1e-4, 1 - 1e-4)


def _log_odds(shares: Floats) -> Floats:
    return np.log(shares / (1 - shares))
