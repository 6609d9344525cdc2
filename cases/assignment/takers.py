"""The agents who can be given cases: what each can do, how much each has, and whether they are there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.contrib.auth.models import User
from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from cases import presence
from cases.models import Agent, Case
from reviewdesk.access import Role
from reviews.causes import TopCause, top_of
from reviews.models import ReviewCause, Shop


class Demand(NamedTuple):
    """What a case asks of whoever works it; empty where nothing is known, or nobody's skills are limited."""

    shop_id: int
    cause: str = ""
    """The top cause of the primary cause."""
    line: str = ""
    """The line of the product."""


@dataclass(slots=True, eq=False)
class Taker:
    """An agent with what they can do and have, over all their shops; `take` reckons on."""

    user: User
    agent: Agent
    shops: frozenset[int]
    is_there: bool
    seen_at: datetime | None
    open: int
    given: int
    """Cases handed out to them on the day in question."""

    @property
    def is_working(self) -> bool:
        """On duty and there: new cases may come."""
        return self.agent.is_on_duty and self.is_there

    @property
    def room(self) -> int:
        """How many more cases can be handed out to them now."""
        return max(0, min(self.agent.open_capacity - self.open, self.agent.daily_capacity - self.given))

    @property
    def load(self) -> float:
        """Share of their open capacity that is used."""
        return self.open / max(1, self.agent.open_capacity)

    @property
    def is_limited(self) -> bool:
        """Whether some causes or lines are not theirs."""
        return bool(self.agent.causes or self.agent.lines)

    def can(self, demand: Demand) -> bool:
        """Whether shop and skills fit; a product without a line is anybody's."""
        return (
            demand.shop_id in self.shops
            and (not self.agent.causes or demand.cause in self.agent.causes)
            and (not self.agent.lines or demand.line in ("", *self.agent.lines))
        )

    def take(self) -> None:
        self.open += 1
        self.given += 1


def takers_of(shop_ids: Collection[int], *, now: datetime, is_locked: bool = False) -> list[Taker]:
    """The active agents of the shops, by id, on duty or not. Four queries.

    With `is_locked` nobody else can give them cases until the transaction ends; take the locks of cases before.
    """
    members = Shop.members.through.objects.filter(
        shop__in=shop_ids, user__is_active=True, user__agent__isnull=False, user__groups__name=Role.AGENT
    )
    shops: dict[int, set[int]] = {}
    for user_id, shop_id in members.values_list("user", "shop"):
        shops.setdefault(user_id, set()).add(shop_id)
    agents = Agent.objects.filter(user__in=shops).order_by("user").select_related("user")
    if is_locked:
        agents = agents.select_for_update(of=("self",), no_key=True)
    agents_at_hand = list(agents)
    loads = open_loads(shops)
    seen = presence.last_seen(shops)
    return [
        Taker(
            user=agent.user,
            agent=agent,
            shops=frozenset(shops[agent.user_id]),
            is_there=presence.is_there(seen.get(agent.user_id)),
            seen_at=seen.get(agent.user_id),
            open=loads[agent.user_id],
            given=given_on(agent, now),
        )
        for agent in agents_at_hand
    ]


def lock_agents(chosen: Q) -> None:
    """Hold the rows of agents in the order in which everybody takes them, where more are needed than `takers_of` holds.

    Take the locks of cases before.
    """
    held = Agent.objects.filter(pk__in=Agent.objects.filter(chosen).values("pk")).order_by("user")
    list(held.select_for_update(no_key=True).values_list("pk"))


def given_on(agent: Agent, now: datetime) -> int:
    """How many cases were handed out to the agent on the day of `now`."""
    return agent.given_count if agent.given_on == timezone.localdate(now) else 0


def keep_given(takers: Collection[Taker], now: datetime) -> None:
    """Store how many cases the `takers`, whose rows are locked, were given today."""
    today = timezone.localdate(now)
    for taker in takers:
        taker.agent.given_on, taker.agent.given_count = today, taker.given
    Agent.objects.bulk_update([taker.agent for taker in takers], ["given_on", "given_count"])


def open_loads(user_ids: Collection[int]) -> Counter[int]:
    """User id -> number of open cases, over all shops."""
    owned = Case.objects.still_open().filter(owner__in=[*user_ids]).order_by().values("owner")
    return Counter(dict(owned.annotate(count=Count("pk")).values_list("owner", "count")))


def demand_of(case: Case) -> Demand:
    """What `case` asks for; its review brings causes and product along."""
    causes = case.review.causes.all()
    product = case.review.product
    return Demand(case.shop_id, top_of(causes[0].code).value if causes else "", product.line if product else "")


def fitting(agents: Collection[Agent]) -> Q:
    """Which cases at least one of `agents` has the skills for, as `Taker.can` says it."""
    found = Q(pk__in=[])
    for agent in agents:
        found |= _fits(agent)
    return found


def _fits(agent: Agent) -> Q:
    """True of every case where nothing limits the agent."""
    fits = Q(pk__isnull=False)
    if agent.causes:
        primary = Q()
        for top in agent.causes:
            primary |= Q(code=top) if top == TopCause.OTHER else Q(code__startswith=f"{top}.")
        fits &= Q(Exists(ReviewCause.objects.filter(primary, review=OuterRef("review"), rank=0)))
    if agent.lines:
        fits &= Q(review__product=None) | Q(review__product__line__in=["", *agent.lines])
    return fits
