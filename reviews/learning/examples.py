"""What a layer learns from: decisions of people, and the validation data that is shipped with the weights."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple
from zlib import crc32

import numpy as np
from django.db.models import QuerySet
from numpy.typing import NDArray

from reviews.classifier import shipped
from reviews.classifier.classifier import batches
from reviews.classifier.measures import targets_of
from reviews.classifier.model import CODES, TOPS
from reviews.classifier.passages import has_words, read_passages
from reviews.classifier.storage import SHIPPED
from reviews.ingest.storing.classifying import Opinion, words_of
from reviews.models import CauseDecision

from .fitting import FOLDS, Examples

MOST_DECISIONS = 20_000
"""The newest ones: bounds time and memory, and lets old habits fade."""
VALIDATION = "validation.npz"


class Decided(NamedTuple):
    """What people decided, with the id of each decision and its fold (0 to FOLDS - 1)."""

    ids: NDArray[np.int64]
    folds: NDArray[np.int64]
    examples: Examples


def decided_reviews() -> Decided:
    """The last decision of each review, newest first. Left out are decisions taken back, "no complaint" (which says
    nothing of causes), and reviews without a word.

    The same words are always in the same fold: a layer is not tried on a copy of what it has learnt.
    """
    rows = telling_decisions().order_by("-pk").values_list(
        "pk", "decided", *(f"review__{field}" for field in Opinion._fields)
    )[:MOST_DECISIONS]  # fmt: skip
    told = [(pk, codes, words_of(Opinion(*opinion))) for pk, codes, *opinion in rows]
    told = [row for row in told if has_words(row[2])]
    texts = [text for _pk, _codes, text in told]
    return Decided(
        np.array([pk for pk, _codes, _text in told], np.int64),
        np.array([crc32(text.encode()) % FOLDS for text in texts], np.int64),
        examples_of(texts, [codes for _pk, codes, _text in told]),
    )


def telling_decisions(*, newer_than: int = 0) -> QuerySet[CauseDecision]:
    """The last decision of each review where it says something of causes; of those with a greater id only."""
    newer = CauseDecision.objects.filter(pk__gt=newer_than)
    last = newer.order_by("review", "-pk").distinct("review").values("pk")
    return CauseDecision.objects.filter(pk__in=last, is_withdrawn=False).exclude(decided=[])


def examples_of(texts: Sequence[str], codes: Sequence[Sequence[str]]) -> Examples:
    """Texts with words, as the shipped model sees them, and the causes they have."""
    model = shipped().model
    scores = [model.score(read_passages(batch)) for batch in batches(texts)]
    if not scores:
        return shipped_validation().only(np.zeros(shipped_validation().reviews, bool))
    return Examples(
        np.concatenate([each.features for each in scores]),
        np.concatenate([each.codes for each in scores]),
        np.concatenate([each.tops for each in scores]),
        targets_of(codes),
    )


@cache
def shipped_validation() -> Examples:
    """Reviews that the shipped model has not learnt from, as it sees them. No texts."""
    with np.load(SHIPPED / VALIDATION, allow_pickle=False) as arrays:
        examples = Examples(*(arrays[name].astype(np.float32) for name in Examples._fields))
    if examples.codes.shape[1] != len(CODES) or examples.tops.shape[1] != len(TOPS):
        raise ValueError("the validation data is for other causes than ours")
    return examples


def anchor_and_measured() -> tuple[Examples, Examples]:
    """The shipped data in two halves: one keeps a layer from forgetting, the other judges it."""
    examples = shipped_validation()
    is_anchor = np.arange(examples.reviews) % 2 == 0
    return examples.only(is_anchor), examples.only(~is_anchor)
