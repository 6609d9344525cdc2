"""New tier rules reach the open cases of their shop: which would move, and moving them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import NamedTuple

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet

from cases.assignment import lock_shops
from cases.models import Case, CaseChange, Tier
from cases.notices.telling import tell_urgent
from cases.priority import Rules
from cases.standing import RANKED, rank, standings
from reviewdesk import queue
from reviews.models import Shop

RANKED_AT_ONCE = 200
"""Up to so many open cases are ranked while the person waits; a job ranks more."""
LOOKED_AT = 1000
"""The preview looks at so many of the newest open cases."""
SHOWN_OF_A_MOVE = 10
RERANK_JOB = "cases.jobs.rerank"


class Move(NamedTuple):
    """Cases that would go from one tier to another: how many, and the first of them."""

    before: Tier
    after: Tier
    size: int
    first: list[Case]


class Effect(NamedTuple):
    """What rules would do to the `looked_at` newest of the `among` open cases they decide about."""

    looked_at: int
    among: int
    moves: list[Move]


def effect_of(shop: Shop, rules: Rules) -> Effect:
    """What ranking the open cases of `shop` by `rules` would move."""
    concerned = _decided_by_rules(shop.pk)
    newest = list(concerned.order_by("-opened_at", "-pk").values_list("pk", flat=True)[:LOOKED_AT])
    moved: dict[tuple[Tier, Tier], list[Case]] = defaultdict(list)
    for pks in _parts(newest):
        cases = _with_facts(concerned.filter(pk__in=pks).order_by("-opened_at", "-pk"))
        stands = standings([case.review for case in cases], {shop.pk: rules})
        for case in cases:
            after = stands[case.review_id].ranking.tier
            if after != case.tier:
                moved[Tier(case.tier), after].append(case)
    moves = [Move(*tiers, len(cases), cases[:SHOWN_OF_A_MOVE]) for tiers, cases in sorted(moved.items())]
    return Effect(len(newest), concerned.count() if len(newest) == LOOKED_AT else len(newest), moves)


def rerank_or_queue(shop: Shop, *, actor: User, now: datetime) -> None:
    """Rank the open cases of `shop` by its rules as they stand now: here where they are few, else in a job."""
    if _decided_by_rules(shop.pk)[: RANKED_AT_ONCE + 1].count() > RANKED_AT_ONCE:
        queue.enqueue(RERANK_JOB, shop.pk, actor.pk)
    else:
        rerank(shop.pk, actor=actor, now=now)


def rerank(shop_id: int, *, actor: User, now: datetime) -> int:
    """Rank the open cases of a shop anew; how many changed their tier.

    Each part is a transaction of its own, so that imports of the shop go on between them.
    """
    pks = list(_decided_by_rules(shop_id).order_by("pk").values_list("pk", flat=True))
    return sum(_rerank_part(shop_id, part, actor, now) for part in _parts(pks))


@transaction.atomic
def _rerank_part(shop_id: int, pks: Collection[int], actor: User, now: datetime) -> int:
    lock_shops([shop_id])
    held = _decided_by_rules(shop_id).filter(pk__in=pks).order_by("pk").select_for_update(of=("self",))
    cases = _with_facts(held)
    stands = standings([case.review for case in cases])
    ranked, moved, lines = [], [], []
    for case in cases:
        before = [getattr(case, name) for name in RANKED]
        changes = rank(case, stands[case.review_id], now=now)
        if before != [getattr(case, name) for name in RANKED]:
            ranked.append(case)
        if "tier" in changes:
            moved.append(case)
            lines.append(CaseChange(case=case, at=now, actor=actor, kind=CaseChange.Kind.RULES, changes=changes))
    Case.objects.bulk_update(ranked, RANKED)
    CaseChange.objects.bulk_create(lines)
    tell_urgent(moved, now=now, actor=actor)
    return len(moved)


def _decided_by_rules(shop_id: int) -> QuerySet[Case]:
    """Open cases whose tier is neither a person's choice nor that of the backlog."""
    ranked = Case.objects.still_open().filter(shop=shop_id, review__is_negative=True)
    return ranked.filter(is_tier_chosen=False, is_backlog=False)


def _with_facts(cases: QuerySet[Case]) -> list[Case]:
    return list(cases.select_related("review__shop", "review__product").prefetch_related("review__causes"))


def _parts(pks: list[int]) -> Iterator[list[int]]:
    return (pks[start : start + RANKED_AT_ONCE] for start in range(0, len(pks), RANKED_AT_ONCE))
