"""New tier rules reach the open cases of their shop: which would move, and moving them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from django.contrib.auth.models import User
from django.db.models import QuerySet

from cases.models import Case, CaseChange, RuleFollowing, Tier
from cases.notices.telling import tell_urgent
from cases.priority import Rules
from cases.rulebook import following
from cases.standing import RANKED, rank, standings
from reviews.models import Shop

RANKED_AT_ONCE = 200
"""Cases of a part. Of more than that the person who changes the rules does not wait for the end."""
LOOKED_AT = 1000
"""The preview looks at so many of the newest open cases."""
SHOWN_OF_A_MOVE = 10
Kind = RuleFollowing.Kind


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
    """Rank the open cases of `shop` by its rules as they stand now: here where they are few, else in a worker.

    The caller holds the lock of the shop.
    """
    following.begin(shop, Kind.RANKING, actor=actor)
    if _decided_by_rules(shop.pk)[: RANKED_AT_ONCE + 1].count() > RANKED_AT_ONCE:
        following.leave_to_worker(shop)
    else:
        rerank(shop.pk, now=now)


def rerank(shop_id: int, *, now: datetime) -> int:
    """Rank those open cases of a shop that were not ranked since its rules changed; how many changed their tier."""
    return following.follow(shop_id, Kind.RANKING, _rerank_part, now=now)


def _rerank_part(kept: RuleFollowing, now: datetime) -> int | None:
    concerned = _decided_by_rules(kept.shop_id).order_by("pk")
    pks = list(concerned.filter(pk__gt=kept.done_up_to).values_list("pk", flat=True)[:RANKED_AT_ONCE])
    if not pks:
        return None
    cases = _with_facts(concerned.filter(pk__in=pks).select_for_update(of=("self",)))
    stands = standings([case.review for case in cases])
    ranked, moved, lines = [], [], []
    for case in cases:
        before = [getattr(case, name) for name in RANKED]
        changes = rank(case, stands[case.review_id], now=now)
        if before != [getattr(case, name) for name in RANKED]:
            ranked.append(case)
        if "tier" in changes:
            moved.append(case)
            kind = CaseChange.Kind.RULES
            lines.append(CaseChange(case=case, at=now, actor=kept.actor, kind=kind, changes=changes))
    Case.objects.bulk_update(ranked, RANKED)
    CaseChange.objects.bulk_create(lines)
    tell_urgent(moved, now=now, actor=kept.actor)
    kept.done_up_to = pks[-1]
    kept.save(update_fields=["done_up_to"])
    return len(moved)


def _decided_by_rules(shop_id: int) -> QuerySet[Case]:
    """Open cases whose tier is neither a person's choice nor that of the backlog."""
    ranked = Case.objects.still_open().filter(shop=shop_id, review__is_negative=True)
    return ranked.filter(is_tier_chosen=False, is_backlog=False)


def _with_facts(cases: QuerySet[Case]) -> list[Case]:
    return list(cases.select_related("review__shop", "review__product").prefetch_related("review__causes"))


def _parts(pks: list[int]) -> Iterator[list[int]]:
    return (pks[start : start + RANKED_AT_ONCE] for start in range(0, len(pks), RANKED_AT_ONCE))
