"""Which words of a review speak for a cause: whole clauses where they are short, else their telling characters."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from .model import Floats
from .normalise import Ints
from .passages import Passages
from .prediction import Span

LONGEST = 14
"""Characters of a mark; a clause in a review has 8 on average."""
SHORTEST = 4
MOST_SPANS = 3
NEXT_TO_BEST = 0.5
"""A further clause is marked when it speaks for the cause at least half as much as the one that does most."""


def spans_of(passages: Passages, shares: Floats, reviews: Ints, codes: Ints) -> list[tuple[Span, ...]]:
    """The marks for each pair of a review and a code, in characters of the original text. A review without words has
    none."""
    pair, clause = _clauses_of(passages, reviews)
    speaks = _sums(passages, shares)[clause, codes[pair]]
    marked = _marked(pair, speaks, len(reviews))
    pair, clause = pair[marked], clause[marked]
    starts, ends = passages.body_starts[clause], passages.clause_ends[clause]
    for at in np.flatnonzero(ends - starts > LONGEST).tolist():
        first, last = _telling(shares[starts[at] : ends[at], codes[pair[at]]])
        starts[at], ends[at] = starts[at] + first, starts[at] + last
    spans = list(zip(passages.origin[starts].tolist(), (passages.origin[ends - 1] + 1).tolist(), strict=True))
    bounds = np.searchsorted(pair, np.arange(len(reviews) + 1)).tolist()
    return [tuple(spans[first:last]) for first, last in pairwise(bounds)]


def _clauses_of(passages: Passages, reviews: Ints) -> tuple[Ints, Ints]:
    """For each review in turn its clauses: the place in `reviews`, and the clause."""
    counts = np.bincount(passages.review_of_clause, minlength=passages.reviews)[reviews]
    firsts = np.searchsorted(passages.review_of_clause, reviews)
    place = np.repeat(np.arange(len(reviews)), counts)
    return place, np.arange(len(place)) + np.repeat(firsts - np.cumsum(counts) + counts, counts)


def _sums(passages: Passages, shares: Floats) -> Floats:
    """What each clause adds to the log-odds of each code."""
    bounds = np.stack([passages.clause_starts, passages.clause_ends], axis=1).ravel()
    return np.add.reduceat(shares, bounds, axis=0)[::2] if len(bounds) else shares[:0]


def _marked(pair: Ints, speaks: Floats, pairs: int) -> Ints:
    """Which clauses to mark, in reading order: the one that speaks most, even where none speaks for the cause, and
    those next to it."""
    order = np.lexsort((-speaks, pair))
    firsts = np.searchsorted(pair, np.arange(pairs))
    rank = np.arange(len(pair)) - firsts[pair[order]]
    most = speaks[order[firsts[pair[order]]]]
    kept = (rank == 0) | ((rank < MOST_SPANS) & (speaks[order] >= NEXT_TO_BEST * most) & (speaks[order] > 0))
    return np.sort(order[kept])


def _telling(shares: Floats) -> tuple[int, int]:
    """Start and end of the characters of a long clause that speak most together."""
    sums = np.concatenate([[0.0], np.cumsum(shares, dtype=np.float64)])
    # A row for each length a mark may have, a column for each place it may start at.
    gains = np.full((LONGEST - SHORTEST + 1, len(shares)), -np.inf)
    for row, length in enumerate(range(SHORTEST, LONGEST + 1)):
        gains[row, : len(shares) - length + 1] = sums[length:] - sums[:-length]
    row, first = divmod(int(gains.argmax()), len(shares))
    return first, first + SHORTEST + row
