"""Which window of the platform closes next for a case: kept in its row, since the queue is sorted by it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from cases.flow import set_fields
from cases.models import Case
from cases.standing import granted_to, orders_of, window_fields

MOVED_AT_ONCE = 500


def move_windows_on(*, now: datetime) -> int:
    """Give open cases that stand in the queue by a window that has closed the next one; how many it was."""
    passed = Case.objects.still_open().filter(closes_at__lte=now, window_at__lte=now)
    ids = list(passed.order_by("pk").values_list("pk", flat=True))
    return sum(_move_on(ids[start : start + MOVED_AT_ONCE], now) for start in range(0, len(ids), MOVED_AT_ONCE))


@transaction.atomic
def _move_on(ids: Collection[int], now: datetime) -> int:
    """A case that somebody changes at this moment is left to the next run."""
    passed = Case.objects.still_open().filter(pk__in=ids, window_at__lte=now).order_by("pk")
    cases = list(passed.select_related("review__shop").select_for_update(of=("self",), skip_locked=True))
    choose_windows(cases, now=now)
    return len(cases)


def choose_windows(cases: Collection[Case], *, now: datetime) -> None:
    """Find the next window of each of `cases` anew, and save it."""
    orders = orders_of([case.review for case in cases])
    for case in cases:
        order = orders.get((case.shop_id, case.review.order_number))
        set_fields(case, **window_fields(case, granted_to(case.review, order), now))
    Case.objects.bulk_update(cases, ["window_at", "window_by"])
