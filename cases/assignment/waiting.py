"""Why open cases have no owner, as the team board tells it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

from cases.assignment.takers import Demand, Taker
from cases.models import Case
from reviews.causes import TopCause, top_of
from reviews.models import Shop


class Reason(TextChoices):
    """In the order in which they are looked for: the first that holds is told. Of backlog no other is asked."""

    NO_AGENT = "no_agent", _("no agent works for the shop")
    NO_SKILL = "no_skill", _("no agent of the shop has the skill")
    OFF_DUTY = "off_duty", _("nobody who can take them is on duty")
    AWAY = "away", _("those on duty who can take them are away from the screen")
    NO_ROOM = "no_room", _("those who can take them have no room")
    BACKLOG = "backlog", _("they are backlog, handed out to nobody: agents take them when nothing else waits")
    SOON = "soon", _("they are handed out within a minute, unless those who could have given them back")


@dataclass(frozen=True, slots=True)
class Waiting:
    """Cases of one shop that wait for the same reason."""

    shop: Shop
    reason: Reason
    count: int
    demands: list[tuple[TopCause, str]]
    """Causes and lines that are asked for, where skills are the reason; sorted."""


def why_waiting(shops: Collection[Shop], takers: Sequence[Taker]) -> list[Waiting]:
    """Why open cases of `shops` have no owner, most cases first. `takers` are all agents of the shops. Two queries."""
    counts = Counter({(shop_id, Reason.BACKLOG): count for shop_id, count in _backlog(shops)})
    asked: dict[tuple[int, Reason], set[tuple[TopCause, str]]] = {}
    for demand, count in _demands(shops):
        key = demand.shop_id, reason_of(demand, takers)
        counts[key] += count
        asked.setdefault(key, set()).add((TopCause(demand.cause), demand.line))
    by_id = {shop.pk: shop for shop in shops}
    return [
        Waiting(by_id[shop_id], reason, count, sorted(asked[shop_id, reason]) if reason is Reason.NO_SKILL else [])
        for (shop_id, reason), count in counts.most_common()
    ]


def reason_of(demand: Demand, takers: Sequence[Taker]) -> Reason:
    able = [taker for taker in takers if demand.shop_id in taker.shops]
    for reason, holds in (
        (Reason.NO_AGENT, lambda taker: True),
        (Reason.NO_SKILL, lambda taker: taker.can(demand)),
        (Reason.OFF_DUTY, lambda taker: taker.agent.is_on_duty),
        (Reason.AWAY, lambda taker: taker.is_there),
        (Reason.NO_ROOM, lambda taker: taker.room > 0),
    ):
        able = [taker for taker in able if holds(taker)]
        if not able:
            return reason
    return Reason.SOON


def _backlog(shops: Collection[Shop]) -> QuerySet[Case, tuple[int, int]]:
    cases = Case.objects.still_open().filter(shop__in=shops, owner=None, is_backlog=True)
    return cases.order_by().values_list("shop").annotate(count=Count("pk"))


def _demands(shops: Collection[Shop]) -> list[tuple[Demand, int]]:
    waiting = Case.objects.still_open().filter(shop__in=shops, owner=None, is_backlog=False, review__causes__rank=0)
    rows = waiting.order_by().values_list("shop", "review__causes__code", "review__product__line")
    return [
        (Demand(shop_id, top_of(code).value, line or ""), count)
        for shop_id, code, line, count in rows.annotate(count=Count("pk"))
    ]
