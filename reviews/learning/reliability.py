"""Whether the scores of the classifier in force are probabilities, by the shipped validation data."""

from __future__ import annotations

from reviews.classifier import shipped
from reviews.classifier.measures import Reliability, reliability_of
from reviews.classifier.model import CODES
from reviews.models import ClassifierVersion

from .champions import layer_of
from .comparison import Figures, figures_of
from .examples import anchor_and_measured, shipped_validation


def reliability_in_force(version: ClassifierVersion | None) -> tuple[Reliability, Figures]:
    """Of `version`, by the half of the data it has not learnt from, or with None of the shipped weights, by all."""
    decoder = shipped().decoder
    layer = layer_of(version) if version else None
    examples = anchor_and_measured()[1] if layer else shipped_validation()
    codes, tops = examples.adapted(layer)
    true = examples.targets[:, : len(CODES)] > 0
    reliability = reliability_of(decoder.scores(codes), decoder.said(tops, codes), true)
    return reliability, figures_of(decoder, codes, tops, examples.targets)
