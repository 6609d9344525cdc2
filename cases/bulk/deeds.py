"""What each kind of bulk act does to one case: the service that the case's own page calls, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from cases.assignment import claim_case, reassign_case, release_case
from cases.flow import Refused, choose_tier
from cases.models import BulkAct, Case
from cases.outcomes import close_case
from cases.settling.escalations import escalate_case
from cases.taking_back import fields_of
from reviewdesk.access import Role, has_role, name_of

Kind = BulkAct.Kind
Deed = Callable[..., object]
UNDOABLE = frozenset(set(Kind) - {Kind.ESCALATE})
"""A question has reached the supervisor by then."""


def kinds_for(user: User) -> list[Kind]:
    """What `user` may do with many cases."""
    return [kind for kind in Kind if kind is not Kind.GIVE or has_role(user, Role.SUPERVISOR)]


def deed_of(act: BulkAct) -> Callable[[Case, datetime], None]:
    """Does the act to a case, in the name of its actor. Raises Refused with the reason, also where they may not, and
    where nothing would change; what a service wrote by then is to be rolled back."""
    service, details, actor = SERVICES[Kind(act.kind)], _details(act), act.actor

    def do(case: Case, now: datetime) -> None:
        before = fields_of(case)
        try:
            service(case=case, actor=actor, now=now, **details)
        except PermissionDenied:
            raise Refused(_not_theirs(case)) from None
        if fields_of(case) == before:
            raise Refused(_("It is so already."))

    return do


def _details(act: BulkAct) -> dict[str, Any]:
    if act.kind == Kind.GIVE:
        return {"to": User.objects.get(pk=act.details["to"])}
    return dict(act.details)


def _not_theirs(case: Case) -> str:
    if case.owner is None:
        return _("Nobody has this case: claim it first.")
    return _("This case is worked by %(owner)s.") % {"owner": name_of(case.owner)}


SERVICES: dict[Kind, Deed] = {
    Kind.CLAIM: claim_case,
    Kind.RELEASE: release_case,
    Kind.GIVE: reassign_case,
    Kind.TIER: choose_tier,
    Kind.CLOSE: close_case,
    Kind.ESCALATE: escalate_case,
}
