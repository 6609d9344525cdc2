"""Personal data ends when the work it was for is over."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce

from cases.models import BuyerNote, Case, State
from reviews.models import Order

AT_ONCE = 5_000


def forget_phones(*, now: datetime) -> int:
    """Take the seals off the orders that need no number any more, and leave the masks; how many went.

    That is PHONE_KEPT_DAYS after the order was complete (else placed, else imported) and its cases were closed.
    """
    cutoff = now - timedelta(days=settings.PHONE_KEPT_DAYS)
    of_order = Case.objects.filter(review__shop=OuterRef("shop"), review__order_number=OuterRef("number"))
    needed = of_order.filter(~Q(state=State.CLOSED) | Q(closed_at__gt=cutoff))
    over_at = Coalesce("completed_at", "ordered_at", "batch__uploaded_at")
    sealed = Order.objects.exclude(phone_sealed="").alias(over_at=over_at)
    over = sealed.filter(Q(over_at__lte=cutoff) | Q(over_at=None), ~Exists(needed)).order_by("pk")
    forgotten = last = 0
    while pks := list(over.filter(pk__gt=last).values_list("pk", flat=True)[:AT_ONCE]):
        forgotten += Order.objects.filter(pk__in=pks).update(phone_sealed="")
        last = pks[-1]
    return forgotten


def forget_notes(*, now: datetime) -> int:
    """Delete notes about buyers BUYER_NOTE_KEPT_DAYS after their case was closed; how many."""
    cutoff = now - timedelta(days=settings.BUYER_NOTE_KEPT_DAYS)
    return BuyerNote.objects.filter(at__lte=cutoff, case__closed_at__lte=cutoff).forget()
