"""Second half of an import: staged rows become reviews, a chunk at a time.

A chunk is one transaction: its products, orders, reviews, revisions and causes, the cases opened by who listens to
`batch_classified`, the counters, and the removal of its staged rows. Killed in between, it simply happens again.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import NamedTuple

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import F
from django.utils import timezone

from reviews.judgement import is_negative
from reviews.models import ImportBatch, ReviewRevision, StagedRow
from reviews.signals import batch_classified

from .bulk import copy_rows
from .catalogue import store_orders, store_products
from .classifying import Judgement, classifier_version, judge
from .locks import wait_for_shop
from .reconciling import (
    ChangedReview,
    Chunk,
    changed_reviews,
    insert_reviews,
    known_reviews,
    new_reviews,
    next_chunk,
    update_judgements,
    update_reviews,
)
from .tags import replace_causes, store_causes


class Stored(NamedTuple):
    """What became of a chunk: ids of its new and changed reviews, how many of both are negative now."""

    created: list[int]
    changed: list[ChangedReview]
    negative: int


def merge_rows(batch: ImportBatch) -> None:
    """Store what is left of the staged rows of `batch`."""
    last_line: int | None = 0
    while last_line is not None:
        last_line = _merge_chunk(batch, last_line, timezone.now())


def _merge_chunk(batch: ImportBatch, after_line: int, now: datetime) -> int | None:
    """Last line of the chunk that was stored; None when nothing is left."""
    with transaction.atomic(), connection.cursor() as cursor:
        wait_for_shop(batch.shop_id)
        chunk = next_chunk(cursor, batch, after_line)
        if chunk is None:
            return None
        store_products(cursor, chunk._asdict())
        store_orders(cursor, chunk._asdict())
        stored = _store_reviews(cursor, chunk, now)
        opened = _announce(stored, now)
        StagedRow.objects.filter(batch=batch, line__range=(chunk.first, chunk.last)).delete()
        ImportBatch.objects.filter(pk=batch.pk).update(
            created=F("created") + len(stored.created),
            updated=F("updated") + len(stored.changed),
            unchanged=F("unchanged") + chunk.rows - len(stored.created) - len(stored.changed),
            negative=F("negative") + stored.negative,
            cases_opened=F("cases_opened") + opened,
            beat_at=now,
        )
        return chunk.last


def _store_reviews(cursor: CursorWrapper, chunk: Chunk, now: datetime) -> Stored:
    known = known_reviews(cursor, chunk)
    fresh = new_reviews(cursor, chunk, known)
    changed = changed_reviews(cursor, chunk, known)
    judged = [review for review in changed if review.needs_judgement]
    opinions = [review.opinion for review in fresh] + [review.opinion for review in judged]
    judgements = judge(opinions, [chunk.shop] * len(opinions))
    of_fresh = judgements[: len(fresh)]
    of_judged = [_as_decided(*pair) for pair in zip(judged, judgements[len(fresh) :], strict=True)]
    created = []
    if fresh:
        ids = insert_reviews(
            cursor, chunk, [review.line for review in fresh], of_fresh, version=classifier_version(), now=now
        )
        created = [ids[review.identity] for review in fresh]
        store_causes(zip(created, of_fresh, strict=True))
    if changed:
        update_reviews(cursor, chunk, changed, now)
        _record_revisions(chunk, changed, now)
    if judged:
        update_judgements(cursor, [review.review_id for review in judged], of_judged, classifier_version())
        replace_causes(
            [
                (review.review_id, found)
                for review, found in zip(judged, of_judged, strict=True)
                if not _is_final(review)
            ]
        )
    verdicts = {review.review_id: review.was_negative for review in changed}
    verdicts |= {review.review_id: found.is_negative for review, found in zip(judged, of_judged, strict=True)}
    negative = sum(found.is_negative for found in of_fresh) + sum(verdicts.values())
    return Stored(created, changed, negative)


def _as_decided(review: ChangedReview, found: Judgement) -> Judgement:
    """What was found, but for the verdict where a person gave it."""
    return found._replace(is_negative=review.was_negative) if _is_final(review) else found


def _is_final(review: ChangedReview) -> bool:
    """Whether a person's decision stands: it does, until a review found to be no complaint gets a poor rating."""
    opinion = review.opinion
    is_poor = is_negative(rating=opinion.rating, stars=opinion.stars, is_complaint=False)
    return review.is_decided and (review.was_negative or not is_poor)


def _record_revisions(chunk: Chunk, changed: list[ChangedReview], now: datetime) -> None:
    copy_rows(
        ReviewRevision,
        ("review", "batch", "recorded_at", "changes"),
        ((review.review_id, chunk.batch, now, json.dumps(review.changes)) for review in changed),
    )


def _announce(stored: Stored, now: datetime) -> int:
    """Tell who listens; the number of cases they opened."""
    if not (stored.created or stored.changed):
        return 0
    changed = {review.review_id: set(review.changes) for review in stored.changed}
    answers = batch_classified.send(
        sender=ImportBatch, review_ids=[*stored.created, *changed], changed=changed, now=now
    )
    return sum(int(answer or 0) for _receiver, answer in answers)
