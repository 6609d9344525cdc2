"""New rules reach the clocks that run: what has passed by the old rules stays passed, the rest runs by the new ones.

A clock that had run out stays overdue, and a contact that was promised for a moment stays promised for it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import Count, QuerySet

from cases.assignment import lock_shops
from cases.clocks.pace import Pace, pace_of
from cases.models import Case, CaseChange
from reviews.models import Shop

MOVE = """
with moved as (
    update cases_case
    set due_at = move.new_at,
        first_contact_due_at = case
            when first_contacted_at is null and first_contact_due_at = move.old_at then move.new_at
            else first_contact_due_at
        end
    from unnest(%(old)s::timestamptz[], %(new)s::timestamptz[], %(told)s::jsonb[]) as move(old_at, new_at, told)
    where shop_id = %(shop)s and state <> 'closed' and next_contact_at is null and due_at = move.old_at
    returning id, move.told
)
insert into cases_casechange (case_id, at, actor_id, kind, changes, comment)
select id, %(now)s, %(actor)s, %(kind)s, told, %(comment)s from moved order by id
"""
"""Cases that opened in one part of an import share their moment, so that there are few moves for many cases."""


class Effect(NamedTuple):
    """How many running clocks new rules would move, and how many of them would then have run out."""

    moved: int
    overdue: int


class Move(NamedTuple):
    """The clocks of `size` cases go from one moment to another."""

    old_at: datetime
    new_at: datetime
    size: int


@contextmanager
def clocks_follow(shop: Shop, *, actor: User | None, now: datetime, comment: str = "") -> Iterator[None]:
    """Move the running clocks of `shop` by what the block changes of its hours or its minutes, in one transaction."""
    with transaction.atomic():
        lock_shops([shop.pk])
        before = pace_of(shop)
        yield
        moves = _moves(shop, before, pace_of(shop), now)
        if moves:
            _move(shop, moves, actor, now, comment)


def effect_of(change: Callable[[], object], *, shop: Shop, now: datetime) -> Effect:
    """What `change` of the shop's hours or minutes would do; it is made and taken back."""
    with transaction.atomic():
        before = pace_of(shop)
        change()
        after = pace_of(shop)
        transaction.set_rollback(True)
    moves = _moves(shop, before, after, now)
    return Effect(sum(move.size for move in moves), sum(move.size for move in moves if move.new_at <= now))


def _running(shop: Shop, now: datetime) -> QuerySet[Case]:
    return Case.objects.still_open().filter(shop=shop, next_contact_at=None, due_at__gt=now)


def _moves(shop: Shop, before: Pace, after: Pace, now: datetime) -> list[Move]:
    if before == after:
        return []
    sizes = _running(shop, now).values_list("due_at").annotate(size=Count("pk")).order_by("due_at")
    more = timedelta(minutes=after.minutes - before.minutes)
    moves = []
    for old_at, size in sizes:
        left = before.hours.elapsed(now, old_at) + more
        new_at = after.hours.deadline(now, left) if left > timedelta(0) else now
        if new_at != old_at:
            moves.append(Move(old_at, new_at, size))
    return moves


def _move(shop: Shop, moves: list[Move], actor: User | None, now: datetime, comment: str) -> None:
    # In the order in which everybody locks cases; the statement takes them as they come.
    list(_running(shop, now).order_by("pk").select_for_update().values_list("pk"))
    values: dict[str, Any] = {
        "old": [move.old_at for move in moves],
        "new": [move.new_at for move in moves],
        "told": [json.dumps({"due_at": [move.old_at.isoformat(), move.new_at.isoformat()]}) for move in moves],
        "shop": shop.pk,
        "now": now,
        "actor": actor and actor.pk,
        "kind": CaseChange.Kind.MOVED.value,
        "comment": comment,
    }
    with connection.cursor() as cursor:
        cursor.execute(MOVE, values)
