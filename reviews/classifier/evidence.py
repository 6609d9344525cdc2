"""Which words of a review speak for a cause: whole clauses where they are short, else their telling words."""

from __future__ import annotations

from bisect import bisect_right

import numpy as np

from .model import Scores
from .passages import Passages
from .prediction import Span

LONGEST = 14
"""Characters of a mark; a clause in a review has 8 on average."""
MOST_SPANS = 3
AS_SURE = 0.5
"""A further clause is marked when it is at least this sure of the cause, and half as sure as the surest."""


def spans_of(passages: Passages, scores: Scores, clauses: range, code: int) -> tuple[Span, ...]:
    """The marks for one cause in the review that `clauses` make up, in characters of its original text."""
    if not clauses:
        return ()
    sure = scores.clauses[clauses.start : clauses.stop, code]
    surest = int(sure.argmax())
    further = [int(at) for at in np.argsort(-sure, kind="stable")[1:MOST_SPANS] if sure[at] >= AS_SURE]
    spans = [_mark(passages, scores, clauses[at], code) for at in sorted({surest, *further})]
    review = int(passages.review_of_clause[clauses.start])
    return tuple(passages.original_span(start, end, review) for start, end in spans)


def _mark(passages: Passages, scores: Scores, clause: int, code: int) -> Span:
    start, end = int(passages.body_starts[clause]), int(passages.clause_ends[clause])
    if end - start <= LONGEST:
        return start, end
    words = passages.words_of(clause)
    starts, ends = passages.word_starts[words].tolist(), passages.word_ends[words].tolist()
    base = int(passages.clause_starts[clause])
    sums = np.concatenate([[0.0], np.cumsum(scores.emphasis(clause, code), dtype=np.float64)])
    windows = [
        (at, to)
        for place, at in enumerate(starts)
        if at >= start
        for to in ends[place : bisect_right(ends, at + LONGEST)]
    ]
    if not windows:
        return start, start + LONGEST
    return max(windows, key=lambda window: (sums[window[1] - base] - sums[window[0] - base], window[0] - window[1]))
