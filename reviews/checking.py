"""Reviews whose causes somebody should look at, and a person's word on them while others look at them too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from reviews.correction import COMPLAINS_BY_RATING, correct_causes, dismiss_complaint
from reviews.models import CauseDecision, Review, ReviewCause
from reviews.models.review import ReviewQuerySet
from reviews.search import ReviewFilter, has_uncertain_cause, matching_reviews
from reviews.signals import causes_corrected

ROWS_SHOWN = 20
COUNTED_AT_MOST = 1_000
"""How much there is to check is told exactly up to here: more is no work for today."""


class ChangedMeanwhile(Exception):
    """The causes of a review are no longer those that were shown to the person who decides."""


def reviews_to_check(reviews: ReviewQuerySet, wanted: ReviewFilter) -> ReviewQuerySet:
    """Those of `reviews` that `wanted` describes and with a cause the model was unsure of. Nobody has decided on them.

    A wanted cause means the unsure one: whoever checks late deliveries does not want what came along with them.
    """
    found = matching_reviews(reviews, replace(wanted, cause="", is_uncertain=False))
    return found.filter(has_uncertain_cause(wanted.cause), is_negative=True, causes_decided_at__isnull=True)


def count_to_check(reviews: ReviewQuerySet, wanted: ReviewFilter) -> int:
    """How many there are, one more than COUNTED_AT_MOST where there are more."""
    return reviews_to_check(reviews, wanted).order_by()[: COUNTED_AT_MOST + 1].count()


def dismissable(reviews: Iterable[Review]) -> set[int]:
    """Ids of those that a person may call no complaint; see `may_dismiss`."""
    ids = {review.pk for review in reviews}
    return ids - set(Review.objects.filter(COMPLAINS_BY_RATING, pk__in=ids).values_list("pk", flat=True))


@transaction.atomic
def decide(*, review: Review, seen: str, codes: Sequence[str] | None, actor: User, now: datetime) -> None:
    """Correct or confirm the causes of `review` where they still are what was `seen` (`Review.causes_seen`).

    `codes` None says that it is no complaint at all. Raises ChangedMeanwhile, ValidationError as `correct_causes` and
    `dismiss_complaint` do, and PermissionDenied where the case is a colleague's and would open or close.
    """
    _lock(review, seen)
    if codes is None:
        dismiss_complaint(review=review, actor=actor, now=now)
    else:
        correct_causes(review=review, codes=codes, actor=actor, now=now)


@transaction.atomic
def take_back(*, review: Review, seen: str, actor: User, now: datetime) -> None:
    """Undo a decision of `actor`: the model's causes are in force again, and the review waits to be checked.

    Raises ChangedMeanwhile where it is no longer what was `seen`, ValidationError where the decision is somebody
    else's or replaced that of a person.
    """
    _lock(review, seen)
    decision, replaced = _last_decisions(review)
    if decision is None or decision.is_withdrawn or decision.actor_id != actor.pk:
        raise ValidationError(_("There is no decision of yours to take back."))
    if replaced is not None and not replaced.is_withdrawn:
        raise ValidationError(_("A person had decided before. Correct the causes instead."))
    before = list(review.causes.all())
    after = _restore(review, decision)
    CauseDecision.objects.create(
        review=review,
        actor=actor,
        decided_at=now,
        model_version=decision.model_version,
        said_by_model=decision.said_by_model,
        decided=after,
        replaced=[[cause.code, cause.score, cause.source, cause.spans] for cause in before],
        is_withdrawn=True,
    )
    codes = {"before": [cause.code for cause in before], "after": after}
    causes_corrected.send(sender=Review, review=review, actor=actor, now=now, is_withdrawn=True, **codes)


def _lock(review: Review, seen: str) -> None:
    review.refresh_from_db(from_queryset=Review.with_withdrawn.select_for_update())
    if review.withdrawn_at:
        raise ValidationError(_("The import that brought this review has just been undone."))
    if review.causes_seen != seen:
        raise ChangedMeanwhile


def _last_decisions(review: Review) -> tuple[CauseDecision | None, CauseDecision | None]:
    """The standing decision and the one it replaced."""
    found = [*CauseDecision.objects.filter(review=review).order_by("-pk")[:2], None, None]
    return found[0], found[1]


def _restore(review: Review, decision: CauseDecision) -> list[str]:
    """Put back the causes that `decision` replaced, none of what was no complaint; answers their codes."""
    review.causes.all().delete()
    restored = [
        ReviewCause(review=review, code=code, rank=rank, score=score, source=source, spans=spans)
        for rank, (code, score, source, spans) in enumerate(decision.replaced)
    ]
    ReviewCause.objects.bulk_create(restored)
    review.is_negative = bool(restored)
    review.causes_decided_by = review.causes_decided_at = None
    review.save(update_fields=["is_negative", "causes_decided_by", "causes_decided_at", "updated_at"])
    return [cause.code for cause in restored]
