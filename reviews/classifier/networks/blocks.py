"""How networks read many reviews and keep their weights: in blocks that fit the processor's cache, and in bytes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from ..model import Floats
from ..normalise import Ints

BLOCK = 2_048
"""Characters read at once: enough for the matrices to pay, few enough to stay in the processor's cache."""


def blocks(starts: Ints) -> Iterator[tuple[int, int]]:
    """Reviews, from the first to before the last, that have about `BLOCK` characters together. `starts` is as in
    Passages."""
    first, reviews = 0, len(starts) - 1
    while first < reviews:
        last = int(np.searchsorted(starts, starts[first] + BLOCK, side="right")) - 1
        last = min(max(last, first + 1), reviews)
        yield first, last
        first = last


def rounded(name: str, vectors: Floats) -> dict[str, NDArray]:
    """Bytes, and by column what one is worth."""
    scale = np.maximum(np.abs(vectors).max(axis=0), 1e-9) / 127
    return {name: np.rint(vectors / scale).astype(np.int8), f"{name}.scale": scale.astype(np.float32)}


def wide(arrays: Mapping[str, NDArray], name: str) -> Floats:
    """Stored weights as the numbers that are reckoned with."""
    stored = arrays[name].astype(np.float32)
    return stored * arrays[f"{name}.scale"] if f"{name}.scale" in arrays else stored
