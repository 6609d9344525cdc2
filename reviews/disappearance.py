"""A review that an import which covers its date lacked may be gone from the platform: a person looks, and says so."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from reviewdesk.access import Role, has_role
from reviews.models import Review
from reviews.signals import review_gone, reviews_back


@transaction.atomic
def confirm_gone(*, review: Review, actor: User, now: datetime) -> None:
    """Note that the platform no longer shows `review`; who said so first stays.

    Raises ValidationError unless it is marked as not seen, and PermissionDenied where `actor` may not say so.
    """
    _hold(review, actor)
    if review.not_seen_at is None:
        raise ValidationError(_("No import misses this review any more."))
    if review.gone_at is not None:
        return
    review.gone_at, review.gone_by = now, actor
    review.save(update_fields=["gone_at", "gone_by", "updated_at"])
    review_gone.send(sender=Review, review=review, actor=actor, now=now)


@transaction.atomic
def not_gone(*, review: Review, actor: User, now: datetime) -> None:
    """Take back that `review` is gone: it is merely not seen again. Raises as `confirm_gone` does."""
    _hold(review, actor)
    if review.gone_at is None:
        raise ValidationError(_("Nobody has confirmed that this review is gone."))
    _take_back(review, actor, now)


@transaction.atomic
def still_there(*, review: Review, actor: User, now: datetime) -> None:
    """Take the mark off `review`, and what was confirmed: the platform shows it. Raises as `confirm_gone` does."""
    _hold(review, actor)
    if review.gone_at is not None:
        _take_back(review, actor, now)
    review.not_seen_at = review.not_seen_in = None
    review.save(update_fields=["not_seen_at", "not_seen_in", "updated_at"])


def _hold(review: Review, actor: User) -> None:
    """Bring `review` up to date and hold its row. Raises PermissionDenied where `actor` has nothing to say of it."""
    if not (has_role(actor, Role.AGENT) and Review.objects.visible_to(actor).filter(pk=review.pk).exists()):
        raise PermissionDenied
    review.refresh_from_db(from_queryset=Review.objects.select_for_update())


def _take_back(review: Review, actor: User, now: datetime) -> None:
    confirmed_at, review.gone_at, review.gone_by = review.gone_at, None, None
    review.save(update_fields=["gone_at", "gone_by", "updated_at"])
    reviews_back.send(sender=Review, confirmed_at={review.pk: confirmed_at}, actor=actor, now=now)
