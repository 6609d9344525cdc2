"""What every training here shares: texts as padded tensors, in batches of like lengths."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from ..networks.lettering import BOUNDARY, MASK, Lettering
from ..normalise import Ints

Numbers = NDArray[np.int32]
"""One text as numbers of characters."""

LONGEST = 200
"""Characters of a text that training reads."""
LONGEST_SCORED = 300


class Batch(NamedTuple):
    """Characters and pairs, texts x characters, padded with zeros."""

    characters: torch.Tensor
    pairs: torch.Tensor


def padded(texts: Sequence[Numbers], longest: int = LONGEST) -> Numbers:
    """Texts x characters, cut at `longest`."""
    width = max(1, min(longest, max(len(text) for text in texts)))
    table = np.full((len(texts), width), BOUNDARY, np.int32)
    for row, text in zip(table, texts, strict=True):
        row[: min(len(text), width)] = text[:width]
    return table


def batch_of(characters: Numbers, lettering: Lettering) -> Batch:
    letters = lettering.letters(characters)
    return Batch(torch.from_numpy(letters.characters).long(), torch.from_numpy(letters.pairs.astype(np.int64)))


def hidden(characters: Numbers, share: float, chance: np.random.Generator, instead: int = MASK) -> Numbers:
    """`characters` with a random share of them replaced."""
    return np.where((chance.random(characters.shape) < share) & (characters != BOUNDARY), instead, characters)


def shuffled(lengths: Ints, size: int, chance: np.random.Generator) -> Iterator[Ints]:
    """Indices in batches of texts of about the same length, in random order."""
    order = np.argsort(lengths + chance.normal(0, 8, len(lengths)), kind="stable")
    batches = [order[start : start + size] for start in range(0, len(order), size)]
    for at in chance.permutation(len(batches)):
        yield batches[at]


def by_length(lengths: Ints, size: int) -> Iterator[Ints]:
    """Indices in batches, the shortest texts first."""
    order = np.argsort(lengths, kind="stable")
    for start in range(0, len(order), size):
        yield order[start : start + size]


def lengths_of(texts: Sequence[Numbers]) -> Ints:
    return np.array([len(text) for text in texts], np.int64)
