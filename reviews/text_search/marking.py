"""Where the words of a search stand in a text, in whatever spelling the text has them. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from .folding import folded

LEAD = 8
"""Characters left before the first word found, where a text is shortened to begin near it."""
SEEN = 24
"""A word that begins within so many characters is seen without shortening."""


def found_spans(text: str, terms: Sequence[str]) -> list[tuple[int, int]]:
    """Stretches of `text` (start, end) that hold one of `terms`, spelled as `terms_of` does; in order, apart from one
    another."""
    if not terms:
        return []
    spelled, at = _spelled(text)
    spans: list[tuple[int, int]] = []
    for term in terms:
        start = spelled.find(term)
        while start >= 0:
            spans.append((at[start], at[start + len(term) - 1] + 1))
            start = spelled.find(term, start + len(term))
    joined: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if joined and first <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return joined


def cut_at(text: str, start: int, spans: Sequence[tuple[int, int]]) -> list[tuple[str, bool]]:
    """`text`, which begins at `start` of what `spans` were found in, in pieces: words, and whether they are found."""
    edges = sorted({0, len(text), *(min(max(edge - start, 0), len(text)) for span in spans for edge in span)})
    firsts = [first - start for first, _last in spans]
    pieces = []
    for begin, end in pairwise(edges):
        nearest = bisect_right(firsts, begin) - 1
        pieces.append((text[begin:end], nearest >= 0 and begin < spans[nearest][1] - start))
    return pieces


def near_first(text: str, spans: Sequence[tuple[int, int]]) -> int:
    """Where to begin `text` in a line that shows its beginning only, so that the first word found is seen."""
    return max(spans[0][0] - LEAD, 0) if spans and spans[0][0] > SEEN else 0


def _spelled(text: str) -> tuple[str, list[int]]:
    """`text` in the spelling of search, and for each of its characters the place it has in `text`."""
    spelled: list[str] = []
    at: list[int] = []
    for place, character in enumerate(text):
        told = _character(character)
        if told == " " and spelled and spelled[-1] == " ":
            continue
        spelled.extend(told)
        at.extend([place] * len(told))
    return "".join(spelled), at


@lru_cache(maxsize=10_000)
def _character(character: str) -> str:
    return " " if character.isspace() else folded(character)
