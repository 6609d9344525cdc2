"""A person corrects what the model found in a review. From then on no model and no import changes it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from reviews.causes import Cause
from reviews.models import CauseDecision, Review, ReviewCause
from reviews.models.review import CauseSource, Rating
from reviews.search import RATED_AS
from reviews.signals import batch_classified, causes_corrected

COMPLAINS_BY_RATING = RATED_AS[Rating.NEUTRAL] | RATED_AS[Rating.BAD]


@transaction.atomic
def correct_causes(*, review: Review, codes: Sequence[str], actor: User, now: datetime) -> None:
    """Set the causes of `review` to `codes`, primary first.

    A review that was no complaint becomes one and is announced, so that a case opens. Evidence of causes that stay is
    kept. Raises ValidationError, and changes nothing, when `codes` is empty, has an unknown code, or has "other" beside
    another one.
    """
    chosen = list(dict.fromkeys(codes))
    if not chosen:
        raise ValidationError(_("Choose at least one cause."))
    if any(code not in Cause.values for code in chosen):
        raise ValidationError(_("This cause is unknown."))
    if Cause.OTHER in chosen and len(chosen) > 1:
        raise ValidationError(_("“Other” means that no cause is named, so it stands alone."))
    review.refresh_from_db(from_queryset=Review.objects.select_for_update())
    was_negative, review.is_negative = review.is_negative, True
    before = _decide(review, chosen, actor, now)
    if not was_negative:
        changed = {review.pk: {"is_negative"}}
        batch_classified.send(sender=Review, review_ids=[review.pk], changed=changed, now=now)
    causes_corrected.send(sender=Review, review=review, before=before, after=chosen, actor=actor, now=now)


def may_dismiss(review: Review) -> bool:
    """Whether a person may say that `review` is no complaint: a bad or neutral rating is one whatever the text says."""
    return not Review.objects.filter(COMPLAINS_BY_RATING, pk=review.pk).exists()


@transaction.atomic
def dismiss_complaint(*, review: Review, actor: User, now: datetime) -> None:
    """Decide that `review` does not complain: it keeps no cause. Raises ValidationError unless `may_dismiss`."""
    review.refresh_from_db(from_queryset=Review.objects.select_for_update())
    if not may_dismiss(review):
        raise ValidationError(_("A bad or neutral rating stays negative. Choose “Other” when it names no cause."))
    review.is_negative = False
    before = _decide(review, [], actor, now)
    causes_corrected.send(sender=Review, review=review, before=before, after=[], actor=actor, now=now)


def _decide(review: Review, codes: list[str], actor: User, now: datetime) -> list[str]:
    """Store the decision, note it, and answer the codes it replaces."""
    before = list(review.causes.all())
    _note(review, before, codes, actor, now)
    spans = {cause.code: cause.spans for cause in before}
    review.causes.all().delete()
    ReviewCause.objects.bulk_create(
        ReviewCause(review=review, code=code, rank=rank, score=1, source=CauseSource.PERSON, spans=spans.get(code, []))
        for rank, code in enumerate(codes)
    )
    review.causes_decided_by = actor
    review.causes_decided_at = now
    review.save(update_fields=["is_negative", "causes_decided_by", "causes_decided_at", "updated_at"])
    return [cause.code for cause in before]


def _note(review: Review, before: list[ReviewCause], codes: list[str], actor: User, now: datetime) -> None:
    """Keep beside what the person said what the model had said, which the stored causes forget now."""
    said = [[cause.code, cause.score] for cause in before if cause.source == CauseSource.MODEL]
    version = review.classifier_version
    if review.causes_decided_at is not None:
        earlier = CauseDecision.objects.filter(review=review).order_by("pk").last()
        said, version = (earlier.said_by_model, earlier.model_version) if earlier else ([], "")
    CauseDecision.objects.create(
        review=review,
        actor=actor,
        decided_at=now,
        model_version=version,
        said_by_model=said,
        decided=codes,
        replaced=[[cause.code, cause.score, cause.source, cause.spans] for cause in before],
    )
