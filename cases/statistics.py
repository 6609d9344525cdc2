"""How the shop deals with its negative reviews, counted in SQL. docs/statistics.md says what every figure means."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.db.models import (
    Aggregate,
    Count,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    TextChoices,
)
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.models import Case, ContactEntry, Outcome, State
from reviewdesk.access import name_of
from reviews.period import Period, end_of, start_of
from reviews.scope import Number, Scope

SAVED = (Outcome.REVISED, Outcome.DELETED, Outcome.PRAISED)
"""Outcomes after which later shoppers no longer see the complaint as the buyer's last word."""
SOON = timedelta(hours=1)
WON_DAYS = 30
"""Days up to today over which is counted what was won back."""


class CaseKind(TextChoices):
    """The lists of cases that the team page shows, and the figures that count them."""

    ATTENTION = "attention", _("Unassigned or overdue")
    UNASSIGNED = "unassigned", _("Unassigned")
    OVERDUE = "overdue", _("Overdue")
    ESCALATED = "escalated", _("Waiting for the supervisor's answer")
    DUE_SOON = "due_soon", _("Due within the hour")
    OPEN = "open", _("Open")
    CONTACTED_TODAY = "contacted_today", _("Contacted today")
    SETTLED_TODAY = "settled_today", _("Settled today")
    WON_TODAY = "won_today", _("Won back today")
    WON = "won", _("Won back in 30 days")
    CONTACTED = "contacted", _("Contacted")
    CLOSED = "closed", _("Closed")
    SAVED = "saved", _("Saved, as stated")
    PROVEN = "proven", _("Saved, as proven")


@dataclass(frozen=True, kw_only=True)
class CaseFilter:
    """What is wanted of a list of cases. `first` and `last` are days the reviews were written on, both included."""

    kind: str = CaseKind.ATTENTION.value
    agent: int | None = None
    """The owner; for `CONTACTED_TODAY` who made the contact, for what was won back whom it is credited to."""
    shop: int | None = None
    product: int | None = None
    first: date | None = None
    last: date | None = None

    @property
    def address(self) -> str:
        """Where the team page shows the list."""
        values = {
            "show": self.kind,
            "agent": self.agent,
            "shop": self.shop,
            "product": self.product,
            "from": self.first,
            "to": self.last,
        }
        told = {name: str(value) for name, value in values.items() if value is not None}
        return f"{reverse('cases:team')}?{urlencode(told)}#cases"


def condition_of(kind: str, now: datetime) -> Q:
    """Which cases belong to a list at `now`."""
    is_open = ~Q(state=State.CLOSED)
    is_overdue = is_open & Q(due_at__lt=now)
    is_unassigned = is_open & Q(owner__isnull=True)
    today = timezone.localdate(now)
    conditions = {
        CaseKind.ATTENTION: is_unassigned | is_overdue,
        CaseKind.UNASSIGNED: is_unassigned,
        CaseKind.OVERDUE: is_overdue,
        CaseKind.ESCALATED: Q(state=State.ESCALATED),
        CaseKind.DUE_SOON: is_open & Q(due_at__gte=now, due_at__lt=now + SOON),
        CaseKind.OPEN: is_open,
        CaseKind.CONTACTED_TODAY: Q(Exists(contacts_on(today).filter(case=OuterRef("pk")))),
        CaseKind.SETTLED_TODAY: Q(state=State.CLOSED, closed_at__gte=start_of(today), closed_at__lt=end_of(today)),
        CaseKind.WON_TODAY: _won_since(today),
        CaseKind.WON: _won_since(today - timedelta(days=WON_DAYS - 1)),
        CaseKind.CONTACTED: Q(first_contacted_at__isnull=False),
        CaseKind.CLOSED: Q(state=State.CLOSED) & ~Q(outcome=Outcome.MISTAKEN),
        CaseKind.SAVED: Q(state=State.CLOSED, outcome__in=SAVED),
        CaseKind.PROVEN: Q(state=State.CLOSED) & ~Q(outcome=Outcome.MISTAKEN) & ~Q(proven=""),
    }
    return conditions[CaseKind(kind)]


def _won_since(day: date) -> Q:
    """Changes of reviews that imports have proven since then, and that are somebody's work."""
    return Q(credited_to__isnull=False, proven_at__gte=start_of(day)) & ~Q(outcome=Outcome.MISTAKEN)


def contacts_on(day: date) -> QuerySet[ContactEntry]:
    return ContactEntry.objects.filter(at__gte=start_of(day), at__lt=end_of(day))


