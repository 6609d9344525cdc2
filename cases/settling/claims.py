"""Claims: what agents state of a review, and imports have not shown. A supervisor looks at what stays unconfirmed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from cases import history
from cases.assignment import lock_shops
from cases.flow import Refused, change_case, lock_case, may_supervise
from cases.models import Case, CaseChange, Claim
from cases.notices.telling import tell_answer
from cases.outcomes import reopen_case
from reviews.models import ImportBatch, StagedRow

UNPROVEN = (Claim.WAITING, Claim.CONTRADICTED)


def to_check(now: datetime) -> Q:
    """Which cases have a claim that a supervisor should look at: contradicted, or unconfirmed for too long."""
    return Q(check_claim_at__lte=now)


@transaction.atomic
def question_claims(sender: object = None, *, batch: ImportBatch, now: datetime, **_kwargs: Any) -> int:
    """Mark claims that the import contradicts: it has the review, and nothing in it proved the claim; how many.

    An import is known to be younger than a claim where it has a review written after the claim: an older file, brought
    late, contradicts nothing. Receives reviews.signals.import_stored.
    """
    if batch.kind != ImportBatch.Kind.REVIEWS or batch.last_at is None:
        return 0
    waiting = Case.objects.filter(
        shop=batch.shop_id, claim=Claim.WAITING, check_claim_at__isnull=False, closed_at__lt=batch.last_at
    )
    if not waiting.exists():
        return 0
    lock_shops([batch.shop_id])
    held = StagedRow.objects.filter(batch=batch, identity=OuterRef("review__identity"))
    contradicted = waiting.filter(Exists(held)).order_by("pk").select_for_update(of=("self",))
    for case in contradicted:
        _settle(case, Claim.CONTRADICTED, None, now, check_claim_at=now)
    return len(contradicted)


@transaction.atomic
def confirm_claim(*, case: Case, actor: User, now: datetime, comment: str) -> None:
    """Note that the claim is true, seen with one's own eyes; `comment` says where.

    Raises Refused where no claim waits or `comment` is empty, PermissionDenied unless `actor` supervises the shop.
    """
    _begin(case, actor)
    if not comment.strip():
        raise Refused(_("Say what you saw."))
    _settle(case, Claim.CONFIRMED, actor, now, comment)


@transaction.atomic
def accept_claim(*, case: Case, actor: User, now: datetime, comment: str = "") -> None:
    """Let the claim stand without proof. Raises as `confirm_claim` does, but for the comment."""
    _begin(case, actor)
    _settle(case, Claim.ACCEPTED, actor, now, comment)


@transaction.atomic
def send_back(*, case: Case, actor: User, now: datetime, comment: str) -> None:
    """Open the case again for its owner, who finds it on top with `comment`. Raises as `confirm_claim` does."""
    lock_shops([case.shop_id])
    _begin(case, actor)
    if not comment.strip():
        raise Refused(_("Say what the agent should do."))
    reopen_case(case=case, actor=actor, now=now, comment=comment)
    change_case(case, answered_at=now)
    tell_answer(case, now=now, actor=actor)


def _begin(case: Case, actor: User) -> None:
    lock_case(case)
    if not may_supervise(case, actor):
        raise PermissionDenied
    if case.is_open or case.claim not in UNPROVEN:
        raise Refused(_("Nothing is left to check here: %(state)s.") % {"state": case.get_claim_display() or case})


def _settle(
    case: Case, claim: Claim, actor: User | None, now: datetime, comment: str = "", *, check_claim_at: Any = None
) -> None:
    changes = change_case(case, claim=claim.value, check_claim_at=check_claim_at)
    history.record(case=case, kind=CaseChange.Kind.CLAIM, actor=actor, now=now, changes=changes, comment=comment)
