"""Who carries how much right now: one line for each person who works cases of the given shops."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from cases.assignment.expected import on_shift
from cases.assignment.takers import Taker, takers_of
from cases.models import Agent, Case
from cases.statistics import CaseFilter, CaseKind, condition_of, contacts_on
from reviewdesk.access import Role
from reviews.causes import TopCause
from reviews.models import Shop
from reviews.scope import Number


class AgentLoad(NamedTuple):
    """A person's cases in the given shops; each number leads to the list on the team page."""

    user: User
    agent: Agent | None
    """None for somebody who owns cases without being an agent."""
    taker: Taker | None
    """What they can take and carry over all shops; None for who cannot be handed cases."""
    is_expected: bool
    """Whether a shift of theirs is running."""
    open: Number
    due_soon: Number
    overdue: Number
    settled_today: Number
    contacted_today: Number
    won_today: Number
    won: Number
    """Proven changes of reviews that are credited to them."""

    @property
    def causes(self) -> list[tuple[str, str]]:
        """Code and name of the top causes the agent is limited to."""
        return [(code, str(TopCause(code).label)) for code in (self.agent.causes if self.agent else [])]

    @property
    def percent(self) -> int:
        """How much of the open capacity is used, at most 100."""
        return min(100, round(100 * self.taker.load)) if self.taker else 0


OWNED = (CaseKind.OPEN, CaseKind.DUE_SOON, CaseKind.OVERDUE, CaseKind.SETTLED_TODAY)
WON = (CaseKind.WON_TODAY, CaseKind.WON)


def agent_loads(shops: Sequence[Shop], now: datetime) -> list[AgentLoad]:
    """Agents of `shops`, and whoever else owns cases there, by name. A fixed number of queries."""
    cases = Case.objects.filter(shop__in=shops, owner__isnull=False)
    held = cases.filter(condition_of(CaseKind.OPEN, now) | condition_of(CaseKind.SETTLED_TODAY, now))
    counts = _counted(held, "owner", OWNED, now)
    won = _counted(Case.objects.filter(condition_of(CaseKind.WON, now), shop__in=shops), "credited_to", WON, now)
    contacted = {
        row["actor"]: row["cases"]
        for row in contacts_on(timezone.localdate(now))
        .filter(case__shop__in=shops)
        .values("actor")
        .annotate(cases=Count("case", distinct=True))
    }
    users = (
        User.objects.filter(Q(agent__isnull=False, shops__in=shops) | Q(pk__in=[*counts, *contacted]))
        .select_related("agent")
        .distinct()
        .order_by("first_name", "username")
    )
    able = {taker.user.pk: taker for taker in takers_of([shop.pk for shop in shops], now=now)}
    expected = on_shift(shops, now)

    def number(user: User, kind: CaseKind, value: int) -> Number:
        return Number(value, CaseFilter(kind=kind.value, agent=user.pk).address)

    def load(user: User) -> AgentLoad:
        numbers = [number(user, kind, counts.get(user.pk, {}).get(kind.value, 0)) for kind in OWNED]
        numbers.append(number(user, CaseKind.CONTACTED_TODAY, contacted.get(user.pk, 0)))
        numbers += [number(user, kind, won.get(user.pk, {}).get(kind.value, 0)) for kind in WON]
        return AgentLoad(user, getattr(user, "agent", None), able.get(user.pk), user.pk in expected, *numbers)

    return [load(user) for user in users]


def _counted(cases: QuerySet[Case], person: str, kinds: Sequence[CaseKind], now: datetime) -> dict[int, dict[str, int]]:
    """For each `person` of the cases, a field, how many of them are of which kind. One query."""
    counts = {kind.value: Count("pk", filter=condition_of(kind, now)) for kind in kinds}
    rows: Any = cases.order_by().values(person).annotate(**counts)
    return {row[person]: row for row in rows}


def takers(loads: Sequence[AgentLoad], shop_ids: Collection[int]) -> list[AgentLoad]:
    """The agents of `loads` who can be given cases of at least one of the shops, on duty or not. One query."""
    members = User.objects.filter(is_active=True, groups__name__in=Role.values, shops__in=shop_ids)
    able = set(members.values_list("pk", flat=True))
    return [load for load in loads if load.agent and load.user.pk in able]
