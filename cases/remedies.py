"""Remedies: what the shop gives to settle the buyer's problem, decided without regard to the review.

An agent agrees up to the shop's cap; what is above it is asked of the supervisor by the same form. What was agreed is a
promise until it was handed over.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from cases import history
from cases.flow import CaseClosed, Refused, begin_open_work, begin_work, change_case, lock_case, may_supervise
from cases.models import Case, CaseChange, Remedy, RemedyRequest, ShopPolicy
from cases.notices.telling import tell_answer, tell_request
from cases.replies import Rule, check_reply

Kind = CaseChange.Kind
Asked = RemedyRequest.State
_PAYING = frozenset({Rule.COMPENSATION_TIED, Rule.BOUGHT_REVIEWS})


@dataclass(frozen=True, slots=True)
class RemedyDraft:
    """A remedy as somebody enters it; `amount` is its worth in yuan. Without `due_on` the shop's usual days count."""

    kind: str
    amount: Decimal
    note: str = ""
    due_on: date | None = None


def pays_for_review(text: str) -> bool:
    """Whether `text` hangs something of value on what the buyer writes, or buys a review."""
    return any(finding.rule in _PAYING for finding in check_reply(text, cause=None).findings)


def granted_worth(case: Case) -> Decimal:
    """What all remedies of the case are worth together, those that were dropped left out."""
    granted = case.remedies.exclude(state=Remedy.State.DROPPED).aggregate(sum=Sum("amount"))["sum"]
    return granted or Decimal(0)


@transaction.atomic
def agree_remedy(*, case: Case, actor: User, now: datetime, draft: RemedyDraft) -> Remedy | RemedyRequest:
    """Keep a remedy agreed with the buyer, or ask the supervisor for it.

    It is asked for where all remedies of the case together are above the cap, unless `actor` supervises the shop.
    Raises Refused for a negative amount, a note that ties the remedy to the review, and a second request while one
    waits; CaseClosed; and PermissionDenied unless `actor` may work the case.
    """
    begin_open_work(case, actor)
    if draft.amount < 0:
        raise Refused(_("The worth of a remedy is never negative."))
    if pays_for_review(draft.note):
        raise Refused(
            _("The note ties the remedy to the review. That is unlawful: it settles the problem alone."), "note"
        )
    is_above = granted_worth(case) + draft.amount > ShopPolicy.of(case.shop).remedy_cap
    if is_above and not may_supervise(case, actor):
        return _ask(case, actor, now, draft)
    return _keep(case, actor, now, draft)


def is_agreed(*, case: Case, actor: User, draft: RemedyDraft, among: QuerySet[CaseChange]) -> bool:
    """Whether one of the lines of history `among` tells that `actor` agreed, or asked for, the same as `draft`."""
    lines = among.filter(actor=actor)
    same: dict[str, Any] = {"kind": draft.kind, "amount": draft.amount, "note": draft.note}
    asked = case.remedy_requests.filter(asked_by=actor, asked_at__in=lines.filter(kind=Kind.ASKED).values("at"), **same)
    if draft.due_on:
        same["due_on"] = draft.due_on
    kept = case.remedies.filter(agreed_by=actor, agreed_at__in=lines.filter(kind=Kind.REMEDY).values("at"), **same)
    return asked.exists() or kept.exists()


def _ask(case: Case, actor: User, now: datetime, draft: RemedyDraft) -> RemedyRequest:
    if case.remedy_requests.filter(state=Asked.ASKED).exists():
        raise Refused(_("A remedy above the cap waits for the supervisor already. Take it back to ask for another."))
    asked = RemedyRequest.objects.create(
        case=case, kind=draft.kind, amount=draft.amount, note=draft.note, asked_by=actor, asked_at=now
    )
    _note(Kind.ASKED, asked, actor, now, draft.note)
    tell_request(case, now=now, actor=actor)
    return asked


def _keep(case: Case, actor: User, now: datetime, draft: RemedyDraft) -> Remedy:
    usual = timezone.localdate(now) + timedelta(days=ShopPolicy.of(case.shop).remedy_days)
    remedy = Remedy.objects.create(
        case=case,
        kind=draft.kind,
        amount=draft.amount,
        note=draft.note,
        agreed_by=actor,
        agreed_at=now,
        due_on=draft.due_on or usual,
    )
    _note(Kind.REMEDY, remedy, actor, now, draft.note)
    return remedy


