"""The shipped model: two small networks. One reads every review; the other, only what may be a complaint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .model import CODES, PRAISE_BELOW, Scores, sigmoid, top_probabilities
from .networks.clause_network import ClauseNetwork
from .networks.convolution import Convolution
from .networks.outputs import CAUSES, NEGATIVE, PRIMARY
from .passages import Passages

CONVOLUTION_SHARE = 0.6
"""How much the thorough network counts where both have read."""


@dataclass(frozen=True, slots=True)
class Network:
    """`quick` reads all reviews, `thorough` those that `quick` does not take for praise."""

    quick: ClauseNetwork
    thorough: Convolution

    def score(self, passages: Passages) -> Scores:
        outputs = self.quick.read(passages)
        again = sigmoid(outputs[:, NEGATIVE]) >= PRAISE_BELOW
        reading = self.thorough.read(passages, again)
        outputs[again] += np.float32(CONVOLUTION_SHARE) * (reading.outputs[again] - outputs[again])
        told = sigmoid(outputs)
        odds = np.exp(outputs[:, PRIMARY] - outputs[:, PRIMARY].max(axis=1, keepdims=True))
        codes, heads = told[:, : len(CODES)], told[:, len(CODES) : CAUSES]
        return Scores(
            negative=told[:, NEGATIVE],
            tops=top_probabilities(heads, codes),
            primary=odds / odds.sum(axis=1, keepdims=True),
            codes=codes,
            features=np.hstack([outputs[:, :CAUSES], reading.mean]),
            shares=reading.shares,
        )

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray]) -> Network:
        """Raises KeyError when an array is missing."""
        return cls(ClauseNetwork.from_arrays(arrays), Convolution.from_arrays(arrays))

    def to_arrays(self) -> dict[str, NDArray]:
        return self.quick.to_arrays() | self.thorough.to_arrays()
