"""The lists of the desk: which cases a person sees, what comes first, how many there are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from django.contrib.auth.models import User
from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from cases.models import Case, State
from reviewdesk.access import Role, has_role
from reviews.causes import TopCause
from reviews.models import ReviewCause
from reviews.text_search.query import saying


class View(models.TextChoices):
    """An agent's follow-ups and escalations are their own; a supervisor sees those of all their shops."""

    MINE = "mine", _("Mine")
    ALL = "all", _("All")
    UNASSIGNED = "unassigned", _("Unassigned")
    FOLLOW_UP = "follow_up", _("To follow up")
    ESCALATED = "escalated", _("Escalated")
    CLOSED = "closed", _("Closed")


class Sort(models.TextChoices):
    DUE = "due", _("By tier, due first")
    NEWEST = "newest", _("Newest first")
    RISK = "risk", _("Highest risk first")


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueFilters:
    """What the address of the desk says; empty values filter nothing. `cause` is a code of either level."""

    view: str = View.MINE
    tier: str = ""
    cause: str = ""
    q: str = ""
    """Looked for in review, follow-up, buyer, order number and product title."""
    shop: int | None = None
    """Its id."""
    batch: int | None = None
    """Id of the import that brought the reviews."""
    sort: str = Sort.DUE


class Position(NamedTuple):
    """Where a case stands in a queue, counted from 1, and the ids of its neighbours."""

    number: int
    total: int
    previous: int | None
    next: int | None


TIER_FIRST = (F("tier_rank"), F("closes_at").asc(nulls_last=True), F("pk"))
"""Within its tier a case stands by what closes first."""
ORDERS = {
    Sort.DUE: TIER_FIRST,
    Sort.NEWEST: (F("opened_at").desc(), F("pk").desc()),
    Sort.RISK: (F("risk_score").desc(), *TIER_FIRST),
}


def queue_of(user: User, filters: QueueFilters) -> QuerySet[Case]:
    """The cases `user` may see that fit `filters`, in order, with all that a list shows; the last closed first.

    Raises ValueError for an unknown view or sort.
    """
    cases = Case.objects.visible_to(user).filter(_views(user)[View(filters.view)])
    if filters.tier:
        cases = cases.filter(tier=filters.tier)
    if filters.shop is not None:
        cases = cases.filter(shop=filters.shop)
    if filters.batch is not None:
        cases = cases.filter(review__batch=filters.batch)
    if filters.cause:
        cases = cases.filter(Exists(_carrying(filters.cause)))
    if filters.q.strip():
        cases = cases.filter(saying(filters.q, "review"))
    order = ORDERS[Sort(filters.sort)]
    if filters.view == View.CLOSED and filters.sort == Sort.DUE:
        order = (F("closed_at").desc(), F("pk").desc())
    related = cases.select_related("review__product", "review__shop", "shop", "owner")
    return related.prefetch_related("review__causes").order_by(*order)


def counts_of(user: User) -> dict[str, int]:
    """How many cases each view holds for `user`, without filters."""
    views = _views(user)
    return Case.objects.visible_to(user).aggregate(
        **{view.value: Count("pk", filter=condition) for view, condition in views.items()}
    )


def next_case_for(user: User, filters: QueueFilters, current: Case | None = None) -> Case | None:
    """The case after `current` in its queue, and after the last the first; the first once `current` has left the queue.

    Where `user` has no other of their own it is one that nobody has. None where there is no other case.
    """
    queue = queue_of(user, filters)
    place = position(queue, current) if current else None
    if place and place.next:
        return queue.get(pk=place.next)
    first = queue.exclude(pk=current.pk).first() if current else queue.first()
    if first is None and filters.view == View.MINE:
        return next_case_for(user, replace(filters, view=View.UNASSIGNED), current)
    return first


def position(queue: QuerySet[Case], case: Case) -> Position | None:
    """Where `case` stands in `queue`, None where it is not in it."""
    ids = list(queue.values_list("pk", flat=True))
    if case.pk not in ids:
        return None
    index = ids.index(case.pk)
    before = ids[index - 1] if index else None
    after = ids[index + 1] if index + 1 < len(ids) else None
    return Position(index + 1, len(ids), before, after)


def _views(user: User) -> dict[View, Q]:
    """Escalated cases wait for the supervisor, so they are not among what their owner has to do."""
    is_open = ~Q(state=State.CLOSED)
    own = Q() if has_role(user, Role.SUPERVISOR) else Q(owner=user)
    return {
        View.MINE: is_open & ~Q(state=State.ESCALATED) & Q(owner=user),
        View.ALL: is_open,
        View.UNASSIGNED: is_open & Q(owner=None),
        View.FOLLOW_UP: own & Q(state=State.FOLLOW_UP),
        View.ESCALATED: own & Q(state=State.ESCALATED),
        View.CLOSED: Q(state=State.CLOSED),
    }


def _carrying(cause: str) -> QuerySet[ReviewCause]:
    causes = ReviewCause.objects.filter(review=OuterRef("review"))
    if cause in TopCause.values and cause != TopCause.OTHER:
        return causes.filter(code__startswith=f"{cause}.")
    return causes.filter(code=cause)
