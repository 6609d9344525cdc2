"""How fast a shop turns to a buyer: so many minutes of its working time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from cases.models import Pause, Shift, ShopPolicy
from cases.working_time import DEFAULT_HOURS, Hours, Pattern, Period
from reviews.models import Shop


class Pace(NamedTuple):
    """The hours a shop works and its minutes to a first contact."""

    hours: Hours
    minutes: int

    def due(self, start: datetime) -> datetime:
        """When a contact that became due at `start` is to be made."""
        return self.hours.deadline(start, timedelta(minutes=self.minutes))


def pace_of(shop: Shop) -> Pace:
    return paces_of({shop.pk: ShopPolicy.of(shop)})[shop.pk]


def paces_of(policies: Mapping[int, ShopPolicy]) -> dict[int, Pace]:
    """The pace of each shop (by its id) with the policy it works by."""
    hours = hours_of(policies.keys())
    return {shop_id: Pace(hours[shop_id], policy.first_contact_minutes) for shop_id, policy in policies.items()}


def hours_of(shop_ids: Collection[int]) -> dict[int, Hours]:
    """The hours each shop works, by its id; without shifts of its own the default ones, less its pauses."""
    patterns: dict[int, list[Pattern]] = defaultdict(list)
    pauses: dict[int, list[Period]] = defaultdict(list)
    for shift in Shift.objects.filter(shop__in=shop_ids):
        patterns[shift.shop_id].append(shift.pattern)
    for pause in Pause.objects.filter(shop__in=shop_ids):
        pauses[pause.shop_id].append(pause.period)
    return {
        shop_id: Hours(tuple(patterns[shop_id]) or DEFAULT_HOURS.patterns, tuple(pauses[shop_id]))
        for shop_id in shop_ids
    }
