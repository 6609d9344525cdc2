"""What the classifier answers."""

from __future__ import annotations

from typing import NamedTuple

Span = tuple[int, int]
"""Start and end, in characters of the original text, end excluded."""


class Tag(NamedTuple):
    """A cause the text complains of. `score` is its calibrated probability, to two digits; `spans` are in reading order
    and empty where the text has no words or is praise."""

    code: str
    score: float
    spans: tuple[Span, ...]


class Prediction(NamedTuple):
    """`negative_score` is the probability, 0 to 1, that the buyer rated badly. `tags` is never empty, primary cause
    first; it says what a complaint would be about even where `is_negative` is False."""

    is_negative: bool
    negative_score: float
    tags: tuple[Tag, ...]
