"""Who works which case: new ones go to the least loaded agent on duty, anybody of the shop may claim one nobody has."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from cases import history
from cases.flow import CaseClosed, CaseGone, Refused, begin_open_work, change_case, lock_case, may_supervise
from cases.models import Agent, Case, CaseChange
from cases.notices.telling import tell_urgent
from reviewdesk.access import Role, has_role
from reviews.models import Shop

LOCK_CLASS = 0x5244
"""First key of the advisory locks taken here; the second is the shop's id."""


class AlreadyClaimed(Refused):
    """Somebody else works the case."""

    def __init__(self, owner: User) -> None:
        super().__init__(_("%(owner)s has taken this case already.") % {"owner": history.shown(owner)})
        self.owner = owner


class NotOfTheShop(Refused):
    """The person cannot be given cases of this shop."""

    def __init__(self, user: User) -> None:
        super().__init__(_("%(user)s does not work for this shop.") % {"user": history.shown(user)})


def lock_shops(shop_ids: Iterable[int]) -> None:
    """Let nobody else open or hand out cases of these shops until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(%s, shop) from unnest(%s::int[]) as shop",
            [LOCK_CLASS, sorted(set(shop_ids))],
        )


def share_out(cases: Collection[Case], *, declined: Mapping[int, set[int]] | None = None) -> None:
    """Set, without saving, the owner of each case: the agent on duty with the least open cases, on a tie the lowest id.

    `cases` are served in their order. `declined` maps a case's id to the ids of agents who gave it back. A case nobody
    can take keeps no owner. Call it under `lock_shops`, else two workers reckon with the same load.
    """
    declined = declined or {}
    agents = _agents_on_duty({case.shop_id for case in cases})
    loads = _open_loads({user.pk for users in agents.values() for user in users})
    for case in cases:
        able = [user for user in agents[case.shop_id] if user.pk not in declined.get(case.pk, ())]
        if able:
            case.owner = min(able, key=lambda user: (loads[user.pk], user.pk))
            loads[case.owner.pk] += 1


def _agents_on_duty(shop_ids: Collection[int]) -> dict[int, list[User]]:
    """Shop id -> its agents who take new cases now."""
    agents: dict[int, list[User]] = defaultdict(list)
    members = Shop.members.through.objects.filter(
        shop__in=shop_ids, user__is_active=True, user__agent__is_on_duty=True, user__groups__name=Role.AGENT
    )
    for member in members.select_related("user"):
        agents[member.shop_id].append(member.user)
    return agents


def _open_loads(user_ids: Collection[int]) -> Counter[int]:
    """User id -> number of open cases, over all shops."""
    owned = Case.objects.still_open().filter(owner__in=user_ids).values("owner")
    return Counter(dict(owned.annotate(count=Count("pk")).values_list("owner", "count")))


@transaction.atomic
def assign_cases(cases: Iterable[Case], *, now: datetime) -> int:
    """Hand out those of `cases` that are open and without an owner, due first; answers how many found one.

    A case somebody is claiming at this moment is left to them.
    """
    wanted = list(cases)
    if not wanted:
        return 0
    lock_shops(case.shop_id for case in wanted)
    free = Case.objects.still_open().filter(pk__in=[case.pk for case in wanted], owner=None)
    waiting = list(free.select_for_update(skip_locked=True).order_by("due_at", "pk"))
    declined: dict[int, set[int]] = defaultdict(set)
    releases = CaseChange.objects.filter(case__in=waiting, kind=CaseChange.Kind.RELEASED, actor__isnull=False)
    for case_id, user_id in releases.values_list("case", "actor"):
        declined[case_id].add(user_id)
    share_out(waiting, declined=declined)
    given: dict[User, list[Case]] = defaultdict(list)
    for case in waiting:
        if case.owner:
            given[case.owner].append(case)
    for owner, owned in given.items():
        Case.objects.filter(pk__in=[case.pk for case in owned]).update(owner=owner)
    lines = [
        CaseChange(case=case, at=now, kind=CaseChange.Kind.ASSIGNED, changes={"owner": ["", history.shown(owner)]})
        for owner, owned in given.items()
        for case in owned
    ]
    CaseChange.objects.bulk_create(lines)
    tell_urgent([case for owned in given.values() for case in owned], now=now)
    owners = {case.pk: case.owner for case in waiting}
    for case in wanted:
        case.owner = owners.get(case.pk, case.owner)
    return len(lines)


def assign_waiting(*, now: datetime, shops: Iterable[Shop] | None = None) -> int:
    """Hand out the open cases without an owner, of all shops or of `shops`; answers how many found one."""
    waiting = Case.objects.still_open().filter(owner=None)
    if shops is not None:
        waiting = waiting.filter(shop__in=shops)
    by_shop: dict[int, list[Case]] = defaultdict(list)
    for case in waiting:
        by_shop[case.shop_id].append(case)
    return sum(assign_cases(by_shop[shop_id], now=now) for shop_id in sorted(by_shop))


@transaction.atomic
def claim_case(*, case: Case, actor: User, now: datetime) -> None:
    """Make `actor` the owner of an open case nobody has; claiming one's own case again changes nothing.

    Raises AlreadyClaimed with the owner, CaseClosed, and PermissionDenied unless `actor` works for the shop.
    """
    if not _works_for(actor, case):
        raise PermissionDenied
    won = Case.objects.still_open().filter(pk=case.pk, owner=None).update(owner=actor)
    case.refresh_from_db()
    if won:
        changes = {"owner": ["", history.shown(actor)]}
        history.record(case=case, kind=CaseChange.Kind.CLAIMED, actor=actor, now=now, changes=changes)
    elif case.is_undone:
        raise CaseGone
    elif not case.is_open:
        raise CaseClosed
    elif case.owner is not None and case.owner != actor:
        raise AlreadyClaimed(case.owner)


@transaction.atomic
def reassign_case(*, case: Case, to: User, actor: User, now: datetime) -> None:
    """Give an open case to `to`, whoever has it. Giving it to its owner changes nothing.

    Raises NotOfTheShop, CaseClosed, and PermissionDenied unless `actor` supervises the shop.
    """
    lock_case(case)
    if not may_supervise(case, actor):
        raise PermissionDenied
    if not case.is_open:
        raise CaseClosed
    if not (to.is_active and _works_for(to, case)):
        raise NotOfTheShop(to)
    if case.owner != to:
        changes = change_case(case, owner=to)
        history.record(case=case, kind=CaseChange.Kind.ASSIGNED, actor=actor, now=now, changes=changes)
        tell_urgent([case], now=now, actor=actor)


@transaction.atomic
def release_case(*, case: Case, actor: User, now: datetime) -> None:
    """Leave an open case without an owner; it is not handed back to an agent who released it.

    Raises Refused where nobody has it, CaseClosed, and PermissionDenied unless `actor` may work the case.
    """
    begin_open_work(case, actor)
    if case.owner is None:
        raise Refused(_("Nobody has this case."))
    changes = change_case(case, owner=None)
    history.record(case=case, kind=CaseChange.Kind.RELEASED, actor=actor, now=now, changes=changes)
    tell_urgent([case], now=now, actor=actor)


def set_duty(*, agent: Agent, is_on_duty: bool, now: datetime) -> None:
    """Put an agent on or off duty; who comes on is handed the waiting cases of their shops."""
    agent.is_on_duty = is_on_duty
    agent.save(update_fields=["is_on_duty"])
    if is_on_duty:
        assign_waiting(now=now, shops=agent.user.shops.all())


def _works_for(user: User, case: Case) -> bool:
    return has_role(user, Role.ADMIN) or (has_role(user, Role.AGENT) and case.shop.members.filter(pk=user.pk).exists())
