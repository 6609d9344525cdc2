"""The shipped model: two small networks, and a voice for the verdict. One network reads every review; the other,
complaints that leave it in doubt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .model import CODES, PRAISE_BELOW, Floats, Scores, sigmoid, top_probabilities
from .networks.clause_network import ClauseNetwork
from .networks.convolution import Convolution
from .networks.outputs import CAUSES, NEGATIVE, PRIMARY
from .networks.verdict import NgramVerdict
from .passages import Bools, Passages

CONVOLUTION_SHARE = 0.6
"""How much the thorough network counts where both have read."""
VERDICT_SHARE = 0.4
"""How much the words alone count in the verdict."""
ASKED_FROM = 0.2
"""A review less likely negative than this, by the quick network and the words, is not read again."""
SURE = 0.05
"""Where the quick network finds each cause less likely than this or more likely than the rest to one, there is nothing
left to ask."""
SURELY_NEGATIVE = 0.9


@dataclass(frozen=True, slots=True)
class Network:
    """`quick` reads all reviews, `thorough` those that `quick` neither takes for praise nor is sure of; `verdict` tells
    of all whether they are negative, beside what the networks say of that.

    Features are the logits of codes and top causes, and the means of the thorough network, 0 where it was not asked.
    """

    quick: ClauseNetwork
    thorough: Convolution
    verdict: NgramVerdict

    def score(self, passages: Passages) -> Scores:
        outputs, by_clause = self.quick.read(passages)
        verdict = self.verdict.read(passages)
        again = _to_read_again(outputs[:, :CAUSES], _with_words(outputs[:, NEGATIVE], verdict))
        reading = self.thorough.read(passages, again)
        outputs[again] += np.float32(CONVOLUTION_SHARE) * (reading.outputs[again] - outputs[again])
        outputs[:, NEGATIVE] = _with_words(outputs[:, NEGATIVE], verdict)
        told = sigmoid(outputs)
        codes, heads = told[:, : len(CODES)], told[:, len(CODES) : CAUSES]
        odds = np.exp(outputs[:, PRIMARY] - outputs[:, PRIMARY].max(axis=1, keepdims=True))
        explained = (told[:, NEGATIVE] >= PRAISE_BELOW) & ~again
        return Scores(
            negative=told[:, NEGATIVE],
            tops=top_probabilities(heads, codes),
            primary=odds / odds.sum(axis=1, keepdims=True),
            codes=codes,
            features=np.hstack([outputs[:, :CAUSES], reading.mean]),
            shares=_with_clauses(reading.shares, passages, by_clause, explained),
        )

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray]) -> Network:
        """Raises KeyError when an array is missing."""
        return cls(ClauseNetwork.from_arrays(arrays), Convolution.from_arrays(arrays), NgramVerdict.from_arrays(arrays))

    def to_arrays(self) -> dict[str, NDArray]:
        return self.quick.to_arrays() | self.thorough.to_arrays() | self.verdict.to_arrays()


def _with_words(said: Floats, verdict: Floats) -> Floats:
    """Logits of negative: what networks have said, and the words alone."""
    return said + np.float32(VERDICT_SHARE) * (verdict - said)


def _to_read_again(causes: Floats, negative: Floats) -> Bools:
    """By the logits of the quick network, and of the verdict without the thorough one."""
    causes, negative = sigmoid(causes), sigmoid(negative)
    unsure = ((causes > SURE) & (causes < 1 - SURE)).any(axis=1)
    return (negative >= ASKED_FROM) & (unsure | (negative < SURELY_NEGATIVE))


def _with_clauses(shares: Floats, passages: Passages, by_clause: Floats, explained: Bools) -> Floats:
    """`shares` with those of the reviews that only the quick network has read: it knows no characters, so those of a
    clause share alike."""
    clauses = np.flatnonzero(explained[passages.review_of_clause])
    lengths = (passages.clause_ends - passages.clause_starts)[clauses]
    before = np.cumsum(lengths) - lengths
    characters = np.arange(lengths.sum()) + np.repeat(passages.clause_starts[clauses] - before, lengths)
    alike = by_clause[clauses] / lengths[:, None].astype(np.float32)
    shares[characters] = np.repeat(alike, lengths, axis=0)
    return shares
