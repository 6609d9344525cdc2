"""What changed in a list since a page showed it, for a page that changes nothing under anybody's hands unasked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from cases.models import Case, State
from cases.queues import View
from reviewdesk.access import name_of, named_pk

SEEN, SHOWN = "Desk-Seen", "Desk-Shown"
"""Headers of a page at hand: up to which line of history its list is, and the ids of its rows in their order."""
ROWS_AT_MOST = 100


class Left(NamedTuple):
    """A case that stands in the list no more, and what became of it."""

    pk: int
    words: str


@dataclass(frozen=True, slots=True)
class ListNews:
    fresh: int
    """Cases that are not shown yet."""
    left: list[Left]
    answered: list[Case]
    """Cases that came forward, or into the list, because the supervisor answered."""
    is_moved: bool
    """Whether those that stay stand in another order."""

    @property
    def is_any(self) -> bool:
        return bool(self.fresh or self.left or self.is_moved)


def shown_rows(header: str) -> list[int]:
    """The ids that a page names, in their order; what is no id is left out."""
    named = (named_pk(part) for part in header.split(",")[:ROWS_AT_MOST])
    return [pk for pk in named if pk is not None]


def news_of(listed: Sequence[Case], shown: Sequence[int], user: User, view: str) -> ListNews:
    """How `listed` differs from the rows `shown`. One query where cases left, none else."""
    now = [case.pk for case in listed]
    known, still = set(shown), set(now)
    gone = [pk for pk in shown if pk not in still]
    return ListNews(
        fresh=len(still - known),
        left=_left(gone, user, view),
        answered=[case for case in listed if case.answered_at and _came_forward(case.pk, now, shown)],
        is_moved=[pk for pk in now if pk in known] != [pk for pk in shown if pk in still],
    )


def _came_forward(pk: int, now: Sequence[int], shown: Sequence[int]) -> bool:
    if pk not in shown:
        return True
    return bool(set(shown[: shown.index(pk)]) & set(now[now.index(pk) + 1 :]))


def _left(gone: Sequence[int], user: User, view: str) -> list[Left]:
    if not gone:
        return []
    cases = Case.objects.visible_to(user).select_related("owner").in_bulk(gone)
    return [Left(pk, _became(cases.get(pk), user, view)) for pk in gone]


def _became(case: Case | None, user: User, view: str) -> str:
    if case is None:
        return _("No longer there")
    if case.state == State.CLOSED and view != View.CLOSED:
        return _("Closed: %(outcome)s") % {"outcome": case.get_outcome_display()}
    if case.state == State.ESCALATED and view == View.MINE:
        return _("Waiting for the supervisor")
    if case.owner and case.owner != user and view not in {View.ALL, View.CLOSED}:
        return _("Now with %(owner)s") % {"owner": name_of(case.owner)}
    if case.owner is None and view == View.MINE:
        return _("Nobody's any more")
    return _("No longer in this place of the list")
