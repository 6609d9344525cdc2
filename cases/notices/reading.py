"""What a person has been told: the list, what of it is unread, and reading it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db.models import QuerySet

from cases.models import Case, Notice, NoticeDelivery, State

KEPT = timedelta(days=30)
COUNTED_AT_MOST = 100


def notices_of(user: User) -> QuerySet[Notice]:
    """What `user` was told of cases they may still see, newest first, with all that the list shows."""
    cases = Case.objects.visible_to(user)
    shown = Notice.objects.filter(person=user, is_shown=True, case__in=cases.values("pk"))
    return shown.select_related("case__shop", "case__review__product").order_by("-created_at", "-pk")


def unread_count(user: User) -> int:
    """How many are unread, counted up to COUNTED_AT_MOST; as `Notice.is_unread` tells it of one."""
    unread = notices_of(user).filter(read_at=None).exclude(case__state=State.CLOSED)
    return unread.order_by()[:COUNTED_AT_MOST].count()


def mark_read(user: User, *, now: datetime, case: Case | None = None) -> int:
    """Mark the notices of one case, or all, as read; how many were not yet."""
    unread = Notice.objects.filter(person=user, read_at=None)
    if case is not None:
        unread = unread.filter(case=case)
    return unread.update(read_at=now)


def forget_old(*, now: datetime) -> None:
    """Delete notices and deliveries of more than KEPT ago; none of these can be told a second time."""
    for model in (Notice, NoticeDelivery):
        model.objects.filter(created_at__lt=now - KEPT).delete()
