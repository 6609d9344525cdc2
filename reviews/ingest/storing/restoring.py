"""Reviews that an import changed get back what they said before, and are judged by it again."""

# ruff: noqa: S608 - only names of our own columns are put into SQL text; values are parameters.

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet

from reviews.judgement import is_negative
from reviews.models import CauseDecision, ImportBatch, Review
from reviews.models.review import ReviewText
from reviews.signals import batch_classified

from .classifying import Judgement, Opinion, classifier_version, judge
from .reconciling import JUDGED_BY, update_judgements
from .tags import replace_causes

CHUNK_REVIEWS = 1000
"""Bounds memory."""


def restore_reviews(batch: ImportBatch, now: datetime) -> int:
    """Take back every change that `batch` made to reviews it found; how many reviews that were.

    Each change stays on record, followed by a revision that takes it back. What a person decided about a review before
    the import is in force again.
    """
    restored = 0
    for touched in _chunks(batch):
        with connection.cursor() as cursor:
            cursor.execute(_put_back(), {"batch": batch.pk, "reviews": list(touched), "now": now})
            cursor.execute(TAKE_BACK, {"batch": batch.pk, "reviews": list(touched), "now": now})
        judged = [pk for pk, names in touched.items() if not JUDGED_BY.isdisjoint(names)]
        _judge_again(Review.objects.filter(pk__in=judged).only("shop_id", "causes_decided_at", *Opinion._fields))
        batch_classified.send(sender=ImportBatch, review_ids=list(touched), changed=touched, now=now, takes_back=True)
        restored += len(touched)
    return restored


def _chunks(batch: ImportBatch) -> Iterator[dict[int, set[str]]]:
    """Id of each changed review -> names of its changed fields, some at a time."""
    position = 0
    changes = batch.revisions.filter(takes_back=False).order_by("review").values_list("review", "changes")
    while chunk := {pk: set(told) for pk, told in changes.filter(review__gt=position)[:CHUNK_REVIEWS]}:
        yield chunk
        position = max(chunk)


_CHANGE = "v.batch_id = %(batch)s AND v.review_id = ANY(%(reviews)s) AND NOT v.takes_back"


def _put_back() -> str:
    """SQL that gives changed reviews the values that their revisions `v` keep as old."""
    fields = ", ".join(
        f"{field.column} = CASE WHEN v.changes ? '{field.name}'"
        f" THEN (v.changes -> '{field.name}' ->> 0)::{field.db_type(connection)} ELSE r.{field.column} END"
        for field in ReviewText._meta.local_fields
    )
    return f"""
        UPDATE reviews_review r SET {fields}, updated_at = %(now)s,
            product_id = CASE WHEN v.changes ? 'product' THEN (
                SELECT p.id FROM reviews_product p
                WHERE p.shop_id = r.shop_id AND p.title = v.changes -> 'product' ->> 0
            ) ELSE r.product_id END
        FROM reviews_reviewrevision v WHERE {_CHANGE} AND r.id = v.review_id
    """


TAKE_BACK = f"""
    INSERT INTO reviews_reviewrevision (review_id, batch_id, recorded_at, takes_back, changes)
    SELECT v.review_id, v.batch_id, %(now)s, true,
        (SELECT jsonb_object_agg(key, jsonb_build_array(value -> 1, value -> 0)) FROM jsonb_each(v.changes))
    FROM reviews_reviewrevision v WHERE {_CHANGE} ORDER BY v.id
"""


def _judge_again(concerned: QuerySet[Review]) -> None:
    reviews = list(concerned)
    if not reviews:
        return
    opinions = [Opinion(*(getattr(review, name) for name in Opinion._fields)) for review in reviews]
    found = judge(opinions, [review.shop_id for review in reviews])
    decided = _decisions([review for review in reviews if review.causes_decided_at])
    judged = [
        (review, *_as_decided(decided.get(review.pk), opinion, judgement))
        for review, opinion, judgement in zip(reviews, opinions, found, strict=True)
    ]
    with connection.cursor() as cursor:
        update_judgements(
            cursor,
            [review.pk for review in reviews],
            [judgement for _review, judgement, _is_anew in judged],
            classifier_version(),
        )
    replace_causes([(review.pk, judgement) for review, judgement, has_new_causes in judged if has_new_causes])


def _decisions(reviews: Collection[Review]) -> dict[int, list[str]]:
    """Review id -> the causes that a person chose, none where it was no complaint."""
    last = CauseDecision.objects.filter(review__in=reviews).order_by("review", "-pk").distinct("review")
    return dict(last.values_list("review", "decided"))


def _as_decided(codes: list[str] | None, opinion: Opinion, found: Judgement) -> tuple[Judgement, bool]:
    """What was found, as far as no decision of a person (`codes`) stands against it, and whether its causes count."""
    if codes:
        return found._replace(is_negative=True), False
    is_poor = is_negative(rating=opinion.rating, stars=opinion.stars, is_complaint=False)
    if codes is None or is_poor:
        return found, True
    return found._replace(is_negative=False, causes=[]), True
