"""Clocks: until when the first contact is due, and what the platform still allows. Pure: `now` is an argument."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

SHANGHAI = ZoneInfo("Asia/Shanghai")

EDIT_DAYS = {"taobao": 30}
"""Days after the review in which the buyer may change it, once."""
NEVER_EDITED = frozenset({"tmall"})
EXPLANATION_DAYS = 30
FOLLOW_UP_DAYS = 180
VIRTUAL_PHONE_DAYS = 15
"""Days after the order's completion for which the platform's virtual number still connects."""


class WindowKey(TextChoices):
    EDIT = "edit", gettext_lazy("Review can be changed")
    EXPLANATION = "explanation", gettext_lazy("Explanation can be written")
    FOLLOW_UP = "follow_up", gettext_lazy("Buyer can follow up")
    VIRTUAL_PHONE = "virtual_phone", gettext_lazy("Virtual number valid")


@dataclass(frozen=True, slots=True)
class Window:
    """A span of time the platform grants. `closes_at` None: no such time is known, `note` says why."""

    key: str
    label: str
    closes_at: datetime | None
    is_open: bool
    note: str = ""


def working_deadline(start: datetime, *, minutes: int, day_starts: time, day_ends: time) -> datetime:
    """The moment at which `minutes` of working time have passed since `start`, in Shanghai time.

    A working day runs from `day_starts` to `day_ends`, every day of the week. Raises ValueError when it would not
    end after it starts, or when `start` is naive.
    """
    if day_ends <= day_starts:
        raise ValueError("The working day must end after it starts.")
    if start.tzinfo is None:
        raise ValueError("The start must say its time zone.")
    moment = start.astimezone(SHANGHAI)
    opens = datetime.combine(moment, day_starts, SHANGHAI)
    closes = datetime.combine(moment, day_ends, SHANGHAI)
    left = timedelta(minutes=minutes)
    begins = max(moment, opens)
    if begins + left <= closes:
        return begins + left
    left -= max(closes - begins, timedelta(0))
    full_days, rest = divmod(left, closes - opens)
    if full_days and not rest:
        full_days, rest = full_days - 1, closes - opens
    return opens + timedelta(days=1 + full_days) + rest


class OrderTimes(NamedTuple):
    """When an order was placed, and when it was complete; None when not known."""

    ordered_at: datetime | None = None
    completed_at: datetime | None = None


def windows(
    *, platform: str, reviewed_at: datetime, append_at: datetime | None, order: OrderTimes, now: datetime
) -> list[Window]:
    """What the platform allows for a review at `now`: changing it, explaining, following up, phoning.

    `append_at` is when the follow-up was written; None when not known.
    """
    follow_up_until = reviewed_at + timedelta(days=FOLLOW_UP_DAYS)
    return [
        _edit_window(platform, reviewed_at, now),
        _explanation_window(reviewed_at, append_at, now),
        _window(WindowKey.FOLLOW_UP, follow_up_until, now, _("A follow-up is there.") if append_at else ""),
        _virtual_phone_window(reviewed_at, order, now),
    ]


def _window(key: WindowKey, closes_at: datetime | None, now: datetime, note: str = "") -> Window:
    return Window(key.value, str(key.label), closes_at, closes_at is not None and now < closes_at, note)


def _edit_window(platform: str, reviewed_at: datetime, now: datetime) -> Window:
    if platform in NEVER_EDITED:
        return _window(WindowKey.EDIT, None, now, _("This platform never lets a review be changed."))
    if platform not in EDIT_DAYS:
        return _window(WindowKey.EDIT, None, now, _("Look up this platform's own rule."))
    closes_at = reviewed_at + timedelta(days=EDIT_DAYS[platform])
    return _window(WindowKey.EDIT, closes_at, now, _("The buyer can change it once."))


def _explanation_window(reviewed_at: datetime, append_at: datetime | None, now: datetime) -> Window:
    closes_at = reviewed_at + timedelta(days=EXPLANATION_DAYS)
    if append_at is not None and append_at < closes_at:
        return _window(WindowKey.EXPLANATION, append_at, now, _("The follow-up closed it."))
    return _window(WindowKey.EXPLANATION, closes_at, now)


def _virtual_phone_window(reviewed_at: datetime, order: OrderTimes, now: datetime) -> Window:
    """Without a file of orders nobody tells when an order was complete: between order and review, or earlier."""
    runs = timedelta(days=VIRTUAL_PHONE_DAYS)
    if order.completed_at is not None:
        return _window(WindowKey.VIRTUAL_PHONE, order.completed_at + runs, now)
    order_at = order.ordered_at
    note = _("At the latest: counted from the review, the order was complete by then.")
    if order_at is not None and order_at + runs <= now < reviewed_at + runs:
        note = _("May have ended: counted from the review, but the order may have been complete earlier.")
    return _window(WindowKey.VIRTUAL_PHONE, reviewed_at + runs, now, note)
