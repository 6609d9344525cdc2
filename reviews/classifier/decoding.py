"""From probabilities to tags: which causes are said, in which order, with which calibrated score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from .model import TOP_OF_CODE, TOPS, Floats, log_odds, sigmoid


@dataclass(frozen=True, slots=True)
class Decoder:
    """A top cause is said from its threshold on, and then those of its sub-causes that reach theirs, or else the best
    of them. `slopes` and `offsets` turn the logit of a code's probability into that of its score (Platt)."""

    top_thresholds: Floats
    code_thresholds: Floats
    slopes: Floats
    offsets: Floats

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Decoder:
        """Raises KeyError when a field is missing."""
        return cls(**{name: np.array(stored[name], np.float32) for name in cls.__slots__})

    def to_json(self) -> dict[str, list[float]]:
        return {name: [round(float(value), 5) for value in values] for name, values in asdict(self).items()}

    def said(self, tops: Floats, codes: Floats) -> np.ndarray:
        """Whether each review says each code: at least one by review, `other` only alone."""
        certainty = tops / self.top_thresholds
        other = TOPS.index("other")
        said_top = certainty >= 1
        said_top[np.arange(len(tops)), certainty.argmax(axis=1)] = True
        said_top[:, :other] &= ~(certainty.argmax(axis=1) == other)[:, None]
        said_top[:, other] = certainty.argmax(axis=1) == other
        said = (codes >= self.code_thresholds) & said_top[:, TOP_OF_CODE]
        for top in range(len(TOPS)):
            subs = np.flatnonzero(top == TOP_OF_CODE)
            without = np.flatnonzero(said_top[:, top] & ~said[:, subs].any(axis=1))
            said[without, subs[(codes[without][:, subs] / self.code_thresholds[subs]).argmax(axis=1)]] = True
        return said

    def scores(self, codes: Floats) -> Floats:
        """Calibrated probabilities."""
        return sigmoid(self.slopes * log_odds(codes) + self.offsets)
