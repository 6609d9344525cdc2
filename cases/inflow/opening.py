"""One case opens for each negative review. What people say of its causes reaches it here, imports in `revisions`."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction

from cases import history
from cases.assignment import lock_shops, place_reopened, share_out
from cases.clocks.pace import paces_of
from cases.flow import change_case, contact_deadline, may_work
from cases.inflow.revisions import Changed, follow_changes
from cases.models import Case, CaseChange, Outcome
from cases.notices.telling import tell_urgent
from cases.outcomes import closed, reopened
from cases.priority import is_backlog
from cases.standing import RANKED, policies_of, rank, standings
from reviews.ingest.storing.bulk import copy_rows
from reviews.models import Review

AFRESH = [
    field.name
    for field in Case._meta.concrete_fields
    if field.name not in {"id", "review", "shop"} and not field.generated
]


@transaction.atomic
def open_cases(
    sender: object = None,
    *,
    review_ids: Collection[int],
    changed: Changed,
    now: datetime,
    takes_back: bool = False,
    **_: Any,
) -> int:
    """Open a case for each negative review of `review_ids` that has none, and tell the cases of `changed` ones.

    With `takes_back` the changes are no news, only earlier values again: no closed case opens for them.

    Receives reviews.signals.batch_classified and answers how many cases it opened. Doing it again opens nothing. The
    lock on the shop makes a second worker with the same reviews wait, and then see their cases.
    """
    # Thousands of reviews are of one shop and of some hundred products: a join would make each of these anew.
    concerned = Review.objects.filter(pk__in=review_ids).order_by("pk")
    reviews = list(concerned.prefetch_related("shop", "product", "causes"))
    if not reviews:
        return 0
    lock_shops({review.shop_id for review in reviews})
    existing = Case.with_undone.filter(review__in=reviews).order_by("pk").select_for_update()
    cases = {case.review_id: case for case in existing}
    undone = {pk: case for pk, case in cases.items() if case.is_undone}
    opened = _open(
        [review for review in reviews if review.is_negative and (review.pk not in cases or review.pk in undone)],
        undone,
        now,
    )
    follow = [review for review in reviews if review.pk in cases.keys() - undone.keys() and changed.get(review.pk)]
    follow_changes(follow, cases, changed, now, may_reopen=not takes_back)
    return opened


@transaction.atomic
def follow_correction(
    sender: object = None,
    *,
    review: Review,
    before: list[str],
    after: list[str],
    actor: User,
    now: datetime,
    is_withdrawn: bool = False,
    **_: Any,
) -> None:
    """Tell the case of `review` that a person chose its causes, and rank it anew; without a complaint it closes.

    A case that had closed so opens again when somebody finds a complaint after all. Raises PermissionDenied where that
    would close or open the case of somebody whose cases `actor` may not work.

    Receives reviews.signals.causes_corrected.
    """
    shop_id = Case.objects.filter(review=review).values_list("shop", flat=True).first()
    if shop_id is None:
        return
    # Nobody changes the rules by which it may open again.
    lock_shops([shop_id])
    case = Case.objects.filter(review=review).select_for_update().first()
    if case is None:
        return
    kind, changes = _told(before, after, is_withdrawn=is_withdrawn)
    if case.is_open and review.is_negative:
        corrected = Review.objects.select_related("shop", "product").get(pk=review.pk)
        changes |= rank(case, standings([corrected])[corrected.pk], now=now)
        case.save(update_fields=RANKED)
    history.record(case=case, kind=kind, actor=actor, now=now, changes=changes)
    is_over = case.is_open and not review.is_negative
    is_back = case.outcome == Outcome.MISTAKEN and review.is_negative
    if (is_over or is_back) and case.owner_id and not may_work(case, actor):
        raise PermissionDenied
    if is_over:
        ended = change_case(case, **closed(case, Outcome.MISTAKEN, now))
        history.record(case=case, kind=CaseChange.Kind.CLOSED, actor=actor, now=now, changes=ended)
    elif is_back:
        again = change_case(case, **reopened(case), due_at=contact_deadline(case, now))
        history.record(case=case, kind=CaseChange.Kind.REOPENED, actor=actor, now=now, changes=again)
        if case.owner_id != actor.pk:
            place_reopened([case], now=now)


def _told(before: list[str], after: list[str], *, is_withdrawn: bool) -> tuple[CaseChange.Kind, history.Changes]:
    """What history says of a person's word about causes; who agrees with what was there changes nothing."""
    if is_withdrawn:
        return CaseChange.Kind.WITHDRAWN, {"causes": [before, after]}
    if before == after:
        return CaseChange.Kind.CONFIRMED, {"causes": [[], after]}
    return CaseChange.Kind.CAUSES, {"causes": [before, after]}


def _open(reviews: Collection[Review], undone: Mapping[int, Case], now: datetime) -> int:
    """Open cases; a review whose case was `undone` (by its id) has that one start afresh."""
    if not reviews:
        return 0
    policies = policies_of({review.shop_id for review in reviews})
    deadlines = {shop_id: pace.due(now) for shop_id, pace in paces_of(policies).items()}
    stands = standings(reviews)
    cases = []
    for review in reviews:
        waits = is_backlog(review.append_at or review.reviewed_at, now, policies[review.shop_id].backlog_days)
        due_at = None if waits else deadlines[review.shop_id]
        case = Case(review=review, shop_id=review.shop_id, opened_at=now, first_contact_due_at=due_at, due_at=due_at)
        case.is_backlog = waits
        case.pk = undone[review.pk].pk if review.pk in undone else None
        rank(case, stands[review.pk], now=now)
        cases.append(case)
    share_out(cases, now=now)
    Case.objects.bulk_create(case for case in cases if case.pk is None)
    Case.with_undone.bulk_update([case for case in cases if case.review_id in undone], AFRESH)
    _record_openings(cases, now)
    tell_urgent(cases, now=now)
    return len(cases)


def _record_openings(cases: Collection[Case], now: datetime) -> None:
    copy_rows(
        CaseChange,
        ("case", "at", "kind", "changes", "comment"),
        ((case.pk, now, CaseChange.Kind.OPENED.value, json.dumps(_told_at_opening(case)), "") for case in cases),
    )


def _told_at_opening(case: Case) -> history.Changes:
    changes: history.Changes = {"tier": ["", case.tier]}
    if case.owner:
        changes["owner"] = ["", history.shown(case.owner)]
    return changes
