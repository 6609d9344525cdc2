"""Reviews that an import changed get back what they said before, and are judged by it again."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Field

from reviews.judgement import is_negative
from reviews.models import CauseDecision, ImportBatch, Product, Review, ReviewRevision
from reviews.models.review import ReviewText
from reviews.signals import batch_classified

from .classifying import Judgement, Opinion, classifier_version, judge
from .reconciling import JUDGED_BY, update_judgements
from .tags import replace_causes

CHUNK_REVISIONS = 1000
"""Bounds memory."""
TOLD: dict[str, Field[Any, Any]] = {field.name: field for field in ReviewText._meta.local_fields}


def restore_reviews(batch: ImportBatch, now: datetime) -> int:
    """Take back every change that `batch` made to reviews it found; how many reviews that were.

    Each change stays on record, followed by a revision that takes it back. What a person decided about a review before
    the import is in force again.
    """
    restored = 0
    for revisions in _chunks(batch):
        reviews = Review.objects.select_for_update().in_bulk([revision.review_id for revision in revisions])
        _put_back(batch, reviews, revisions, now)
        touched = {revision.review_id: set(revision.changes) for revision in revisions}
        _judge_again([reviews[pk] for pk, names in touched.items() if not JUDGED_BY.isdisjoint(names)])
        batch_classified.send(sender=ImportBatch, review_ids=list(touched), changed=touched, now=now, takes_back=True)
        restored += len(revisions)
    return restored


def _chunks(batch: ImportBatch) -> Iterator[list[ReviewRevision]]:
    position = 0
    revisions = batch.revisions.filter(takes_back=False).order_by("pk")
    while chunk := list(revisions.filter(pk__gt=position)[:CHUNK_REVISIONS]):
        yield chunk
        position = chunk[-1].pk


def _put_back(
    batch: ImportBatch, reviews: dict[int, Review], revisions: Collection[ReviewRevision], now: datetime
) -> None:
    products = _products(batch, revisions)
    moved: set[str] = {"updated_at"}
    for revision in revisions:
        review = reviews[revision.review_id]
        for name, (old, _new) in revision.changes.items():
            value = products.get(old) if name == "product" else TOLD[name].to_python(old)
            setattr(review, name, value)
            moved.add(name)
        review.updated_at = now
    Review.objects.bulk_update(reviews.values(), sorted(moved), batch_size=200)
    ReviewRevision.objects.bulk_create(
        ReviewRevision(
            review_id=revision.review_id,
            batch=batch,
            recorded_at=now,
            changes={name: [new, old] for name, (old, new) in revision.changes.items()},
            takes_back=True,
        )
        for revision in revisions
    )


def _products(batch: ImportBatch, revisions: Collection[ReviewRevision]) -> dict[str, Product]:
    """By title, those that the changed reviews were of before."""
    titles = {revision.changes["product"][0] for revision in revisions if "product" in revision.changes}
    return {product.title: product for product in Product.objects.filter(shop=batch.shop_id, title__in=titles)}


def _judge_again(reviews: Collection[Review]) -> None:
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
