"""What people decide about turning to a buyer: not by phone, by phone again, or once beyond the limits."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from cases import history
from cases.contacts.rules import rules_held
from cases.flow import CaseClosed, Refused, begin_work, lock_case, may_supervise
from cases.models import Case, CaseChange, ContactRuling

Kind = ContactRuling.Kind


@transaction.atomic
def ask_not_to_phone(*, case: Case, reason: str, actor: User, now: datetime) -> ContactRuling:
    """Note that the buyer asked not to be phoned, `reason` in which words; it holds for all cases of the buyer.

    Raises PermissionDenied unless `actor` may work the case. A closed case takes it too.
    """
    begin_work(case, actor)
    return _decide(case, Kind.NO_PHONE, reason, actor, now)


@transaction.atomic
def lift_phone_refusal(*, case: Case, reason: str, actor: User, now: datetime) -> ContactRuling:
    """Let the buyer be phoned again, in spite of every wish known now; one told later stands again.

    Raises Refused where nothing is to be lifted, PermissionDenied unless `actor` supervises the shop.
    """
    _begin_supervision(case, actor)
    wishes = rules_held(case, now=now).wishes
    if not wishes:
        raise Refused(_("Nothing keeps this buyer from being phoned."))
    return _decide(case, Kind.MAY_PHONE, reason, actor, now, answers=[wish.key for wish in wishes])


@transaction.atomic
def allow_exception(*, case: Case, reason: str, actor: User, now: datetime) -> ContactRuling:
    """Allow one contact of the case, within a day, beyond quiet hours and budget, but not against the buyer's wish.

    Raises CaseClosed, Refused while an earlier exception is unused, and PermissionDenied unless `actor` supervises
    the shop.
    """
    _begin_supervision(case, actor)
    if not case.is_open:
        raise CaseClosed
    if rules_held(case, now=now).exception:
        raise Refused(_("One contact beyond the limits is allowed already."))
    return _decide(case, Kind.EXCEPTION, reason, actor, now)


def _begin_supervision(case: Case, actor: User) -> None:
    lock_case(case)
    if not may_supervise(case, actor):
        raise PermissionDenied


def _decide(
    case: Case, kind: Kind, reason: str, actor: User, now: datetime, answers: list[str] | None = None
) -> ContactRuling:
    ruling = ContactRuling.objects.create(
        case=case, kind=kind, reason=reason, actor=actor, at=now, answers=answers or []
    )
    history.record(case=case, kind=CaseChange.Kind(kind.value), actor=actor, now=now, comment=reason)
    return ruling
