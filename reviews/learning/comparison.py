"""Whether a challenger is better than the champion: the figures of both, on the same reviews."""

from __future__ import annotations

from typing import TypedDict

import numpy as np

from reviews.classifier.decoding import Decoder
from reviews.classifier.measures import Said, reliability_of, table_of, tops_of
from reviews.classifier.model import CODES, TOPS, Floats
from reviews.models.learning import ClassifierVersion

TOP_OTHER = TOPS.index("other")
RESAMPLES = 400
SURELY = 0.9
"""Share of resamples in which a layer must be worse on the shipped data to be refused for it: one draw of a thousand
reviews differs from the next by about a point of F1."""


class Figures(TypedDict):
    """How good predictions are, all from 0 to 1: mean F1 of the `five` top causes (without "other") and of
    `all_codes`, both over those that occur; the share of reviews with exactly the `same` codes; the calibration
    `error` of the scores; F1 and count by code or top cause."""

    reviews: int
    five: float
    all_codes: float
    same: float
    error: float
    causes: dict[str, tuple[float, int]]


class Pair(TypedDict):
    champion: Figures
    challenger: Figures


class Comparison(TypedDict):
    """What a version keeps of its fit. `against` is the champion's version; `decisions` are judged by layers that have
    not seen them; `validation` is the part of the shipped data that served as no anchor, and `worse` the share of draws
    from it in which the challenger does worse."""

    against: str
    decisions: Pair
    validation: Pair
    worse: float


def figures_of(decoder: Decoder, codes: Floats, tops: Floats, targets: Floats) -> Figures:
    """Of probabilities against what is true (0 or 1 by code, then by top cause)."""
    said, true = decoder.said(tops, codes), targets[:, : len(CODES)] > 0
    table = table_of(said, true)
    return Figures(
        reviews=len(targets),
        five=_mean([value for name, value in table.tops.items() if name != "other"]),
        all_codes=_mean(list(table.codes.values())),
        same=round(float((said == true).all(axis=1).mean()), 4) if len(said) else 0.0,
        error=round(reliability_of(decoder.scores(codes), said, true).error, 4),
        causes={name: (round(f1, 4), count) for name, (f1, count) in (table.tops | table.codes).items()},
    )


def _mean(values: list[tuple[float, int]]) -> float:
    return round(float(np.mean([f1 for f1, count in values if count] or [0.0])), 4)


def both_levels(figures: Figures) -> float:
    """The F1 by which layers are chosen: meant over top causes and over codes."""
    return (figures["five"] + figures["all_codes"]) / 2


def share_worse(champion: Said, challenger: Said, true: Said) -> float:
    """In which share (0-1) of draws from these reviews the challenger has the lower F1, meant over both levels. What
    each says of reviews, and what is true, by code."""
    draws = np.random.default_rng(0).multinomial(len(true), np.full(len(true), 1 / len(true)), RESAMPLES).astype(float)
    return float((_mean_f1s(challenger, true, draws) < _mean_f1s(champion, true, draws)).mean())


def _mean_f1s(said: Said, true: Said, draws: Floats) -> Floats:
    """F1 meant over both levels, by draw; `draws` tells how often each holds each review."""
    tops_said, tops_true = (np.delete(tops_of(each), TOP_OTHER, axis=1) for each in (said, true))
    return (_macro(said, true, draws) + _macro(tops_said, tops_true, draws)) / 2


def _macro(said: Said, true: Said, draws: Floats) -> Floats:
    hits, told, wanted = (draws @ each.astype(np.float64) for each in (said & true, said, true))
    f1 = 2 * hits / np.maximum(told + wanted, 1)
    return np.where(wanted > 0, f1, 0).sum(axis=1) / np.maximum((wanted > 0).sum(axis=1), 1)


def reason_to_reject(comparison: Comparison) -> str:
    """Why the challenger must not be offered, as `ClassifierVersion.Reason`; "" where it may."""
    if both_levels(comparison["decisions"]["challenger"]) <= both_levels(comparison["decisions"]["champion"]):
        return ClassifierVersion.Reason.DECISIONS
    if comparison["worse"] >= SURELY:
        return ClassifierVersion.Reason.VALIDATION
    return ""
