"""Which stored complaints are looked at when a page asks what buyers say: the newest, and never too many."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from reviews.models import Review

DAYS = (30, 90, 365)
"""Periods that the page offers."""


def newest_complaints(shop_id: int | None, since: datetime) -> QuerySet[Review]:
    """Negative reviews of the shop, or of all, written from `since` on, newest first.

    Those of all shops come in the order in which they were stored: that is an index, the date over all shops is none.
    """
    reviews = Review.objects.filter(is_negative=True, reviewed_at__gte=since)
    if shop_id is None:
        return reviews.order_by("-pk")
    return reviews.filter(shop=shop_id).order_by("-reviewed_at", "-pk")
