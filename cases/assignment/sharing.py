"""Cases find their agents by themselves: by skill, to the one with the least load, never beyond what one can carry."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from heapq import heapify, heappop, heappush, heapreplace

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from cases import history
from cases.assignment.takers import Demand, Taker, demand_of, fitting, keep_given, takers_of
from cases.models import Case, CaseChange
from cases.models.case import IN_QUEUE
from cases.notices.telling import tell_urgent
from reviewdesk.access import Role
from reviews.models import Shop

LOCK_CLASS = 0x5244
"""First key of the advisory locks taken here; the second is the shop's id."""
HANDED_OUT_AT_ONCE = 200
"""Least number of waiting cases looked at in one go."""


def lock_shops(shop_ids: Iterable[int]) -> None:
    """Let nobody else open or hand out cases of these shops until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(%s, shop) from unnest(%s::int[]) as shop",
            [LOCK_CLASS, sorted(set(shop_ids))],
        )


class Sharing:
    """Deals cases out to `takers`: each to the one with the least share of their capacity used, ties to the lowest id.

    Takers of the same demand stand in a heap. Loads only grow while cases are dealt out, so an entry that has become
    too small is put right when it comes up, and who has no room left drops out for good.
    """

    def __init__(self, takers: Collection[Taker]) -> None:
        self.takers = [taker for taker in takers if taker.room]
        self.has_limits = any(taker.is_limited for taker in self.takers)
        self.heaps: dict[Demand, list[tuple[float, int, Taker]]] = {}

    def deal(self, case: Case, refusing: Collection[int] = ()) -> Taker | None:
        """Who takes `case`, reckoned with from now on; None where nobody can. `refusing` are ids of users."""
        demand = demand_of(case) if self.has_limits else Demand(case.shop_id)
        heap = self._heap(demand)
        passed_over = []
        found: Taker | None = None
        while heap and not found:
            load, user_id, taker = heap[0]
            if not taker.room:
                heappop(heap)
            elif load != taker.load:
                heapreplace(heap, (taker.load, user_id, taker))
            elif user_id in refusing:
                passed_over.append(heappop(heap))
            else:
                found = taker
                taker.take()
        for entry in passed_over:
            heappush(heap, entry)
        return found

    def _heap(self, demand: Demand) -> list[tuple[float, int, Taker]]:
        if demand not in self.heaps:
            heap = [(taker.load, taker.user.pk, taker) for taker in self.takers if taker.can(demand)]
            heapify(heap)
            self.heaps[demand] = heap
        return self.heaps[demand]


def share_out(cases: Collection[Case], *, now: datetime, declined: Mapping[int, set[int]] | None = None) -> None:
    """Set, without saving the cases, the owner of each: an agent with the skill, on duty, there, and with room.

    `cases` are served in their order; backlog waits for somebody who wants it. `declined` maps a case's id to the ids
    of agents who gave it back. A case nobody can take keeps its owner, or none. Their reviews bring product and causes
    along. Call it under `lock_shops`, after the locks of cases, within a transaction.
    """
    declined = declined or {}
    fresh = [case for case in cases if not case.is_backlog]
    if not fresh:
        return
    takers = takers_of({case.shop_id for case in fresh}, now=now, is_locked=True)
    sharing = Sharing([taker for taker in takers if taker.is_working])
    given: dict[int, Taker] = {}
    for case in fresh:
        taker = sharing.deal(case, declined.get(case.pk, ()))
        if taker:
            case.owner = taker.user
            given[taker.user.pk] = taker
    if given:
        keep_given(given.values(), now)


@transaction.atomic
def assign_cases(cases: Iterable[Case], *, now: datetime) -> int:
    """Hand out those of `cases` that are open and without an owner, in the order of the queue; how many found one.

    A case somebody is claiming at this moment is left to them.
    """
    wanted = list(cases)
    if not wanted:
        return 0
    lock_shops(case.shop_id for case in wanted)
    free = _with_demand(Case.objects.still_open().filter(pk__in=[case.pk for case in wanted], owner=None))
    waiting = list(free.select_for_update(skip_locked=True, of=("self",)).order_by(*IN_QUEUE))
    share_out(waiting, now=now, declined=given_back(waiting))
    taken = [case for case in waiting if case.owner_id]
    move(taken, dict.fromkeys(taken, ""), now=now, actor=None)
    owners = {case.pk: case.owner for case in taken}
    for case in wanted:
        case.owner = owners.get(case.pk, case.owner)
    return len(taken)


@transaction.atomic
def place_reopened(cases: Iterable[Case], *, now: datetime) -> None:
    """Give cases that open again to somebody else where their owner is not at work and another agent has room.

    Who no longer works for the shop keeps none of them: where nobody has room, those wait without an owner.

    The caller holds the shops' locks and those of the cases, which are saved here.
    """
    owned = {case.pk: case for case in cases if case.owner_id}
    if not owned:
        return
    is_of_shop = Q(shops=OuterRef("shop")) | Q(groups__name=Role.ADMIN)
    owners = User.objects.filter(is_of_shop, pk=OuterRef("owner"), is_active=True)
    left = Case.objects.filter(~Exists(owners.filter(agent__is_on_duty=True)), pk__in=owned)
    orphans = list(_with_demand(left).annotate(is_shut_out=~Exists(owners)).order_by(*IN_QUEUE))
    before = {case: case.owner for case in orphans}
    for case in orphans:
        if case.is_shut_out:
            case.owner = None
    share_out(orphans, now=now, declined=given_back(orphans))
    moved = [case for case in orphans if case.owner != before[case]]
    move(moved, {case: history.shown(before[case]) for case in moved}, now=now, actor=None)
    for case in moved:
        owned[case.pk].owner = case.owner


def assign_waiting(*, now: datetime, shops: Iterable[Shop] | None = None) -> int:
    """Hand out the open cases without an owner, of all shops or of `shops`; answers how many found one."""
    manned = Shop.objects.filter(members__agent__is_on_duty=True, members__is_active=True)
    if shops is not None:
        manned = manned.filter(pk__in=[shop.pk for shop in shops])
    return sum(_assign_waiting_of(pk, now) for pk in manned.order_by("pk").values_list("pk", flat=True).distinct())


def _assign_waiting_of(shop_id: int, now: datetime) -> int:
    """The best of what waits goes first; cases that only those can take who gave them back hold up no others."""
    tried: set[int] = set()
    given = 0
    while takers := [taker for taker in takers_of([shop_id], now=now) if taker.is_working and taker.room]:
        waiting = Case.objects.still_open().filter(
            fitting([taker.agent for taker in takers]), shop=shop_id, owner=None, is_backlog=False
        )
        room = sum(taker.room for taker in takers)
        part = list(waiting.exclude(pk__in=tried).order_by(*IN_QUEUE)[: max(room, HANDED_OUT_AT_ONCE)])
        if not part:
            break
        given += assign_cases(part, now=now)
        tried |= {case.pk for case in part}
    return given


def move(cases: Collection[Case], before: Mapping[Case, str], *, now: datetime, actor: User | None) -> None:
    """Save the owners set on `cases`, write the history, and tell whom it concerns; `before` names earlier owners."""
    by_owner: dict[User | None, list[int]] = defaultdict(list)
    for case in cases:
        by_owner[case.owner].append(case.pk)
    for owner, ids in by_owner.items():
        Case.objects.filter(pk__in=ids).update(owner=owner)
    CaseChange.objects.bulk_create(
        CaseChange(
            case=case,
            at=now,
            actor=actor,
            kind=CaseChange.Kind.ASSIGNED if case.owner else CaseChange.Kind.RELEASED,
            changes={"owner": [before[case], history.shown(case.owner)]},
        )
        for case in cases
    )
    tell_urgent(list(cases), now=now, actor=actor)


def given_back(cases: Collection[Case]) -> dict[int, set[int]]:
    """Case id -> ids of the people who released it."""
    releases = CaseChange.objects.filter(case__in=cases, kind=CaseChange.Kind.RELEASED, actor__isnull=False)
    declined: dict[int, set[int]] = defaultdict(set)
    for case_id, user_id in releases.values_list("case", "actor"):
        declined[case_id].add(user_id)
    return declined


def _with_demand(cases: QuerySet[Case]) -> QuerySet[Case]:
    return cases.select_related("review__product", "owner").prefetch_related("review__causes")