def listed_cases(cases: QuerySet[Case], wanted: CaseFilter, now: datetime) -> QuerySet[Case]:
    """Those of `cases` that `wanted` describes, what is due first on top."""
    condition = condition_of(wanted.kind, now)
    if wanted.agent is not None and wanted.kind == CaseKind.CONTACTED_TODAY:
        made = contacts_on(timezone.localdate(now)).filter(case=OuterRef("pk"), actor=wanted.agent)
        condition = Q(Exists(made))
    elif wanted.agent is not None:
        is_won = wanted.kind in (CaseKind.WON_TODAY, CaseKind.WON)
        condition &= Q(credited_to=wanted.agent) if is_won else Q(owner=wanted.agent)
    if wanted.shop is not None:
        condition &= Q(shop=wanted.shop)
    if wanted.product is not None:
        condition &= Q(review__product=wanted.product)
    if wanted.first:
        condition &= Q(review__reviewed_at__gte=start_of(wanted.first))
    if wanted.last:
        condition &= Q(review__reviewed_at__lt=end_of(wanted.last))
    return cases.filter(condition).order_by(F("due_at").asc(nulls_last=True), "pk")


class Median(Aggregate):
    """The middle value; between two, their mean."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"


@dataclass(frozen=True)
class CaseTotals:
    """What became of the cases of the reviews written in a period."""

    median_minutes: float | None
    """From the opening of a case to the first contact, over the contacted ones; by the wall clock, nights included."""
    contacted: Number
    closed: Number
    saved: Number
    """What was stated when they were closed."""
    proven: Number
    """What imports show, whatever was stated."""

    @property
    def saved_percent(self) -> float | None:
        return 100 * self.saved.value / self.closed.value if self.closed.value else None

    @property
    def proven_percent(self) -> float | None:
        return 100 * self.proven.value / self.closed.value if self.closed.value else None

    @property
    def median_hours(self) -> float | None:
        return None if self.median_minutes is None else self.median_minutes / 60


class OwnerLoad(NamedTuple):
    name: str
    open: Number


class OpenCases(NamedTuple):
    """Cases open now, whenever their reviews were written."""

    total: Number
    unassigned: Number
    overdue: Number
    escalated: Number
    by_owner: list[OwnerLoad]
    """Whoever has any, most first."""


def case_totals(scope: Scope) -> tuple[CaseTotals, CaseTotals]:
    """Of the period and of the one before it, in one query."""
    wait = ExpressionWrapper(F("first_contacted_at") - F("opened_at"), output_field=DurationField())
    periods = {"now": scope.period, "before": scope.period.previous}
    figures: dict[str, Any] = {}
    for name, period in periods.items():
        is_within = scope.condition(period, prefix="review__")
        is_closed = is_within & Q(state=State.CLOSED) & ~Q(outcome=Outcome.MISTAKEN)
        figures[f"{name}_median"] = Median(wait, filter=is_within, output_field=DurationField())
        figures[f"{name}_contacted"] = Count("pk", filter=is_within & Q(first_contacted_at__isnull=False))
        figures[f"{name}_closed"] = Count("pk", filter=is_closed)
        figures[f"{name}_saved"] = Count("pk", filter=is_closed & Q(outcome__in=SAVED))
        figures[f"{name}_proven"] = Count("pk", filter=is_closed & ~Q(proven=""))
    found = Case.objects.filter(scope.condition(scope.both_periods, prefix="review__")).aggregate(**figures)

    def totals(name: str) -> CaseTotals:
        median = found[f"{name}_median"]
        return CaseTotals(
            median_minutes=None if median is None else median.total_seconds() / 60,
            contacted=_number(scope, found[f"{name}_contacted"], CaseKind.CONTACTED, periods[name]),
            closed=_number(scope, found[f"{name}_closed"], CaseKind.CLOSED, periods[name]),
            saved=_number(scope, found[f"{name}_saved"], CaseKind.SAVED, periods[name]),
            proven=_number(scope, found[f"{name}_proven"], CaseKind.PROVEN, periods[name]),
        )

    return totals("now"), totals("before")


def open_cases_now(scope: Scope, now: datetime) -> OpenCases:
    """Of the scope's shops and product, in two queries."""
    cases = Case.objects.filter(shop__in=scope.shops if scope.shop is None else [scope.shop])
    if scope.product is not None:
        cases = cases.filter(review__product=scope.product)
    cases = cases.filter(condition_of(CaseKind.OPEN, now))
    kinds = (CaseKind.OPEN, CaseKind.UNASSIGNED, CaseKind.OVERDUE, CaseKind.ESCALATED)
    found = cases.aggregate(**{kind.value: Count("pk", filter=condition_of(kind, now)) for kind in kinds})
    owners = User.objects.filter(cases__in=cases).annotate(open=Count("cases")).order_by("-open", "pk")
    by_owner = [
        OwnerLoad(
            name_of(owner),
            _number(scope, owner.open, CaseKind.OPEN, agent=owner.pk),
        )
        for owner in owners
    ]
    total, unassigned, overdue, escalated = (_number(scope, found[kind.value], kind) for kind in kinds)
    return OpenCases(total, unassigned, overdue, escalated, by_owner)


def _number(scope: Scope, value: int, kind: CaseKind, period: Period | None = None, agent: int | None = None) -> Number:
    first, last = (period.first, period.last) if period else (None, None)
    wanted = CaseFilter(kind=kind.value, agent=agent, shop=scope.shop, product=scope.product, first=first, last=last)
    return Number(value, wanted.address)
