"""What the classifier and the rating together say of reviews on their way in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from reviews.causes import Cause
from reviews.classifier import Prediction, shipped
from reviews.judgement import is_default_text, is_negative


class Opinion(NamedTuple):
    """What a review is judged by."""

    rating: str
    stars: int | None
    content: str
    append_content: str


class FoundCause(NamedTuple):
    """`spans` are [start, end] offsets into the review's content."""

    code: str
    score: float
    spans: list[list[int]]


class Judgement(NamedTuple):
    """`causes` has the primary one first; it is empty exactly where the review is not negative."""

    is_default: bool
    is_negative: bool
    negative_score: float
    causes: list[FoundCause]


NO_CAUSE_GIVEN = [FoundCause(Cause.OTHER.value, 1.0, [])]
"""A bad rating without a word to explain it."""


def classifier_version() -> str:
    return shipped().version


def judge(opinions: Sequence[Opinion]) -> list[Judgement]:
    """One judgement for each opinion, in order. Words that the platform put in the buyer's mouth are left out."""
    defaults = [is_default_text(opinion.content) for opinion in opinions]
    words = [_words(opinion, is_default) for opinion, is_default in zip(opinions, defaults, strict=True)]
    predictions = _predictions(words)
    follow_ups = _predictions([opinion.append_content for opinion in opinions])
    return [
        _judgement(opinion, is_default, predictions.get(index), follow_ups.get(index))
        for index, (opinion, is_default) in enumerate(zip(opinions, defaults, strict=True))
    ]


def _predictions(texts: Sequence[str]) -> dict[int, Prediction]:
    """What the classifier says, by index, of those texts that are words of a buyer."""
    spoken = [index for index, text in enumerate(texts) if text and not is_default_text(text)]
    return dict(zip(spoken, shipped().classify([texts[index] for index in spoken]), strict=True))


def _words(opinion: Opinion, is_default: bool) -> str:
    # The content comes first and unchanged, so offsets into these words are offsets into the content.
    follow_up = "" if is_default_text(opinion.append_content) else opinion.append_content
    return "\n".join(part for part in ("" if is_default else opinion.content, follow_up) if part)


def _judgement(
    opinion: Opinion, is_default: bool, prediction: Prediction | None, follow_up: Prediction | None
) -> Judgement:
    """A follow-up counts by itself too: praise before it must not drown its complaint."""
    told = [found for found in (prediction, follow_up) if found]
    is_complaint = any(found.is_negative for found in told)
    score = max((float(found.negative_score) for found in told), default=0.0)
    if not is_negative(rating=opinion.rating, stars=opinion.stars, is_complaint=is_complaint):
        return Judgement(is_default, False, score, [])
    length = 0 if is_default else len(opinion.content)
    tags = prediction.tags if prediction else ()
    causes = [FoundCause(tag.code, float(tag.score), _spans_within(length, tag.spans)) for tag in tags]
    return Judgement(is_default, True, score, causes or NO_CAUSE_GIVEN)


def _spans_within(length: int, spans: Sequence[Sequence[int]]) -> list[list[int]]:
    """Evidence in the follow-up lies beyond the content and cannot be marked in it."""
    return [[start, min(end, length)] for start, end in spans if start < length]
