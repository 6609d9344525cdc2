"""The lists of the desk: which cases a person sees, what comes first, how many there are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

from django.contrib.auth.models import User
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from cases.models import Case, CaseChange, State
from cases.models.case import IN_QUEUE, CaseQuerySet
from reviewdesk.access import Role, has_role
from reviews.causes import TopCause
from reviews.models import ReviewCause, shops_of
from reviews.text_search.query import saying


class View(models.TextChoices):
    """An agent's follow-ups and escalations are their own; a supervisor sees those of all their shops."""

    MINE = "mine", _("Mine")
    ALL = "all", _("All")
    UNASSIGNED = "unassigned", _("Unassigned")
    FOLLOW_UP = "follow_up", _("To follow up")
    ESCALATED = "escalated", _("Escalated")
    CLOSED = "closed", _("Closed")


OPEN_VIEWS = frozenset({View.MINE, View.ALL, View.UNASSIGNED})


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


Key = tuple[str, bool]
"""A field, and whether the greatest comes first."""
TIER_FIRST: tuple[Key, ...] = (("tier_rank", False), ("closes_at", False), ("pk", False))
"""Within its tier a case stands by what closes first; what never does comes last."""
LAST_CLOSED: tuple[Key, ...] = (("closed_at", True), ("pk", True))
ORDERS: dict[Sort, tuple[Key, ...]] = {
    Sort.DUE: TIER_FIRST,
    Sort.NEWEST: (("opened_at", True), ("pk", True)),
    Sort.RISK: (("risk_score", True), *TIER_FIRST),
}
COUNTED_AT_MOST = 1_000
"""Nobody works through more at once, and counting all would cost more than the page."""


def queue_of(user: User, filters: QueueFilters) -> QuerySet[Case]:
    """The cases `user` may see that fit `filters`, in order, with all that a list shows; the last closed first.

    Raises ValueError for an unknown view or sort.
    """
    cases = _visible(user).filter(_views(user)[View(filters.view)])
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
    related = cases.select_related("review__product", "review__shop", "shop", "owner")
    order = [F(name).desc() if falls else F(name) for name, falls in _keys(filters)]
    return related.prefetch_related("review__causes").order_by(*order)


def counts_of(user: User) -> dict[str, int]:
    """How many cases each view holds for `user`, without filters, one more than `COUNTED_AT_MOST` standing for many."""
    visible = _visible(user)
    counts = {view.value: _Count(_first(visible.filter(condition), view)) for view, condition in _views(user).items()}
    return cast("dict[str, int]", User.objects.values(**counts).get(pk=user.pk))


def count_of(queue: QuerySet[Case]) -> int:
    """How many cases `queue` holds, counted as far as `counts_of` does."""
    return queue.values("pk")[: COUNTED_AT_MOST + 1].count()


def news_since(user: User, line: int) -> tuple[int, bool]:
    """The last line of history of any case, at least `line`, and whether one after `line` is of a case `user` may see.

    Lines that are written for long may become visible after later ones: who asks has to look at the list itself now
    and then. Costs as much as was written since, so that nobody should ask for what lies hours back.
    """
    since = CaseChange.objects.filter(pk__gt=line)
    if has_role(user, Role.ADMIN):
        told = since.aggregate(last=models.Max("pk"), seen=models.Count("pk"))
    else:
        is_theirs = Q(case__shop__in=list(shops_of(user)))
        told = since.aggregate(last=models.Max("pk"), seen=models.Count("pk", filter=is_theirs))
    return told["last"] or line, told["seen"] > 0


def last_line() -> int:
    """The last line of history of any case; 0 before the first."""
    return CaseChange.objects.aggregate(last=models.Max("pk"))["last"] or 0


def next_case_for(
    user: User, filters: QueueFilters, current: Case | None = None, *, asking_at: datetime | None = None
) -> Case | None:
    """The case after `current` in its queue, and after the last the first; the first once `current` has left the queue.

    Where `user` has no other of their own it is one that nobody has. None where there is no other case. With
    `asking_at` only cases that ask for an act by then count: those whose buyer was promised a later contact rest.
    """
    queue = queue_of(user, filters)
    if asking_at is not None:
        queue = queue.filter(_asks_by(asking_at))
    if current and (here := queue.filter(pk=current.pk).first()):
        following = queue.filter(_behind(here, _keys(filters))).first()
        if following:
            return following
    first = queue.exclude(pk=current.pk).first() if current else queue.first()
    if first is None and filters.view == View.MINE:
        return next_case_for(user, replace(filters, view=View.UNASSIGNED), current, asking_at=asking_at)
    return first


def _asks_by(moment: datetime) -> Q:
    """Whether it is the shop's turn: nobody has turned to the buyer, or not since the complaint came back, a promised
    contact is due, or an answer came."""
    is_on_the_clock = Q(due_at__isnull=False, next_contact_at=None)
    return Q(first_contacted_at=None) | is_on_the_clock | Q(due_at__lte=moment) | Q(answered_at__isnull=False)


class _Count(Subquery):
    template = "(SELECT count(*) FROM (%(subquery)s) AS counted)"
    output_field = models.IntegerField()
    empty_result_set_value = 0


def _first(cases: QuerySet[Case], view: View) -> QuerySet[Case, Any]:
    """Open ones in the order of the list, so that its index is read: they lie behind all that were closed before."""
    order = IN_QUEUE if view in OPEN_VIEWS else ()
    return cases.order_by(*order).values("pk")[: COUNTED_AT_MOST + 1]


def _visible(user: User) -> CaseQuerySet:
    """As `visible_to`, with the shops named by their ids: a join to their members would hide the order of the index."""
    cases = Case.objects.get_queryset()
    if has_role(user, Role.ADMIN):
        return cases
    return cases.filter(shop__in=list(shops_of(user)))


def _keys(filters: QueueFilters) -> tuple[Key, ...]:
    by_closing = filters.view == View.CLOSED and filters.sort == Sort.DUE
    return LAST_CLOSED if by_closing else ORDERS[Sort(filters.sort)]


def _behind(case: Case, keys: tuple[Key, ...]) -> Q:
    """What comes after `case` in the order of `keys`; a missing value is the last."""
    behind = Q(pk__in=[])
    same = Q()
    for name, falls in keys:
        value = getattr(case, name)
        if value is None:
            same &= Q(**{f"{name}__isnull": True})
            continue
        further = Q(**{f"{name}__lt" if falls else f"{name}__gt": value})
        if name == "closes_at":
            further |= Q(closes_at__isnull=True)
        behind |= same & further
        same &= Q(**{name: value})
    return behind


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
