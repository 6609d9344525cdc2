"""People decide who works a case: they claim it, take the best that waits, give it away or give it back."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases import history
from cases.assignment.takers import fitting, open_loads
from cases.flow import CaseClosed, Refused, begin_open_work, change_case, lock_case, may_supervise
from cases.handing_out import hand_out_soon
from cases.models import Agent, Case, CaseChange
from cases.models.case import IN_QUEUE
from cases.notices.telling import tell_urgent
from reviewdesk.access import Role, has_role, name_of
from reviews.models import shops_of


class AlreadyClaimed(Refused):
    """Somebody else works the case."""

    def __init__(self, owner: User) -> None:
        super().__init__(_("%(owner)s has taken this case already.") % {"owner": name_of(owner)})
        self.owner = owner


class NotOfTheShop(Refused):
    """The person cannot be given cases of this shop."""

    def __init__(self, user: User) -> None:
        super().__init__(_("%(user)s does not work for this shop.") % {"user": name_of(user)})


class NoRoom(Refused):
    """The agent has as many open cases as they may have at once."""

    def __init__(self, count: int) -> None:
        words = ngettext(
            "You have %(n)d open case, and may not have more at once. Close one first.",
            "You have %(n)d open cases, and may not have more at once. Close one first.",
            count,
        )
        super().__init__(words % {"n": count})


@transaction.atomic
def claim_case(*, case: Case, actor: User, now: datetime) -> None:
    """Make `actor` the owner of an open case nobody has; claiming one's own case again changes nothing.

    Raises AlreadyClaimed with the owner, CaseClosed, CaseGone, NoRoom, and PermissionDenied unless `actor` works for
    the shop.
    """
    if not works_for(actor, case):
        raise PermissionDenied
    lock_case(case)
    if not case.is_open:
        raise CaseClosed
    if case.owner is None:
        _take(case, actor, now)
    elif case.owner != actor:
        raise AlreadyClaimed(case.owner)


@transaction.atomic
def claim_next(*, cases: QuerySet[Case], actor: User, now: datetime) -> Case | None:
    """Make `actor` the owner of the best of `cases` that nobody has, by the order of the queue and the actor's skills.

    What others are claiming at this moment is passed over, and so is what the actor gave back. None where nothing is
    left. Raises NoRoom.
    """
    agent = Agent.objects.filter(user=actor).first()
    releases = CaseChange.objects.filter(case=OuterRef("pk"), kind=CaseChange.Kind.RELEASED, actor=actor)
    free = Case.objects.visible_to(actor).still_open().filter(~Exists(releases), pk__in=cases.values("pk"), owner=None)
    if agent:
        free = free.filter(fitting([agent]))
    case = free.order_by("is_backlog", *IN_QUEUE).select_for_update(skip_locked=True, of=("self",)).first()
    if case:
        _take(case, actor, now)
    return case


def _take(case: Case, actor: User, now: datetime) -> None:
    """Give the locked `case` to `actor`. Raises NoRoom."""
    agent = Agent.objects.select_for_update(no_key=True).filter(user=actor).first()
    if agent and (load := open_loads([actor.pk])[actor.pk]) >= agent.open_capacity:
        raise NoRoom(load)
    changes = change_case(case, owner=actor)
    history.record(case=case, kind=CaseChange.Kind.CLAIMED, actor=actor, now=now, changes=changes)


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
    if not (to.is_active and works_for(to, case)):
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
    hand_out_soon()


def works_for(user: User, case: Case) -> bool:
    return has_role(user, Role.AGENT) and case.shop_id in shops_of(user)
