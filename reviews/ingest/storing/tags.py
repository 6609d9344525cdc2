"""Writing what the classifier found: the causes of many reviews at once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from reviews.models import ReviewCause
from reviews.models.review import CauseSource
from reviews.vocabulary.application import FoundCause

from .bulk import copy_rows
from .classifying import Judgement

Found = tuple[int, Judgement]
"""Id of a review, and what was found in it."""


def store_causes(found: Iterable[Found]) -> None:
    """Add the causes of reviews that have none stored."""
    copy_rows(
        ReviewCause,
        ("review", "code", "rank", "score", "source", "spans"),
        (
            (review_id, cause.code, rank, cause.score, _source(cause), json.dumps(cause.spans))
            for review_id, judgement in found
            for rank, cause in enumerate(judgement.causes)
        ),
    )


def _source(cause: FoundCause) -> str:
    return (CauseSource.WORDS if cause.score is None else CauseSource.MODEL).value


def replace_causes(found: Sequence[Found]) -> None:
    """New causes instead of old ones. The caller leaves out reviews that a person decided."""
    ReviewCause.objects.filter(review__in=[review_id for review_id, _judgement in found]).delete()
    store_causes(found)
