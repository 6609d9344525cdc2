"""Clocks: until when the first contact is due, and what the platform still allows. Pure: `now` is an argument."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


class Limits(NamedTuple):
    """What a platform grants, in days."""

    edit: int | None = None
    """After the review, to change it once; 0 where that is never possible, None where the rule is not known."""
    explanation: int = 30
    """After the review, for the shop's public answer; a follow-up ends it earlier."""
    follow_up: int = 180
    """After the review, for what the buyer adds."""
    virtual_phone: int = 15
    """After the order's completion, for the platform's virtual number."""


ELSEWHERE = Limits()
PLATFORMS = {"taobao": Limits(edit=30), "tmall": Limits(edit=0)}
NEVER_EDITED = frozenset(platform for platform, limits in PLATFORMS.items() if limits.edit == 0)


class WindowKey(TextChoices):
    EDIT = "edit", gettext_lazy("Review can be changed")
    EXPLANATION = "explanation", gettext_lazy("Explanation can be written")
    FOLLOW_UP = "follow_up", gettext_lazy("Buyer can follow up")
    VIRTUAL_PHONE = "virtual_phone", gettext_lazy("Virtual number valid")


@dataclass(frozen=True, slots=True)
class Window:
    """A span of time the platform grants by a `rule`. `closes_at` None: no such time is known, `note` says why."""

    key: str
    label: str
    closes_at: datetime | None
    is_open: bool
    note: str = ""
    rule: str = ""


class OrderTimes(NamedTuple):
    """When an order was placed, and when it was complete; None when not known."""

    ordered_at: datetime | None = None
    completed_at: datetime | None = None


NOT_ORDERED = OrderTimes()


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """What the windows of a review depend on. `append_at` is when the follow-up was written; None when not known."""

    platform: str
    reviewed_at: datetime
    append_at: datetime | None = None
    is_answered: bool = False
    """Whether the platform shows an explanation of the shop."""
    order: OrderTimes = NOT_ORDERED

    @property
    def limits(self) -> Limits:
        return PLATFORMS.get(self.platform, ELSEWHERE)


class NextWindow(NamedTuple):
    """The window that closes next, and when; None and "" where none is open."""

    at: datetime | None
    key: str


def next_window(granted: Granted, *, is_explained: bool, now: datetime) -> NextWindow:
    """Of the windows in which the shop can still do something, the one that closes first.

    That the buyer can still follow up asks nothing of the shop; an explanation once written needs no time any more.
    """
    ends = {
        WindowKey.EDIT: _edit_end(granted),
        WindowKey.EXPLANATION: None if is_explained else _explanation_end(granted),
        WindowKey.VIRTUAL_PHONE: _virtual_phone_end(granted),
    }
    open_ends = [(end, key.value) for key, end in ends.items() if end is not None and end > now]
    return NextWindow(*min(open_ends)) if open_ends else NextWindow(None, "")


def windows(granted: Granted, *, now: datetime) -> list[Window]:
    """What the platform allows for a review at `now`: changing it, explaining, following up, phoning."""
    limits = granted.limits
    explained_until = _explanation_end(granted)
    is_followed_up = granted.append_at is not None
    return [
        _window(WindowKey.EDIT, _edit_end(granted), now, _edit_note(limits), _after_review(limits.edit)),
        _window(
            WindowKey.EXPLANATION,
            explained_until,
            now,
            _("The follow-up closed it.") if explained_until == granted.append_at else "",
            _("%(days)d days after the review, or until a follow-up.") % {"days": limits.explanation},
        ),
        _window(
            WindowKey.FOLLOW_UP,
            granted.reviewed_at + timedelta(days=limits.follow_up),
            now,
            _("A follow-up is there.") if is_followed_up else "",
            _after_review(limits.follow_up),
        ),
        _window(
            WindowKey.VIRTUAL_PHONE,
            _virtual_phone_end(granted),
            now,
            _virtual_phone_note(granted, now),
            _("%(days)d days after the order was complete.") % {"days": limits.virtual_phone},
        ),
    ]


def _after_review(days: int | None) -> str:
    return _("%(days)d days after the review.") % {"days": days} if days else ""


def _window(key: WindowKey, closes_at: datetime | None, now: datetime, note: str, rule: str) -> Window:
    return Window(key.value, str(key.label), closes_at, closes_at is not None and now < closes_at, note, rule)


def _edit_end(granted: Granted) -> datetime | None:
    days = granted.limits.edit
    return granted.reviewed_at + timedelta(days=days) if days else None


def _edit_note(limits: Limits) -> str:
    if limits.edit is None:
        return _("Look up this platform's own rule.")
    return _("The buyer can change it once.") if limits.edit else _("This platform never lets a review be changed.")


def _explanation_end(granted: Granted) -> datetime:
    closes_at = granted.reviewed_at + timedelta(days=granted.limits.explanation)
    return closes_at if granted.append_at is None else min(granted.append_at, closes_at)


def _virtual_phone_end(granted: Granted) -> datetime:
    """Without a file of orders nobody tells when an order was complete: by the time of the review, or earlier."""
    return (granted.order.completed_at or granted.reviewed_at) + timedelta(days=granted.limits.virtual_phone)


def _virtual_phone_note(granted: Granted, now: datetime) -> str:
    if granted.order.completed_at is not None:
        return ""
    order_at, runs = granted.order.ordered_at, timedelta(days=granted.limits.virtual_phone)
    if order_at is not None and order_at + runs <= now < granted.reviewed_at + runs:
        return _("May have ended: counted from the review, but the order may have been complete earlier.")
    return _("Counted from the review, since the day the order was complete is not known: it may end earlier.")