@transaction.atomic
def grant_remedy(*, request: RemedyRequest, actor: User, now: datetime, remark: str = "") -> Remedy:
    """Make what was asked for a remedy of the case. Raises as `refuse_remedy` does."""
    _begin_decision(request, actor)
    draft = RemedyDraft(request.kind, request.amount, request.note)
    request.remedy = _keep(request.case, actor, now, draft)
    _decide(request, Asked.GRANTED, actor, now, remark)
    return request.remedy


@transaction.atomic
def refuse_remedy(*, request: RemedyRequest, actor: User, now: datetime, remark: str = "") -> None:
    """Say no, and let the owner go on with that.

    Raises Refused where it was decided or taken back meanwhile and where no reason is given, CaseClosed, and
    PermissionDenied unless `actor` supervises the shop.
    """
    _begin_decision(request, actor)
    if not remark.strip():
        raise Refused(_("Say why, so that the agent can tell the buyer."))
    _note(Kind.REFUSED, request, actor, now, remark)
    _decide(request, Asked.REFUSED, actor, now, remark)


@transaction.atomic
def withdraw_request(*, request: RemedyRequest, actor: User, now: datetime) -> None:
    """Take back what was asked. Raises Refused where it was decided, and PermissionDenied as `begin_work` does."""
    begin_work(request.case, actor)
    _hold(request)
    _note(Kind.UNASKED, request, actor, now)
    request.state, request.decided_by, request.decided_at = Asked.WITHDRAWN, actor, now
    request.save(update_fields=["state", "decided_by", "decided_at"])


@transaction.atomic
def settle_remedy(*, remedy: Remedy, state: str, actor: User, now: datetime, note: str = "") -> None:
    """Note that a promised remedy was handed over (`note` may be the proof), or dropped, which needs its reason.

    Raises Refused where that was noted before, PermissionDenied unless `actor` may work the case; it may be closed.
    """
    begin_work(remedy.case, actor)
    remedy.refresh_from_db(from_queryset=Remedy.objects.select_for_update())
    if remedy.state != Remedy.State.PROMISED:
        raise Refused(_("This remedy is no longer open: %(state)s.") % {"state": remedy.get_state_display()})
    if state == Remedy.State.DROPPED and not note.strip():
        raise Refused(_("Say why the remedy is dropped."))
    remedy.state, remedy.settled_by, remedy.settled_at, remedy.settled_note = state, actor, now, note
    remedy.save(update_fields=["state", "settled_by", "settled_at", "settled_note"])
    _note(Kind.DONE if state == Remedy.State.DONE else Kind.DROPPED, remedy, actor, now, note)


def _begin_decision(request: RemedyRequest, actor: User) -> None:
    lock_case(request.case)
    if not may_supervise(request.case, actor):
        raise PermissionDenied
    if not request.case.is_open:
        raise CaseClosed
    _hold(request)


def _hold(request: RemedyRequest) -> None:
    """Lock the request, which the lock on its case guards. Raises Refused unless it waits."""
    case = request.case
    request.refresh_from_db(from_queryset=RemedyRequest.objects.select_for_update())
    request.case = case
    if request.state == Asked.ASKED:
        return
    if request.state == Asked.WITHDRAWN:
        raise Refused(_("This remedy is no longer asked for."))
    raise Refused(
        _("%(who)s has decided already: %(state)s.")
        % {"who": history.shown(request.decided_by), "state": request.get_state_display()}
    )


def _decide(request: RemedyRequest, state: Asked, actor: User, now: datetime, remark: str) -> None:
    request.state, request.decided_by, request.decided_at, request.remark = state, actor, now, remark
    request.save(update_fields=["state", "decided_by", "decided_at", "remark", "remedy"])
    change_case(request.case, answered_at=now)
    tell_answer(request.case, now=now, actor=actor)


def _note(kind: Kind, what: Remedy | RemedyRequest, actor: User, now: datetime, comment: str = "") -> None:
    changes: history.Changes = {"kind": ["", what.kind], "amount": ["", str(what.amount)]}
    history.record(case=what.case, kind=kind, actor=actor, now=now, changes=changes, comment=comment)
