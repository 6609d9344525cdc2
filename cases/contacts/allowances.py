"""How often, and at which hours, a shop may turn to a buyer of its own accord. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from typing import NamedTuple

DAY, WEEK = timedelta(days=1), timedelta(days=7)


class Use(NamedTuple):
    """How much of a limit is used: `made` contacts `within` that time, of `at_most`."""

    at_most: int
    within: timedelta
    made: int

    @property
    def days(self) -> int:
        return self.within.days


class Allowance(NamedTuple):
    """`free_at` is when the limits allow the next contact, None where they allow it now."""

    uses: list[Use]
    free_at: datetime | None


def allowance(limits: Iterable[tuple[int, timedelta]], made: Sequence[datetime], now: datetime) -> Allowance:
    """What `made`, the moments of contacts in any order, leaves of `limits` (how many, one or more, within what time).

    A time runs back from `now`, so that a contact at 23:50 is still counted ten minutes later.
    """
    uses, free = [], []
    for at_most, within in limits:
        counted = sorted(moment for moment in made if moment > now - within)
        uses.append(Use(at_most, within, len(counted)))
        if len(counted) >= at_most:
            free.append(counted[-at_most] + within)
    return Allowance(uses, max(free, default=None))


def quiet_until(moment: datetime, *, starts: time, ends: time) -> datetime | None:
    """When the quiet hours that `moment` lies in are over; None outside them, and where they start as they end.

    `moment` has the time zone of the shop; the hours may go over midnight.
    """
    clock = moment.time()
    is_quiet = starts <= clock < ends if starts <= ends else clock >= starts or clock < ends
    if not is_quiet:
        return None
    day = moment.date() + timedelta(days=clock >= ends)
    return datetime.combine(day, ends, tzinfo=moment.tzinfo)
