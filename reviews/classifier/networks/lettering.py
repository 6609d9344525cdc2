"""The characters and pairs of characters a model knows, as numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..normalise import BETWEEN_REVIEWS, Codes, Ints

BOUNDARY, UNKNOWN, MASK = range(3)
FIRST = 3
_CODES = 0x110000


class Letters(NamedTuple):
    """`characters` and `pairs` are parallel arrays of numbers; a pair is a character with the one before it. 0 is the
    boundary between reviews, and a pair that is not known."""

    characters: NDArray[np.int32]
    pairs: NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class Lettering:
    """Known code points and pairs have consecutive numbers, in the order they are stored."""

    code_points: Codes
    known_pairs: Ints
    """Ascending: number of the first character x `characters` + number of the second."""
    _number: NDArray[np.int32]
    _pair: NDArray[np.uint16]

    @classmethod
    def of(cls, code_points: Codes, known_pairs: Ints) -> Lettering:
        number = np.full(_CODES, UNKNOWN, np.int32)
        number[[0, BETWEEN_REVIEWS]] = BOUNDARY
        number[code_points] = np.arange(FIRST, FIRST + len(code_points))
        pair = np.zeros((FIRST + len(code_points)) ** 2, np.uint16)
        pair[known_pairs] = np.arange(1, len(known_pairs) + 1)
        return cls(code_points, known_pairs, number, pair)

    @classmethod
    def of_texts(cls, texts: Sequence[Codes], *, least_characters: int, least_pairs: int) -> Lettering:
        """Knows what occurs in `texts` at least so many times."""
        joined = np.concatenate([np.append(text, np.uint32(0)) for text in texts])
        code_points, counts = np.unique(joined, return_counts=True)
        code_points = code_points[(counts >= least_characters) & (code_points != 0)]
        lettering = cls.of(code_points, np.zeros(0, np.int64))
        numbers = lettering._number[joined].astype(np.int64)
        inside = (numbers[:-1] >= FIRST) & (numbers[1:] >= FIRST)
        pairs, counts = np.unique((numbers[:-1] * lettering.characters + numbers[1:])[inside], return_counts=True)
        return cls.of(code_points, pairs[counts >= least_pairs])

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray]) -> Lettering:
        """Raises KeyError when an array is missing."""
        return cls.of(arrays["lettering.code_points"], arrays["lettering.pairs"].astype(np.int64))

    def to_arrays(self) -> dict[str, NDArray]:
        return {"lettering.code_points": self.code_points, "lettering.pairs": self.known_pairs.astype(np.uint32)}

    @property
    def characters(self) -> int:
        """How many numbers there are for characters."""
        return FIRST + len(self.code_points)

    @property
    def pairs(self) -> int:
        return 1 + len(self.known_pairs)

    def numbers(self, codes: Codes) -> NDArray[np.int32]:
        return self._number[codes]

    def letters(self, characters: NDArray[np.int32]) -> Letters:
        """`characters` (any shape) with the pair that each ends, along the last axis."""
        before = np.zeros_like(characters)
        before[..., 1:] = characters[..., :-1]
        return Letters(characters, self._pair[before.astype(np.int64) * self.characters + characters])
