"""Gives the model's tags anew, after another version came into force or the words of a shop changed.

Reviews are gone through in the order of their ids, a chunk being one transaction with the position in it: killed in
between, it goes on behind the last whole chunk. What a person decided is never touched, a verdict of "negative" is not
taken back, and the cases of negative reviews stay as they are.
"""

from __future__ import annotations

import logging
from datetime import datetime

from django.contrib.auth.models import User
from django.db import IntegrityError, InterfaceError, OperationalError, connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from reviewdesk import queue
from reviews.classifier import shipped
from reviews.ingest.locks import alone_on_refresh
from reviews.ingest.storing.classifying import Opinion, judge
from reviews.ingest.storing.reconciling import update_judgements
from reviews.ingest.storing.tags import replace_causes
from reviews.models import Review, ReviewCause, TagRefresh
from reviews.models.review import Rating
from reviews.signals import batch_classified

from .champions import champion

logger = logging.getLogger(__name__)
JOB = "reviews.jobs.refresh_tags"
CHUNK_REVIEWS = 1000
Status = TagRefresh.Status


def start_refresh(*, actor: User, now: datetime) -> TagRefresh:
    """Queue a refresh; answers the one under way where there is one."""
    try:
        with transaction.atomic():
            refresh = TagRefresh.objects.create(
                requested_by=actor, requested_at=now, version=champion().version, beat_at=now
            )
    except IntegrityError:
        return TagRefresh.objects.get(status=Status.RUNNING)
    queue.ask_for(JOB, refresh.pk)
    return refresh


def outdated_reviews() -> QuerySet[Review]:
    """Negative reviews whose tags are from another version than the one in force."""
    return _taggable().filter(is_negative=True).exclude(classifier_version=champion().version)


def run(refresh_id: int) -> None:
    """Bring a refresh to its end. Returns at once where it has ended or runs elsewhere. A database that went away is
    raised, and a later run goes on; what else stops it is written to the refresh."""
    with alone_on_refresh(refresh_id) as is_mine:
        if not is_mine:
            return
        refresh = TagRefresh.objects.get(pk=refresh_id)
        if not refresh.is_running:
            return
        try:
            while _refresh_chunk(refresh, timezone.now()):
                refresh.refresh_from_db()
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            logger.exception("Refresh %s stopped", refresh_id)
            _end(refresh, Status.FAILED, type(error).__name__)
        else:
            _end(refresh, Status.DONE)


def _end(refresh: TagRefresh, status: str, error: str = "") -> None:
    TagRefresh.objects.filter(pk=refresh.pk).update(status=status, error=error, finished_at=timezone.now())


def _refresh_chunk(refresh: TagRefresh, now: datetime) -> bool:
    """Whether there was one."""
    version = champion().version
    if refresh.version != version or refresh.total is None:
        refresh.version, refresh.position, refresh.done = version, 0, 0
        refresh.total = _concerned().count()
        refresh.save(update_fields=["version", "position", "done", "total"])
    with transaction.atomic():
        reviews = list(
            _concerned()
            .filter(pk__gt=refresh.position)
            .order_by("pk")
            .select_for_update()
            .only("shop_id", "is_negative", *Opinion._fields)[:CHUNK_REVIEWS]
        )
        if not reviews:
            return False
        changed, opened = _tag(reviews, version, now)
        TagRefresh.objects.filter(pk=refresh.pk).update(
            position=reviews[-1].pk,
            done=F("done") + len(reviews),
            changed=F("changed") + changed,
            cases_opened=F("cases_opened") + opened,
            beat_at=now,
        )
    return True


def _taggable() -> QuerySet[Review]:
    return Review.objects.filter(causes_decided_at=None)


def _concerned() -> QuerySet[Review]:
    """Reviews whose tags may differ now: negative ones, and under new shipped weights all. A layer over them changes
    what a review complains of, not whether it does."""
    base = shipped().version
    of_these_weights = Q(classifier_version=base) | Q(classifier_version__startswith=f"{base}+")
    return _taggable().filter(Q(is_negative=True) | ~of_these_weights)


def _tag(reviews: list[Review], version: str, now: datetime) -> tuple[int, int]:
    """Store what the champion says; how many reviews have other causes now, how many cases opened."""
    judged = judge([_opinion(review) for review in reviews], [review.shop_id for review in reviews])
    found = [(review.pk, judgement) for review, judgement in zip(reviews, judged, strict=True)]
    ids = [review.pk for review in reviews]
    before = _codes(ids)
    with connection.cursor() as cursor:
        update_judgements(cursor, ids, judged, version)
    replace_causes(found)
    changed = sum(before.get(pk, []) != [cause.code for cause in judgement.causes] for pk, judgement in found)
    was_negative = {review.pk for review in reviews if review.is_negative}
    return changed, _announce([pk for pk, judgement in found if judgement.is_negative and pk not in was_negative], now)


def _opinion(review: Review) -> Opinion:
    """A review once found negative is asked about as a badly rated one: it may not turn, for its case may be in
    somebody's hands."""
    opinion = Opinion(*(getattr(review, name) for name in Opinion._fields))
    return opinion._replace(rating=Rating.BAD.value) if review.is_negative else opinion


def _codes(review_ids: list[int]) -> dict[int, list[str]]:
    """The causes of each review, primary first."""
    codes: dict[int, list[str]] = {}
    stored = ReviewCause.objects.filter(review__in=review_ids).order_by("review", "rank")
    for review_id, code in stored.values_list("review", "code"):
        codes.setdefault(review_id, []).append(code)
    return codes


def _announce(review_ids: list[int], now: datetime) -> int:
    """Tell who listens of reviews that count as negative now; the number of cases they opened."""
    if not review_ids:
        return 0
    changed = {review_id: {"is_negative"} for review_id in review_ids}
    answers = batch_classified.send(sender=TagRefresh, review_ids=review_ids, changed=changed, now=now)
    return sum(int(answer or 0) for _receiver, answer in answers)
