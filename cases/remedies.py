"""Remedies: what the shop gives to settle the buyer's problem, decided without regard to the review."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from cases import history
from cases.flow import Refused, begin_open_work, may_supervise
from cases.models import Case, CaseChange, Remedy, ShopPolicy
from cases.replies import Rule, check_reply

_PAYING = frozenset({Rule.COMPENSATION_TIED, Rule.BOUGHT_REVIEWS})


class OverCap(Refused):
    """Worth more than an agent of this shop may grant; `cap` is in yuan."""

    def __init__(self, cap: Decimal) -> None:
        super().__init__(
            _("An agent may grant up to %(cap)s yuan. Escalate the case to the supervisor.") % {"cap": cap}
        )
        self.cap = cap


def pays_for_review(text: str) -> bool:
    """Whether `text` hangs something of value on what the buyer writes, or buys a review."""
    return any(finding.rule in _PAYING for finding in check_reply(text, cause=None).findings)


@transaction.atomic
def agree_remedy(*, case: Case, actor: User, now: datetime, kind: str, amount: Decimal, note: str = "") -> Remedy:
    """Keep a remedy agreed with the buyer; `amount` is its worth in yuan.

    Raises OverCap where all remedies of the case together are above the cap, unless `actor` supervises the shop;
    Refused for a negative amount or a note that ties the remedy to the review; CaseClosed; and PermissionDenied unless
    `actor` may work the case.
    """
    begin_open_work(case, actor)
    if amount < 0:
        raise Refused(_("The worth of a remedy is never negative."))
    if pays_for_review(note):
        raise Refused(_("The note ties the remedy to the review. That is unlawful: it settles the problem alone."))
    cap = ShopPolicy.of(case.shop).remedy_cap
    granted = case.remedies.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)
    if granted + amount > cap and not may_supervise(case, actor):
        raise OverCap(cap)
    remedy = Remedy.objects.create(case=case, kind=kind, amount=amount, note=note, agreed_by=actor, agreed_at=now)
    changes = {"kind": ["", kind], "amount": ["", str(amount)]}
    history.record(case=case, kind=CaseChange.Kind.REMEDY, actor=actor, now=now, changes=changes, comment=note)
    return remedy
