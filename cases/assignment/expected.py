"""Whom the shifts of a shop expect to be at work."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import Exists, OuterRef

from cases.models import Pause, Shift
from cases.working_time import Hours
from reviews.models import Shop


def on_shift(shops: Collection[Shop], now: datetime) -> set[int]:
    """Ids of the users for whom a shift of one of `shops` runs at `now`. Two queries."""
    paused = Pause.objects.filter(shop=OuterRef("shop"), starts_at__lte=now, ends_at__gt=now)
    shifts = Shift.objects.filter(~Exists(paused), shop__in=shops)
    running = [shift.pk for shift in shifts if Hours((shift.pattern,)).runs_at(now)]
    expected = Shift.agents.through.objects.filter(shift__in=running)
    return set(expected.values_list("user", flat=True))
