"""What an import tells of orders reaches the open cases of those orders: they are ranked anew."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction

from cases.models import Case, CaseChange
from cases.notices.telling import tell_urgent
from cases.standing import RANKED, rank, standings

UPDATED_AT_ONCE = 500


@transaction.atomic
def follow_orders(sender: object = None, *, shop_id: int, numbers: Collection[str], now: datetime, **_: Any) -> None:
    """Rank the open cases of the orders `numbers` of a shop anew; a tier that a person chose stays.

    Receives reviews.signals.orders_stored.
    """
    concerned = Case.objects.still_open().filter(
        review__shop=shop_id, review__order_number__in=numbers, review__is_negative=True
    )
    told = concerned.select_related("review__shop", "review__product").prefetch_related("review__causes")
    cases = list(told.order_by("pk").select_for_update(of=("self",)))
    if not cases:
        return
    stands = standings([case.review for case in cases])
    moved, lines = [], []
    for case in cases:
        before = [getattr(case, name) for name in RANKED]
        changes = rank(case, stands[case.review_id], now=now)
        if before != [getattr(case, name) for name in RANKED]:
            moved.append(case)
        if changes:
            lines.append(CaseChange(case=case, at=now, kind=CaseChange.Kind.ORDER, changes=changes))
    Case.objects.bulk_update(moved, RANKED, batch_size=UPDATED_AT_ONCE)
    CaseChange.objects.bulk_create(lines)
    tell_urgent(moved, now=now)
