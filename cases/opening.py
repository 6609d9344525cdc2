"""Cases follow reviews: one opens for each negative review, and what changes in a review reaches its case."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction

from cases import history
from cases.assignment import assign_cases, lock_shops, place_reopened, share_out
from cases.clocks.pace import paces_of
from cases.flow import change_case, contact_deadline, may_work, set_fields
from cases.models import Case, CaseChange, Outcome
from cases.notices.telling import tell_urgent
from cases.outcomes import closed, reopened
from cases.priority import is_backlog
from cases.settling.proofs import (
    PROVEN_BY,
    Proof,
    apply_proof,
    credits,
    is_closed_by_import,
    judged_follow_ups,
    proofs_in,
)
from cases.standing import RANKED, policies_of, rank, standings
from reviews.ingest.storing.bulk import copy_rows
from reviews.ingest.storing.classifying import Judgement
from reviews.models import Review, ReviewRevision

Changed = Mapping[int, Collection[str]]
"""Review id -> names of its changed fields."""
UPDATED_AT_ONCE = 500
WOKEN = ["is_backlog", "first_contact_due_at"]
"""Fields of a backlog case that a new complaint moves."""
FOLLOWING = [
    "state",
    "outcome",
    "closed_at",
    "due_at",
    "next_contact_at",
    "answered_at",
    "steps_done",
    *WOKEN,
    *PROVEN_BY,
    *RANKED,
]
"""Fields of a case that a change of its review can move."""
FOLLOWED = ["credited_to_id" if name == "credited_to" else name for name in FOLLOWING]
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
    _follow_changes(follow, cases, changed, now, may_reopen=not takes_back)
    return opened


DECIDED_BY_PEOPLE = frozenset({Outcome.REPORTED, Outcome.UPHELD, Outcome.MISTAKEN})
"""What a person found out about the review itself: no later import opens such a case again."""


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


def _follow_changes(
    reviews: Collection[Review], cases: Mapping[int, Case], changed: Changed, now: datetime, *, may_reopen: bool
) -> None:
    """Tell `cases` what changed in their reviews.

    A proof ends an open case whose complaint is gone; other open ones are ranked anew; closed ones reopen on a new
    complaint.
    """
    if not reviews:
        return
    policies = policies_of({review.shop_id for review in reviews})
    paces = paces_of(policies)
    stands = standings(reviews)
    told = _told_by_import(reviews, changed)
    follow_ups = judged_follow_ups(reviews, changed)
    proofs = proofs_in(reviews, cases, told, follow_ups, now)
    if not may_reopen:
        # Earlier values come back: that can take a proof away, but it proves nothing.
        proofs = {review_id: proof for review_id, proof in proofs.items() if proof.outcome is None}
    credited = credits([cases[review_id] for review_id, proof in proofs.items() if proof.outcome], policies, now)
    complaining = {review.pk for review in reviews if _complains_again(cases[review.pk], review, follow_ups, proofs)}
    if not may_reopen:
        complaining = {review_id for review_id in complaining if is_closed_by_import(cases[review_id])}
    due_before = {} if may_reopen else _due_before_closing([cases[review_id] for review_id in complaining])
    lines: list[CaseChange] = []
    moved = []
    for review in reviews:
        case = cases[review.pk]
        before = _followed(case)
        changes = told[review.pk]
        if review.pk in proofs:
            lines += apply_proof(case, proofs[review.pk], credited.get(case.pk), now)
        if review.pk in complaining:
            afresh = {"steps_done": 0} if may_reopen else {}
            due_at = due_before.get(case.pk) or paces[review.shop_id].due(now)
            again = set_fields(case, **reopened(case), due_at=due_at, **afresh)
            lines.append(CaseChange(case=case, at=now, kind=CaseChange.Kind.REOPENED, changes=again))
        elif case.is_open and case.is_backlog and review.pk in follow_ups and follow_ups[review.pk].is_negative:
            changes |= _wake(case, paces[review.shop_id].due(now))
        if case.is_open and review.is_negative:
            changes |= rank(case, stands[review.pk], now=now)
        if changes:
            lines.append(CaseChange(case=case, at=now, kind=CaseChange.Kind.REVIEW, changes=changes))
        if _followed(case) != before:
            moved.append(case)
    Case.objects.bulk_update(moved, FOLLOWING, batch_size=UPDATED_AT_ONCE)
    CaseChange.objects.bulk_create(lines)
    assign_cases([case for case in moved if case.is_open and case.owner_id is None], now=now)
    place_reopened([cases[review_id] for review_id in complaining], now=now)
    tell_urgent([case for case in moved if case.review_id not in complaining], now=now)
    tell_urgent([cases[review_id] for review_id in complaining], now=now, is_again=True)


def _wake(case: Case, due_at: datetime) -> history.Changes:
    """A backlog case whose buyer complains anew is work like any other, with its clock; answers what history shows."""
    changes = set_fields(case, is_backlog=False, due_at=case.due_at or due_at)
    if case.first_contacted_at is None:
        case.first_contact_due_at = case.due_at
    return {name: pair for name, pair in changes.items() if name == "due_at"}


def _complains_again(
    case: Case, review: Review, follow_ups: Mapping[int, Judgement], proofs: Mapping[int, Proof]
) -> bool:
    """Whether a closed case has to be opened again: by a follow-up that, by itself, complains; by a change that undoes
    what was proven; or by a complaint in what had been none."""
    if case.is_open or not review.is_negative:
        return False
    if case.outcome == Outcome.MISTAKEN:
        return True
    is_back = review.pk in proofs and proofs[review.pk].outcome is None
    is_new = review.pk in follow_ups and follow_ups[review.pk].is_negative
    return case.outcome not in DECIDED_BY_PEOPLE and (is_back or is_new)


def _due_before_closing(cases: Collection[Case]) -> dict[int, datetime]:
    """Case id -> when it was due until it closed, of those that were due at all."""
    closings = CaseChange.objects.filter(case__in=cases, kind=CaseChange.Kind.CLOSED).order_by("case", "-at", "-pk")
    told = closings.distinct("case").values_list("case", "changes__due_at__0")
    return {case_id: datetime.fromisoformat(due_at) for case_id, due_at in told if due_at}


def _told_by_import(reviews: Collection[Review], changed: Changed) -> dict[int, dict[str, list[Any]]]:
    """Review id -> its changed fields' [old, new] values."""
    revisions = _last_revisions(reviews)
    return {
        review.pk: {name: pair for name, pair in revisions.get(review.pk, {}).items() if name in changed[review.pk]}
        for review in reviews
    }


def _followed(case: Case) -> tuple[Any, ...]:
    return tuple(getattr(case, name) for name in FOLLOWED)


def _last_revisions(reviews: Collection[Review]) -> dict[int, dict[str, list[Any]]]:
    """Review id -> its fields' [old, new] values as the newest revision keeps them."""
    newest = ReviewRevision.objects.filter(review__in=reviews).order_by("review", "-pk").distinct("review")
    return dict(newest.values_list("review", "changes"))
