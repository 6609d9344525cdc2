"""Agents come and go: on duty and off, and what somebody leaves behind goes to the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from cases import history, presence
from cases.assignment.sharing import Sharing, assign_waiting, given_back, lock_shops, move
from cases.assignment.takers import keep_given, lock_agents, takers_of
from cases.models import Agent, Case
from cases.models.case import IN_QUEUE
from reviews.models import Shop


class Spread(NamedTuple):
    """What becomes of a person's open cases."""

    shares: list[tuple[User, int]]
    """Who gets how many, the most first."""
    left: int
    """Cases that nobody at work has room for: they wait without an owner."""

    @property
    def total(self) -> int:
        return self.left + sum(count for _user, count in self.shares)


def set_duty(*, agent: Agent, is_on_duty: bool, now: datetime) -> None:
    """Put an agent on or off duty; who comes on counts as there, and is handed the waiting cases of their shops."""
    agent.is_on_duty = is_on_duty
    agent.save(update_fields=["is_on_duty"])
    if is_on_duty:
        presence.note(agent.user_id, timezone.now())
        assign_waiting(now=now, shops=agent.user.shops.all())


def foresee_spread(*, person: User, shops: Collection[Shop], now: datetime) -> Spread:
    """What `spread_cases` would do now."""
    cases = list(_open_cases(person, shops))
    return _spread(cases, _deal(cases, person, now=now, is_locked=False))


@transaction.atomic
def spread_cases(*, person: User, shops: Collection[Shop], actor: User, now: datetime) -> Spread:
    """Give the open cases that `person` has in `shops` to those at work with skill and room; the rest waits for them.

    The person goes off duty: what they leave must not come back. `shops` are those that `actor` supervises.
    """
    lock_shops(shop.pk for shop in shops)
    held = _open_cases(person, shops).order_by("pk").select_for_update(of=("self",))
    cases = sorted(held, key=lambda case: (case.tier_rank, case.closes_at is None, case.closes_at or now, case.pk))
    lock_agents(Q(user=person) | Q(user__shops__in=[shop.pk for shop in shops]))
    Agent.objects.filter(user=person).update(is_on_duty=False)
    owners = _deal(cases, person, now=now, is_locked=True)
    for case in cases:
        case.owner = owners.get(case.pk)
    move(cases, dict.fromkeys(cases, history.shown(person)), now=now, actor=actor)
    return _spread(cases, owners)


def _open_cases(person: User, shops: Collection[Shop]) -> QuerySet[Case]:
    cases = Case.objects.still_open().filter(owner=person, shop__in=shops).order_by(*IN_QUEUE)
    return cases.select_related("review__product", "shop").prefetch_related("review__causes")


def _deal(cases: Collection[Case], person: User, *, now: datetime, is_locked: bool) -> dict[int, User]:
    """Case id -> who takes it. Capacities hold here too."""
    takers = takers_of({case.shop_id for case in cases}, now=now, is_locked=is_locked)
    working = [taker for taker in takers if taker.is_working and taker.user != person]
    sharing = Sharing(working)
    declined = given_back(cases)
    found = {case.pk: sharing.deal(case, declined.get(case.pk, ())) for case in cases}
    dealt = {pk: taker for pk, taker in found.items() if taker}
    if is_locked and dealt:
        keep_given({taker.user.pk: taker for taker in dealt.values()}.values(), now)
    return {pk: taker.user for pk, taker in dealt.items()}


def _spread(cases: Collection[Case], owners: dict[int, User]) -> Spread:
    counts = Counter(owners.values())
    return Spread(sorted(counts.items(), key=lambda share: (-share[1], share[0].pk)), len(cases) - len(owners))
