"""A light layer over a model's features: what a shop's own corrections teach, without training the model itself."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass

import numpy as np

from .model import CODES, TOPS, Floats, Model, Scores, log_odds, sigmoid
from .passages import Passages

OUTPUTS = len(CODES) + len(TOPS)


class UnusableLayer(ValueError):
    """The bytes are no layer, or not one for these causes."""


@dataclass(frozen=True, slots=True)
class Adaptation:
    """Adds `features @ weights + bias` to the log-odds of every code, then of every top cause.

    `name` tells this layer from others over the same weights. `weights` is features x outputs, `bias` by output.
    """

    name: str
    weights: Floats
    bias: Floats

    def probabilities(self, codes: Floats, tops: Floats, features: Floats) -> tuple[Floats, Floats]:
        """Those of the codes and of the top causes, by review, from what the model alone says."""
        moved = sigmoid(log_odds(np.hstack([codes, tops])) + features @ self.weights + self.bias)
        return moved[:, : len(CODES)], moved[:, len(CODES) :]

    def to_bytes(self) -> bytes:
        buffer = io.BytesIO()
        np.savez_compressed(buffer, weights=self.weights.astype(np.float32), bias=self.bias.astype(np.float32))
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, name: str, stored: bytes) -> Adaptation:
        """Raises UnusableLayer."""
        try:
            with np.load(io.BytesIO(stored), allow_pickle=False) as arrays:
                weights, bias = arrays["weights"], arrays["bias"]
        except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
            raise UnusableLayer(f"no layer: {error}") from error
        if weights.ndim != 2 or weights.shape[1] != OUTPUTS or bias.shape != (OUTPUTS,):
            raise UnusableLayer(f"a layer of shape {weights.shape} does not fit {OUTPUTS} outputs")
        return cls(name, weights, bias)


@dataclass(frozen=True, slots=True)
class AdaptedModel:
    """`model` with a layer over it. What it says of negative or not, and of clauses, stays the model's."""

    model: Model
    adaptation: Adaptation

    def score(self, passages: Passages) -> Scores:
        scores = self.model.score(passages)
        codes, tops = self.adaptation.probabilities(scores.codes, scores.tops, scores.features)
        return scores._replace(codes=codes, tops=tops)
