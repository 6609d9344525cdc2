"""Second half of an import: staged rows become reviews, a part at a time, by as many workers as join in.

A part is one transaction: its products, orders, reviews, revisions and causes, the cases opened by who listens to
`batch_classified`, and the counters. Killed in between, it simply happens again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NamedTuple

from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import F
from django.utils import timezone

from reviews.judgement import is_negative
from reviews.models import ImportBatch, ImportPart, ReviewRevision, StagedRow
from reviews.signals import batch_classified

from ..locks import is_under_way, wait_for_undo
from .bulk import commit_lazily, copy_rows
from .catalogue import PartLines, store_orders, store_products
from .classifying import Judgement, Opinion, classifier_version, judge
from .joining import join_new
from .order_merging import Merged, announce_orders, merge_orders
from .reconciling import (
    ChangedReview,
    changed_reviews,
    compare,
    insert_reviews,
    new_reviews,
    update_judgements,
    update_reviews,
)
from .tags import replace_causes, store_causes

OVERTAKEN = frozenset({"23505", "40P01"})
"""PostgreSQL's codes of what two imports with the same new reviews at the same time come to: a review that was new is
stored by now, or each waits for the other. Done again, it is known."""
ATTEMPTS = 5
"""How often a part is tried that another import of the same reviews overtakes."""


class Stored(NamedTuple):
    """What became of a part."""

    created: int
    complaints: list[int]
    """Ids of those created that are negative."""
    changed: list[ChangedReview]
    negative: int
    """How many of the created and the changed are."""
    repeats: dict[str, int]


def merge_parts(batch: ImportBatch) -> Iterator[None]:
    """Store staged parts of `batch` until none is left that another worker is not at; stops after each."""
    while _merge_next(batch):
        yield


def _merge_next(batch: ImportBatch) -> bool:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with transaction.atomic():
                return _merge_part(batch)
        except (IntegrityError, OperationalError) as error:
            if attempt == ATTEMPTS or getattr(error.__cause__, "pgcode", None) not in OVERTAKEN:
                raise
    return False


def _merge_part(batch: ImportBatch) -> bool:
    if not is_under_way(batch.pk, ImportBatch.Status.MERGING):
        return False
    part = batch.parts.filter(state=ImportPart.State.STAGED).select_for_update(skip_locked=True).first()
    if part is None:
        return False
    wait_for_undo(batch.shop_id)
    lines = PartLines(batch.pk, batch.shop_id, part.lines_before + 1, part.last_line)
    now = timezone.now()
    with connection.cursor() as cursor:
        commit_lazily(cursor)
        merged = MERGED_BY[ImportBatch.Kind(batch.kind)](cursor, lines, now)
    rows = StagedRow.objects.filter(batch=batch, line__range=(lines.first, lines.last)).count()
    ImportPart.objects.filter(pk=part.pk).update(state=ImportPart.State.MERGED, repeats=merged.repeats)
    ImportBatch.objects.filter(pk=batch.pk).update(
        created=F("created") + merged.created,
        updated=F("updated") + merged.updated,
        unchanged=F("unchanged") + rows - merged.created - merged.updated,
        negative=F("negative") + merged.negative,
        cases_opened=F("cases_opened") + merged.cases_opened,
        beat_at=now,
    )
    return True


def _merge_reviews(cursor: CursorWrapper, lines: PartLines, now: datetime) -> Merged:
    store_products(cursor, lines)
    orders = store_orders(cursor, lines)
    stored = _store_reviews(cursor, lines, orders.created, now)
    opened = _announce(stored, now)
    announce_orders(lines.shop, orders.updated, now)
    return Merged(stored.created, len(stored.changed), stored.repeats, stored.negative, opened)


MERGED_BY: dict[ImportBatch.Kind, Callable[[CursorWrapper, PartLines, datetime], Merged]] = {
    ImportBatch.Kind.REVIEWS: _merge_reviews,
    ImportBatch.Kind.ORDERS: merge_orders,
}


def _store_reviews(cursor: CursorWrapper, lines: PartLines, new_orders: list[str], now: datetime) -> Stored:
    compared = compare(cursor, lines)
    if compared.new and join_new(cursor, lines, compared.new, new_orders):
        compared = compare(cursor, lines)
    fresh = new_reviews(cursor, lines, compared.new)
    changed = changed_reviews(cursor, lines, compared.changed)
    judged = [review for review in changed if review.needs_judgement]
    opinions = [review.opinion for review in fresh] + [review.opinion for review in judged]
    judgements = _judged(opinions, lines.shop)
    of_fresh = judgements[: len(fresh)]
    of_judged = [_as_decided(*pair) for pair in zip(judged, judgements[len(fresh) :], strict=True)]
    complaints = []
    if fresh:
        ids = insert_reviews(
            cursor, lines, [review.line for review in fresh], of_fresh, version=classifier_version(), now=now
        )
        complaining = [
            (ids[review.identity], found) for review, found in zip(fresh, of_fresh, strict=True) if found.is_negative
        ]
        store_causes(complaining)
        complaints = [review_id for review_id, _found in complaining]
    if changed:
        update_reviews(cursor, lines, changed, now)
        _record_revisions(lines, changed, now)
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
    return Stored(len(fresh), complaints, changed, len(complaints) + sum(verdicts.values()), compared.repeats)


def _judged(opinions: list[Opinion], shop: int) -> list[Judgement]:
    """One judgement for each opinion, in order. Most buyers leave the stars and the words that others left too."""
    distinct = list(dict.fromkeys(opinions))
    judgement_of = dict(zip(distinct, judge(distinct, [shop] * len(distinct)), strict=True))
    return [judgement_of[opinion] for opinion in opinions]


def _as_decided(review: ChangedReview, found: Judgement) -> Judgement:
    """What was found, but for the verdict where a person gave it."""
    return found._replace(is_negative=review.was_negative) if _is_final(review) else found


def _is_final(review: ChangedReview) -> bool:
    """Whether a person's decision stands: it does, until a review found to be no complaint gets a poor rating."""
    opinion = review.opinion
    is_poor = is_negative(rating=opinion.rating, stars=opinion.stars, is_complaint=False)
    return review.is_decided and (review.was_negative or not is_poor)


def _record_revisions(lines: PartLines, changed: list[ChangedReview], now: datetime) -> None:
    copy_rows(
        ReviewRevision,
        ("review", "batch", "recorded_at", "changes"),
        ((review.review_id, lines.batch, now, json.dumps(review.changes)) for review in changed),
    )


def _announce(stored: Stored, now: datetime) -> int:
    """Tell who listens; the number of cases they opened."""
    if not (stored.complaints or stored.changed):
        return 0
    changed = {review.review_id: set(review.changes) for review in stored.changed}
    answers = batch_classified.send(
        sender=ImportBatch, review_ids=[*stored.complaints, *changed], changed=changed, now=now
    )
    return sum(int(answer or 0) for _receiver, answer in answers)
