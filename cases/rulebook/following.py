"""Open cases follow changed rules part by part: what is left is kept, so that a run that was killed is gone on with.

A part is a transaction that holds the lock of its shop: two runs at once share the parts, and imports go on between.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from cases.assignment import lock_shops
from cases.models import RuleFollowing
from reviewdesk import queue
from reviews.models import Shop

JOB = "cases.jobs.follow_rules"
Kind = RuleFollowing.Kind
Part = Callable[[RuleFollowing, datetime], int | None]
"""Does the next part and answers how many cases it moved, None where nothing is left."""


def begin(shop: Shop, kind: Kind, *, actor: User | None, comment: str = "") -> None:
    """Keep that open cases of `shop` have to follow, all of them; the caller holds the lock of the shop."""
    fields = {"actor": actor, "comment": comment, "done_up_to": 0}
    RuleFollowing.objects.update_or_create(shop=shop, kind=kind, defaults=fields)


def leave_to_worker(shop: Shop) -> None:
    queue.ask_for(JOB, shop.pk)


def follow(shop_id: int, kind: Kind, part: Part, *, now: datetime) -> int:
    """Do `part` until nothing is left; how many cases moved."""
    moved = 0
    while (of_part := _next(shop_id, kind, part, now)) is not None:
        moved += of_part
    return moved


@transaction.atomic
def _next(shop_id: int, kind: Kind, part: Part, now: datetime) -> int | None:
    lock_shops([shop_id])
    following = RuleFollowing.objects.filter(shop=shop_id, kind=kind).select_related("actor").first()
    if following is None:
        return None
    moved = part(following, now)
    if moved is None:
        following.delete()
    return moved
