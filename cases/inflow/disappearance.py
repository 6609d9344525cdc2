"""Cases follow what is known of their reviews' whereabouts: one that is gone ends its case, one that is back does not.

That a review is gone is a fact of the review; what the agent stated when closing the case before stays beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction

from cases import history
from cases.assignment import assign_cases, lock_shops, place_reopened
from cases.clocks.pace import paces_of
from cases.flow import change_case, may_work
from cases.models import Case, CaseChange, Outcome
from cases.outcomes import reopened
from cases.settling.proofs import PROVEN_BY, Proof, apply_proof, credits, is_closed_by_import
from cases.standing import policies_of
from reviews.models import Review

Kind = CaseChange.Kind


@transaction.atomic
def follow_gone(sender: object = None, *, review: Review, actor: User, now: datetime, **_: Any) -> None:
    """Tell the case of `review` that the platform no longer shows it; an open one closes.

    Receives reviews.signals.review_gone. Raises PermissionDenied where somebody else has the case, unless `actor`
    supervises it.
    """
    case = Case.objects.filter(review=review).select_for_update().first()
    if case is None:
        return
    _refuse_others(case, actor)
    history.record(case=case, kind=Kind.GONE, actor=actor, now=now, changes={"gone_at": ["", history.shown(now)]})
    credited = credits([case], policies_of([case.shop_id]), now).get(case.pk)
    _keep(case, apply_proof(case, Proof(Outcome.DELETED, now), credited, now), actor)


@transaction.atomic
def follow_back(
    sender: object = None, *, confirmed_at: Mapping[int, datetime], actor: User | None, now: datetime, **_: Any
) -> None:
    """Tell the cases of reviews that are not gone after all; those that closed for it open again, with a new deadline.

    Receives reviews.signals.reviews_back. Raises PermissionDenied as `follow_gone` does.
    """
    told = Case.objects.filter(review__in=confirmed_at).select_related("review").order_by("pk")
    shop_ids = set(told.values_list("shop", flat=True).order_by().distinct())
    lock_shops(shop_ids)
    cases = list(told.select_for_update(of=("self",)))
    paces = paces_of(policies_of(shop_ids))
    back = []
    for case in cases:
        if actor is not None:
            _refuse_others(case, actor)
        gone_at = confirmed_at[case.review_id]
        changes = {"gone_at": [history.shown(gone_at), ""]}
        history.record(case=case, kind=Kind.BACK, actor=actor, now=now, changes=changes)
        is_closed_so = is_closed_by_import(case) and case.closed_at == gone_at
        if case.proven == Outcome.DELETED:
            _keep(case, apply_proof(case, Proof(None, now), None, now), actor)
        if is_closed_so and case.review.is_negative:
            again = change_case(case, **reopened(case), due_at=paces[case.shop_id].due(now))
            history.record(case=case, kind=Kind.REOPENED, actor=actor, now=now, changes=again)
            back.append(case)
    place_reopened(back, now=now)
    assign_cases([case for case in cases if case.is_open and case.owner_id is None], now=now)


def _keep(case: Case, lines: Iterable[CaseChange], actor: User | None) -> None:
    """Save the case and what its history says of it, in the name of who says so."""
    for line in lines:
        line.actor = actor
        line.save()
    case.save(update_fields=["state", "outcome", "closed_at", "due_at", "next_contact_at", "answered_at", *PROVEN_BY])


def _refuse_others(case: Case, actor: User) -> None:
    if case.owner_id and not may_work(case, actor):
        raise PermissionDenied
