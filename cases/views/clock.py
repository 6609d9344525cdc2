"""Time left or overdue, in words that a glance takes in. `static/js/desk.js` keeps the same words ticking."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils.translation import gettext as _

NEAR = timedelta(minutes=15)
"""Less time than this is shown as running out."""


class Clock(NamedTuple):
    """A moment and how far off it is; `state` is late, near or ahead."""

    at: datetime
    text: str
    state: str


def clock(at: datetime, now: datetime) -> Clock:
    left = at - now
    if left <= timedelta(0):
        return Clock(at, _("%(time)s overdue") % {"time": span(-left)}, "late")
    return Clock(at, _("%(time)s left") % {"time": span(left)}, "near" if left < NEAR else "ahead")


def span(length: timedelta) -> str:
    """A length of time in its largest whole unit: minutes to 2 hours, hours to 2 days, then days."""
    minutes = int(length.total_seconds()) // 60
    if minutes < 120:
        return _("%(n)d min") % {"n": minutes}
    if minutes < 2 * 24 * 60:
        return _("%(n)d h") % {"n": minutes // 60}
    return _("%(n)d d") % {"n": minutes // (24 * 60)}


def clock_words() -> dict[str, str]:
    """The words above for the script, with `{}` where the figure or the time goes."""
    return {
        "late": _("%(time)s overdue") % {"time": "{}"},
        "left": _("%(time)s left") % {"time": "{}"},
        "min": _("%(n)d min").replace("%(n)d", "{}"),
        "h": _("%(n)d h").replace("%(n)d", "{}"),
        "d": _("%(n)d d").replace("%(n)d", "{}"),
    }
