"""How the n-grams of reviews come to speak for a verdict; needs no teacher, only ratings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_array, diags_array

from ..model import sigmoid
from ..networks.verdict import BUCKETS, SMALLEST, NgramVerdict, whole_ngrams
from ..normalise import BETWEEN_REVIEWS, Codes
from .pretraining import Say

LEAST_TEXTS = 5
"""In fewer texts an n-gram says nothing."""
STRENGTH = 10.0
"""How far weights may go: the inverse of the penalty on their squares."""
STEPS = 120


def ngram_verdict_of(texts: Sequence[Codes], negative: NDArray[np.bool_], say: Say) -> NgramVerdict:
    """The verdict that has learnt which of `texts` are `negative`. Where all of them are, or none, it says nothing."""
    if not negative.any() or negative.all():
        return NgramVerdict(np.zeros((BUCKETS, 2), np.float32), np.zeros(1, np.float32))
    counts = _counts(texts)
    has = csr_array((np.ones(counts.nnz), counts.indices, counts.indptr), shape=counts.shape)
    bad, good = 1 + has[negative].sum(axis=0), 1 + has[~negative].sum(axis=0)
    leaning = np.log((bad / bad.sum()) / (good / good.sum()))
    leaning[has.sum(axis=0) < LEAST_TEXTS] = 0
    lengths = np.sqrt(np.maximum(counts @ np.square(leaning), SMALLEST))
    features = (diags_array(1 / lengths) @ counts @ diags_array(leaning)).tocsr()
    weights, bias = _fitted(features, negative.astype(np.float64))
    say(f"verdict of n-grams: {np.mean((features @ weights + bias > 0) == negative):.3f} of what it learnt from")
    pairs = np.stack([weights * leaning, np.square(leaning)], axis=1)
    return NgramVerdict(pairs.astype(np.float32), np.array([bias], np.float32))


def _counts(texts: Sequence[Codes]) -> csr_array:
    """How often each text has the n-grams of each bucket."""
    codes = np.concatenate([np.append(text, np.uint32(BETWEEN_REVIEWS)) for text in texts])
    bounds = np.cumsum([0, *(len(text) + 1 for text in texts)])
    text_of = np.repeat(np.arange(len(texts)), np.diff(bounds))
    found, owners = [], []
    for bucket, crossing in whole_ngrams(codes, bounds):
        found.append(np.delete(bucket, crossing))
        owners.append(np.delete(text_of[: len(bucket)], crossing))
    columns, rows = np.concatenate(found), np.concatenate(owners)
    counts = csr_array((np.ones(len(columns)), (rows, columns)), shape=(len(texts), BUCKETS))
    counts.sum_duplicates()
    return counts


def _fitted(features: csr_array, true: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Weights and bias of a logistic regression."""

    def loss(point: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights, bias = point[:-1], point[-1]
        logits = features @ weights + bias
        missed = sigmoid(logits) - true
        penalty = np.square(weights).sum() / (2 * STRENGTH)
        slope = np.append(features.T @ missed + weights / STRENGTH, missed.sum())
        return float((np.logaddexp(0, logits) - true * logits).sum() + penalty), slope

    start = np.zeros(features.shape[1] + 1)
    point = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": STEPS}).x
    return point[:-1], float(point[-1])
