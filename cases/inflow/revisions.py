"""What imports change in reviews reaches their cases: a proof ends one, a new complaint opens it again, open ones are
ranked anew."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User

from cases import history
from cases.assignment import assign_cases, place_reopened
from cases.clocks.pace import Pace, paces_of
from cases.flow import set_fields
from cases.models import Case, CaseChange, Outcome
from cases.notices.telling import tell_urgent
from cases.outcomes import reopened
from cases.settling.proofs import (
    PROVEN_BY,
    Proof,
    apply_proof,
    credits,
    is_closed_by_import,
    judged_follow_ups,
    proofs_in,
)
from cases.standing import RANKED, Standing, policies_of, rank, standings
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
DECIDED_BY_PEOPLE = frozenset({Outcome.REPORTED, Outcome.UPHELD, Outcome.MISTAKEN})
"""What a person found out about the review itself: no later import opens such a case again."""


def follow_changes(
    reviews: Collection[Review], cases: Mapping[int, Case], changed: Changed, now: datetime, *, may_reopen: bool
) -> None:
    """Tell `cases`, by the ids of their `reviews`, what changed in these, and save them with their history.

    Without `may_reopen` earlier values come back: that can take a proof away, but it proves nothing and is no new
    complaint. The caller holds the locks of the shops and of the cases.
    """
    if not reviews:
        return
    told = _told_by(reviews, cases, changed, now, may_reopen=may_reopen)
    lines: list[CaseChange] = []
    moved = []
    for review in reviews:
        case = cases[review.pk]
        before = _followed(case)
        lines += told.reach(case, review)
        if _followed(case) != before:
            moved.append(case)
    Case.objects.bulk_update(moved, FOLLOWING, batch_size=UPDATED_AT_ONCE)
    CaseChange.objects.bulk_create(lines)
    assign_cases([case for case in moved if case.is_open and case.owner_id is None], now=now)
    place_reopened([cases[review_id] for review_id in told.complaining], now=now)
    tell_urgent([case for case in moved if case.review_id not in told.complaining], now=now)
    tell_urgent([cases[review_id] for review_id in told.complaining], now=now, is_again=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What changed in reviews and what it comes to, by the id of the review where nothing else is said."""

    now: datetime
    may_reopen: bool
    changes: dict[int, dict[str, list[Any]]]
    """Fields' [old, new] values."""
    follow_ups: dict[int, Judgement]
    proofs: dict[int, Proof]
    complaining: set[int]
    """Whose closed cases open again."""
    stands: dict[int, Standing]
    paces: dict[int, Pace]
    """By shop."""
    credited: dict[int, User]
    """Whose work a proof is, by case."""
    due_before: dict[int, datetime]
    """By case."""

    def reach(self, case: Case, review: Review) -> Iterator[CaseChange]:
        """Set, without saving, what becomes of the case of `review`; yields its lines of history, not saved either."""
        changes = self.changes[review.pk]
        if review.pk in self.proofs:
            yield from apply_proof(case, self.proofs[review.pk], self.credited.get(case.pk), self.now)
        if review.pk in self.complaining:
            afresh = {"steps_done": 0} if self.may_reopen else {}
            due_at = self.due_before.get(case.pk) or self._due(case)
            again = set_fields(case, **reopened(case), due_at=due_at, **afresh)
            yield CaseChange(case=case, at=self.now, kind=CaseChange.Kind.REOPENED, changes=again)
        elif case.is_open and case.is_backlog and _complains_anew(review, self.follow_ups):
            changes |= _wake(case, self._due(case))
        if case.is_open and review.is_negative:
            changes |= rank(case, self.stands[review.pk], now=self.now)
        if changes:
            yield CaseChange(case=case, at=self.now, kind=CaseChange.Kind.REVIEW, changes=changes)

    def _due(self, case: Case) -> datetime:
        return self.paces[case.shop_id].due(self.now)


def _told_by(
    reviews: Collection[Review], cases: Mapping[int, Case], changed: Changed, now: datetime, *, may_reopen: bool
) -> _Told:
    policies = policies_of({review.shop_id for review in reviews})
    changes = _last_changes(reviews, changed)
    follow_ups = judged_follow_ups(reviews, changed)
    proofs = proofs_in(reviews, cases, changes, follow_ups, now)
    if not may_reopen:
        proofs = {review_id: proof for review_id, proof in proofs.items() if proof.outcome is None}
    complaining = {review.pk for review in reviews if _complains_again(cases[review.pk], review, follow_ups, proofs)}
    if not may_reopen:
        complaining = {review_id for review_id in complaining if is_closed_by_import(cases[review_id])}
    return _Told(
        now=now,
        may_reopen=may_reopen,
        changes=changes,
        follow_ups=follow_ups,
        proofs=proofs,
        complaining=complaining,
        stands=standings(reviews),
        paces=paces_of(policies),
        credited=credits([cases[review_id] for review_id, proof in proofs.items() if proof.outcome], policies, now),
        due_before={} if may_reopen else _due_before_closing([cases[review_id] for review_id in complaining]),
    )


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
    return case.outcome not in DECIDED_BY_PEOPLE and (is_back or _complains_anew(review, follow_ups))


def _complains_anew(review: Review, follow_ups: Mapping[int, Judgement]) -> bool:
    """Whether the review has a new follow-up that complains by itself."""
    return review.pk in follow_ups and follow_ups[review.pk].is_negative


def _due_before_closing(cases: Collection[Case]) -> dict[int, datetime]:
    """Case id -> when it was due until it closed, of those that were due at all."""
    closings = CaseChange.objects.filter(case__in=cases, kind=CaseChange.Kind.CLOSED).order_by("case", "-at", "-pk")
    told = closings.distinct("case").values_list("case", "changes__due_at__0")
    return {case_id: datetime.fromisoformat(due_at) for case_id, due_at in told if due_at}


def _followed(case: Case) -> tuple[Any, ...]:
    return tuple(getattr(case, name) for name in FOLLOWED)


def _last_changes(reviews: Collection[Review], changed: Changed) -> dict[int, dict[str, list[Any]]]:
    """Review id -> its changed fields' [old, new] values as its newest revision keeps them."""
    newest = ReviewRevision.objects.filter(review__in=reviews).order_by("review", "-pk").distinct("review")
    kept = dict(newest.values_list("review", "changes"))
    return {
        review.pk: {name: pair for name, pair in kept.get(review.pk, {}).items() if name in changed[review.pk]}
        for review in reviews
    }
