"""The larger half of the shipped model: convolutions over characters, and for each output an attention of its own.

What an output says is a sum over the characters of the review, so the share of each character in it can be told.
Runs on numpy alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..model import CODES, Floats
from ..normalise import Ints
from ..passages import Bools, Passages
from .blocks import blocks, rounded, wide
from .lettering import BOUNDARY, Lettering
from .outputs import CAUSES, OUTPUTS

MOST_ATTENTION = 8.0


class Layer(NamedTuple):
    """A convolution over the character `reach` places before, the character itself, and the one `reach` after.
    `weights` is (3 x width) x width."""

    weights: Floats
    bias: Floats
    reach: int


class Reading(NamedTuple):
    """Outputs and the mean of all characters' vectors, by review. `shares` (characters x codes) is what each character
    of the batch adds to the logit of each code."""

    outputs: Floats
    mean: Floats
    shares: Floats


@dataclass(frozen=True, slots=True)
class Convolution:
    """`characters` and `pairs` are the vectors of the lettering's numbers. `attention` and `value` (width x `CAUSES`)
    make what is attended to, `mean` (width x `OUTPUTS`) what the mean of all characters says.

    Because the first layer has nothing but vectors before it, what it makes of each is reckoned once, in `of`:
    `_characters` and `_pairs` hold a vector and its three products. `_heads` joins what is asked of every character:
    attention, value and the codes' part of the mean.
    """

    lettering: Lettering
    characters: Floats
    pairs: Floats
    layers: tuple[Layer, ...]
    attention: Floats
    attention_bias: Floats
    value: Floats
    value_bias: Floats
    mean: Floats
    mean_bias: Floats
    _characters: Floats
    _pairs: Floats
    _heads: Floats

    @classmethod
    def of(cls, **stored: Any) -> Convolution:
        """The network with these weights: all fields but those that are reckoned here."""
        width = stored["characters"].shape[1]
        first = stored["layers"][0].weights.reshape(3, width, width)
        unrolled = np.hstack([np.eye(width, dtype=np.float32), *first])
        heads = np.hstack([stored["attention"], stored["value"], stored["mean"][:, : len(CODES)]])
        return cls(
            **stored,
            _characters=stored["characters"] @ unrolled,
            _pairs=stored["pairs"] @ unrolled,
            _heads=np.ascontiguousarray(heads),
        )

    def read(self, passages: Passages, chosen: Bools) -> Reading:
        """What the network says of the reviews that are `chosen`; zeros for the others."""
        outputs = np.zeros((passages.reviews, OUTPUTS), np.float32)
        mean = np.zeros((passages.reviews, self.mean.shape[0]), np.float32)
        shares = np.zeros((len(passages.codes), len(CODES)), np.float32)
        lengths = np.diff(passages.review_starts)
        is_read = np.repeat(chosen, lengths)
        numbers = self.lettering.numbers(passages.codes[is_read])
        starts = np.concatenate(([0], np.cumsum(lengths[chosen])))
        readings = [
            self._read(numbers[starts[first] : starts[last]], starts[first : last + 1] - starts[first])
            for first, last in blocks(starts)
        ]
        if readings:
            outputs[chosen], mean[chosen], shares[is_read] = (
                np.concatenate(parts) for parts in zip(*readings, strict=True)
            )
        return Reading(outputs, mean, shares)

    def _read(self, numbers: NDArray[np.int32], starts: Ints) -> Reading:
        lengths = np.diff(starts) - 1
        gap = max(layer.reach for layer in self.layers)
        # Between two reviews there are as many zeros as the widest layer reaches.
        place = np.arange(len(numbers)) + np.repeat(np.arange(len(lengths)) * (gap - 1), lengths + 1)
        spread = np.full(len(numbers) + len(lengths) * (gap - 1), BOUNDARY, np.int32)
        spread[place] = numbers
        outside = np.flatnonzero(spread == BOUNDARY)
        places = self._places(spread, outside, gap)
        heads = places @ self._heads
        attention = np.exp(np.clip(heads[:, :CAUSES] + self.attention_bias, -MOST_ATTENTION, MOST_ATTENTION))
        attention[outside] = 0
        attended = attention * (heads[:, CAUSES : 2 * CAUSES] + self.value_bias)
        segments = starts[:-1] + np.arange(len(lengths)) * (gap - 1)
        weight = np.maximum(np.add.reduceat(attention, segments, axis=0), np.float32(1e-6))
        counts = np.maximum(lengths, 1)[:, None].astype(np.float32)
        mean = np.add.reduceat(places, segments, axis=0) / counts
        outputs = mean @ self.mean + self.mean_bias
        outputs[:, :CAUSES] += np.add.reduceat(attended, segments, axis=0) / weight
        codes = slice(0, len(CODES))
        review = np.repeat(np.arange(len(lengths)), lengths + 1)
        shares = attended[place, codes] / weight[review, codes] + heads[place, 2 * CAUSES :] / counts[review]
        return Reading(outputs, mean, shares)

    def _places(self, numbers: NDArray[np.int32], outside: Ints, gap: int) -> Floats:
        """Vectors of characters in their surroundings, zero outside the reviews."""
        letters = self.lettering.letters(numbers)
        size, width = len(numbers), self.characters.shape[1]
        unrolled = self._characters.take(letters.characters, axis=0, mode="clip") + self._pairs.take(
            letters.pairs, axis=0, mode="clip"
        )
        unrolled[outside] = 0
        padded = np.zeros((size + 2 * gap, width), np.float32)
        places = padded[gap:-gap]
        places[:], before, mixed, after = np.split(unrolled, 4, axis=1)
        reach = self.layers[0].reach
        mixed = mixed + self.layers[0].bias
        mixed[reach:] += before[:-reach]
        mixed[:-reach] += after[reach:]
        self._add(places, mixed, outside)
        around = np.empty((size, 3 * width), np.float32)
        for layer in self.layers[1:]:
            for side, shift in enumerate((-layer.reach, 0, layer.reach)):
                around[:, side * width : (side + 1) * width] = padded[gap + shift : gap + shift + size]
            self._add(places, around @ layer.weights + layer.bias, outside)
        return places

    @staticmethod
    def _add(places: Floats, mixed: Floats, outside: Ints) -> None:
        places += np.maximum(mixed, 0, out=mixed)
        places[outside] = 0

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray]) -> Convolution:
        """Raises KeyError when an array is missing."""
        layers = tuple(
            Layer(wide(arrays, f"layer{at}.weights"), arrays[f"layer{at}.bias"], int(reach))
            for at, reach in enumerate(arrays["reaches"])
        )
        matrices = {name: wide(arrays, name) for name in ("characters", "pairs", "attention", "value", "mean")}
        biases = {name: arrays[name] for name in ("attention_bias", "value_bias", "mean_bias")}
        return cls.of(lettering=Lettering.from_arrays(arrays), layers=layers, **matrices, **biases)

    def to_arrays(self) -> dict[str, NDArray]:
        """The vectors of characters and pairs are rounded to bytes, other weights to half precision."""
        arrays = self.lettering.to_arrays()
        for name in ("characters", "pairs"):
            arrays |= rounded(name, getattr(self, name))
        for name in ("attention", "value", "mean"):
            arrays[name] = getattr(self, name).astype(np.float16)
            arrays[f"{name}_bias"] = getattr(self, f"{name}_bias")
        for at, layer in enumerate(self.layers):
            arrays |= {f"layer{at}.weights": layer.weights.astype(np.float16), f"layer{at}.bias": layer.bias}
        return arrays | {"reaches": np.array([layer.reach for layer in self.layers])}
