"""The clocks of a case in words: what runs by which rule, what was met in time, why the case stands where it does."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.deadlines import Window, WindowKey, windows
from cases.models import Case, Outcome
from cases.priority import explain
from cases.standing import granted_to
from cases.views.clock import Clock, clock, span
from reviews.models import Order

CLOSING = {
    "": gettext_lazy("the contact with the buyer"),
    WindowKey.EDIT.value: gettext_lazy("the buyer's chance to change the review"),
    WindowKey.EXPLANATION.value: gettext_lazy("the time for a public reply"),
    WindowKey.VIRTUAL_PHONE.value: gettext_lazy("the virtual phone number"),
}
"""What comes first for a case, by its `window_by`."""


class Due(NamedTuple):
    """A clock of the case or a window of the platform; `clock` None where it was met, has closed or was never open."""

    label: str
    clock: Clock | None
    rule: str
    """Where the time comes from."""
    met: str = ""
    """When it was met, and how long before or after its time."""
    closed_at: datetime | None = None
    note: str = ""


def dues_of(case: Case, order: Order | None, *, minutes: int, now: datetime) -> list[Due]:
    """Every clock of the case: first contact, next contact, then what the platform grants.

    `minutes` are those of the shop to a first contact.
    """
    rule = _("%(minutes)d minutes of working time, by the rules of the shop.") % {"minutes": minutes}
    contacts = [_first_contact(case, rule, now), _next_contact(case, rule, now)]
    granted = windows(granted_to(case.review, order), now=now)
    return [due for due in contacts if due] + [_window(case, window, now) for window in granted]


def next_of(dues: list[Due]) -> Due | None:
    """The running clock that closes first."""
    running = [(due.clock.at, place) for place, due in enumerate(dues) if due.clock]
    return dues[min(running)[1]] if running else None


def place_in_words(case: Case, now: datetime) -> str:
    """Why the case stands where it stands in the queue, in one line."""
    reasons = _("chosen by a person") if case.is_tier_chosen else " ".join(explain(case.tier_reasons)).rstrip(".。")
    tier = str(case.get_tier_display())
    told = [_("%(tier)s: %(reasons)s") % {"tier": tier, "reasons": reasons} if reasons else tier]
    if case.is_open and case.answered_at:
        told.append(_("On top, since the supervisor has answered"))
    if case.is_open and case.closes_at is None:
        told.append(_("Behind those with a clock: none runs for it"))
    elif case.is_open:
        what = CLOSING.get("" if case.is_due_first else case.window_by, CLOSING[""])
        left = clock(case.closes_at, now).text
        told.append(_("First of its clocks: %(what)s, %(left)s") % {"what": what, "left": left})
    return " · ".join(told)


def _first_contact(case: Case, rule: str, now: datetime) -> Due | None:
    due_at, contacted_at = case.first_contact_due_at, case.first_contacted_at
    if due_at is None:
        return None
    label = _("First contact")
    if contacted_at:
        return Due(label, None, rule, met=_met(contacted_at, due_at))
    if not case.is_open:
        return Due(label, None, rule, note=_("Not made; closing the case stopped the clock."))
    # A case that was reopened before anybody turned to the buyer runs by its new deadline.
    return Due(label, clock(case.due_at or due_at, now), rule)


def _next_contact(case: Case, rule: str, now: datetime) -> Due | None:
    if case.due_at is None or (case.first_contacted_at is None and case.next_contact_at is None):
        return None
    promised = _("As promised to the buyer.")
    return Due(_("Next contact"), clock(case.due_at, now), promised if case.next_contact_at else rule)


def _window(case: Case, window: Window, now: datetime) -> Due:
    """A window, or how its clock was stopped: by the explanation, or by the change of the review."""
    met_at = None
    if window.key == WindowKey.EXPLANATION:
        met_at = case.explained_at
    elif window.key == WindowKey.EDIT and Outcome.REVISED in (case.outcome, case.proven):
        met_at = case.proven_at or case.closed_at
    if met_at and window.closes_at:
        return Due(window.label, None, window.rule, met=_met(met_at, window.closes_at))
    if window.key == WindowKey.EXPLANATION and case.review.reply:
        return Due(window.label, None, window.rule, met=_("met: the platform shows a reply"))
    if window.is_open and window.closes_at:
        return Due(window.label, clock(window.closes_at, now), window.rule, note=window.note)
    return Due(window.label, None, window.rule, closed_at=window.closes_at, note=window.note)


def _met(at: datetime, closes_at: datetime) -> str:
    if at > closes_at:
        return _("met %(time)s late") % {"time": span(at - closes_at)}
    if closes_at - at < timedelta(minutes=1):
        return _("met just in time")
    return _("met %(time)s before time") % {"time": span(closes_at - at)}
