"""A weighted vocabulary: the features a linear model knows, and their weight for each of its outputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .features import Occurrences
from .model import Floats
from .passages import Ints

WIDEST = 127


@dataclass(frozen=True, slots=True)
class Lexicon:
    """`keys` are the known features' hashes, ascending; `rarity` their inverse document frequency. `weights` (features
    x outputs) are bytes that `scale` (outputs) turns into what a feature of rarity 1 adds; `bias` by output."""

    keys: NDArray[np.uint32]
    rarity: Floats
    weights: NDArray[np.int8]
    scale: Floats
    bias: Floats

    @classmethod
    def of_weights(cls, keys: NDArray[np.uint32], rarity: Floats, weights: Floats, bias: Floats) -> Lexicon:
        """Rounds `weights` to bytes, for each output on its own scale."""
        scale = np.maximum(np.abs(weights).max(axis=0, initial=0), 1e-9) / WIDEST
        rounded = np.rint(weights / scale).astype(np.int8)
        return cls(keys, rarity, rounded, scale.astype(np.float32), bias.astype(np.float32))

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray], prefix: str) -> Lexicon:
        """The lexicon stored as `prefix.keys` and so on. Raises KeyError when one is missing."""
        return cls(**{name: arrays[f"{prefix}.{name}"] for name in cls.__slots__})

    def to_arrays(self, prefix: str) -> dict[str, NDArray]:
        return {f"{prefix}.{name}": getattr(self, name) for name in self.__slots__}

    def find(self, keys: NDArray[np.uint32]) -> tuple[Ints, NDArray[np.bool_]]:
        """The feature of each key, and whether it is known; where it is not, the feature says nothing."""
        if not len(self.keys):
            return np.zeros(len(keys), np.int64), np.zeros(len(keys), bool)
        # Looked up in order, neighbours are found in what the processor has at hand: twice as fast, sorting included.
        order = np.argsort(keys)
        feature = np.empty(len(keys), np.int64)
        feature[order] = np.searchsorted(self.keys, keys[order])
        np.minimum(feature, len(self.keys) - 1, out=feature)
        return feature, self.keys[feature] == keys

    def entries(self, found: Occurrences) -> Entries:
        """The known among `found`, each once in its clause."""
        feature, known = self.find(found.key)
        pairs = np.sort(found.clause[known] * len(self.keys) + feature[known])
        pairs = pairs[np.diff(pairs, prepend=-1) > 0]
        return Entries(*np.divmod(pairs, max(len(self.keys), 1)))

    def sums(self, features: Ints, amounts: Floats, groups: Groups, outputs: slice) -> Floats:
        """What each group's features add up to in each of `outputs`, each feature in its amount and by its rarity,
        without biases."""
        weights = self.weights[features, outputs] * (self.rarity[features] * amounts)[:, None]
        return grouped_sums(weights, groups) * self.scale[outputs]


class Groups(NamedTuple):
    """Which of `size` groups each of some things is in, ascending."""

    of: Ints
    size: int


@dataclass(frozen=True, slots=True)
class Entries:
    """Which features of a lexicon which clauses have: parallel arrays, ascending by clause, then by feature."""

    clause: Ints
    feature: Ints


def grouped_sums(values: Floats, groups: Groups) -> Floats:
    """Sums of the rows of `values` by group."""
    sums = np.zeros((groups.size, *values.shape[1:]), np.float32)
    starts = np.flatnonzero(np.diff(groups.of, prepend=-1))
    if len(starts):
        sums[groups.of[starts]] = np.add.reduceat(values, starts, axis=0)
    return sums
