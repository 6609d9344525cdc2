"""New rules reach the clocks that run: what has passed by the old rules stays passed, the rest runs by the new ones.

A clock that had run out stays overdue, and a contact that was promised for a moment stays promised for it. Where each
clock goes is kept within the change; many go there in a worker.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.db import connection, transaction

from cases.assignment import lock_shops
from cases.clocks.pace import Pace, pace_of
from cases.models import Case, CaseChange, ClockMove, RuleFollowing
from cases.rulebook import following
from reviews.models import Shop

MOVED_AT_ONCE = 500
"""Clocks of a part. Of more than that the person who changes the rules does not wait for the end."""
Kind = RuleFollowing.Kind

STANDING = """
from (
    select cases_case.id, cases_case.shop_id, due_at, coalesce(new_at, due_at) as stands_at
    from cases_case
    left join cases_clockmove on case_id = id and old_at = due_at
    where cases_case.shop_id = %(shop)s and state <> 'closed' and next_contact_at is null
) as running
"""
"""Running clocks of a shop; one that has yet to move stands already where it will."""
COUNT = f"select stands_at, count(*) {STANDING} where stands_at > %(now)s group by stands_at order by stands_at"
KEEP = f"""
insert into cases_clockmove (case_id, shop_id, old_at, new_at)
select id, shop_id, due_at, move.new_at
{STANDING} join unnest(%(old)s::timestamptz[], %(new)s::timestamptz[]) as move(old_at, new_at) on stands_at = old_at
on conflict (case_id) do update set old_at = excluded.old_at, new_at = excluded.new_at
"""
"""Cases that opened in one part of an import share their moment, so that there are few moves for many cases."""
MOVE = """
with move as (
    delete from cases_clockmove where case_id = any(%(cases)s) returning *
), moved as (
    update cases_case
    set due_at = move.new_at,
        first_contact_due_at = case
            when first_contacted_at is null and first_contact_due_at = move.old_at then move.new_at
            else first_contact_due_at
        end
    from move
    where id = move.case_id and state <> 'closed' and next_contact_at is null
        and due_at = move.old_at and move.old_at <> move.new_at
    returning id, jsonb_build_object('due_at', jsonb_build_array(move.old_at, move.new_at)) as told
)
insert into cases_casechange (case_id, at, actor_id, kind, changes, comment)
select id, %(now)s, %(actor)s, %(kind)s, told, %(comment)s from moved order by id
"""


class Effect(NamedTuple):
    """How many running clocks new rules would move, and how many of them would then have run out."""

    moved: int
    overdue: int

    @property
    def takes_long(self) -> bool:
        """Whether a worker moves them, after the rules are kept."""
        return self.moved > MOVED_AT_ONCE


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
        if not moves:
            return
        _keep(shop, moves)
        following.begin(shop, Kind.CLOCKS, actor=actor, comment=comment)
        if ClockMove.objects.filter(shop=shop)[: MOVED_AT_ONCE + 1].count() > MOVED_AT_ONCE:
            following.leave_to_worker(shop)
        else:
            move_clocks(shop.pk, now=now)


def move_clocks(shop_id: int, *, now: datetime) -> int:
    """Move those clocks of a shop that have not followed its rules yet; how many did."""
    return following.follow(shop_id, Kind.CLOCKS, _move_part, now=now)


def effect_of(change: Callable[[], object], *, shop: Shop, now: datetime) -> Effect:
    """What `change` of the shop's hours or minutes would do; it is made and taken back."""
    with transaction.atomic():
        before = pace_of(shop)
        change()
        after = pace_of(shop)
        transaction.set_rollback(True)
    moves = _moves(shop, before, after, now)
    return Effect(sum(move.size for move in moves), sum(move.size for move in moves if move.new_at <= now))


def _moves(shop: Shop, before: Pace, after: Pace, now: datetime) -> list[Move]:
    if before == after:
        return []
    with connection.cursor() as cursor:
        cursor.execute(COUNT, {"shop": shop.pk, "now": now})
        sizes = cursor.fetchall()
    more = timedelta(minutes=after.minutes - before.minutes)
    moves = []
    for old_at, size in sizes:
        left = before.hours.elapsed(now, old_at) + more
        new_at = after.hours.deadline(now, left) if left > timedelta(0) else now
        if new_at != old_at:
            moves.append(Move(old_at, new_at, size))
    return moves


def _keep(shop: Shop, moves: list[Move]) -> None:
    values: dict[str, Any] = {
        "shop": shop.pk,
        "old": [move.old_at for move in moves],
        "new": [move.new_at for move in moves],
    }
    with connection.cursor() as cursor:
        cursor.execute(KEEP, values)


def _move_part(kept: RuleFollowing, now: datetime) -> int | None:
    left = ClockMove.objects.filter(shop=kept.shop_id).order_by("case")
    ids = list(left.values_list("case_id", flat=True)[:MOVED_AT_ONCE])
    if not ids:
        return None
    # In the order in which everybody locks cases; the statement takes them as they come.
    list(Case.with_undone.filter(pk__in=ids).order_by("pk").select_for_update().values_list("pk"))
    values: dict[str, Any] = {
        "cases": ids,
        "now": now,
        "actor": kept.actor_id,
        "kind": CaseChange.Kind.MOVED.value,
        "comment": kept.comment,
    }
    with connection.cursor() as cursor:
        cursor.execute(MOVE, values)
        return cursor.rowcount
