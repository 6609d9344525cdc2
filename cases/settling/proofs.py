"""What imports prove of a review: its complaint is gone, praise followed, or it is back. Never what an agent stated.

A proof belongs to the case beside the stated outcome. It ends an open case whose complaint is gone, confirms a claim,
and is credited to whoever of the shop turned to the buyer last.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.contrib.auth.models import User

from cases import history
from cases.flow import set_fields
from cases.models import Case, CaseChange, Claim, ContactEntry, Outcome, ShopPolicy
from cases.outcomes import closed
from reviews.classifier.model import PRAISE_BELOW
from reviews.ingest.storing.classifying import Judgement, Opinion, judge
from reviews.judgement import MOST_STARS_OF_A_NEGATIVE
from reviews.models import Review
from reviews.models.review import Rating

Kind = CaseChange.Kind
Changes = Mapping[str, list[Any]]
"""Field of a review -> [old, new]."""
PROVEN_BY = ["proven", "proven_at", "credited_to", "claim", "check_claim_at"]
"""Fields of a case that a proof sets."""
RATED_IN = frozenset({"rating", "stars"})
COMPLAINS_IN = RATED_IN | {"content"}
ENDS_A_CASE = frozenset({Outcome.REVISED, Outcome.DELETED})
"""What leaves no complaint. Praise below a bad review does not, so such a case stays open."""


class Proof(NamedTuple):
    """What an import shows became of a review; `outcome` None: what was proven before is so no longer."""

    outcome: Outcome | None
    at: datetime


def judged_follow_ups(reviews: Collection[Review], changed: Mapping[int, Collection[str]]) -> dict[int, Judgement]:
    """What each new follow-up says by itself, by review id: a bad review may be followed by praise."""
    told = [review for review in reviews if "append_content" in changed[review.pk] and review.append_content]
    opinions = [Opinion(rating="", stars=None, content=review.append_content, append_content="") for review in told]
    return {review.pk: found for review, found in zip(told, judge(opinions), strict=True)}


def proofs_in(
    reviews: Collection[Review],
    cases: Mapping[int, Case],
    changes: Mapping[int, Changes],
    follow_ups: Mapping[int, Judgement],
    now: datetime,
) -> dict[int, Proof]:
    """What the changes of `reviews` prove, all by review id; `follow_ups` judges the new ones by themselves."""
    found = {
        review.pk: _proof(cases[review.pk], review, changes[review.pk], follow_ups.get(review.pk), now)
        for review in reviews
    }
    return {review_id: proof for review_id, proof in found.items() if proof is not None}


def _proof(case: Case, review: Review, changes: Changes, follow_up: Judgement | None, now: datetime) -> Proof | None:
    if case.outcome == Outcome.MISTAKEN:
        return None
    if follow_up is not None and follow_up.is_negative:
        # Whatever else was changed: the buyer's last word is a complaint.
        return Proof(None, now) if case.proven else None
    if not COMPLAINS_IN.isdisjoint(changes):
        is_good = _is_rated_good(review.rating, review.stars)
        turned_good = is_good and not RATED_IN.isdisjoint(changes) and not _was_rated_good(review, changes)
        if turned_good or not review.is_negative:
            return Proof(Outcome.REVISED, now)
        if case.proven == Outcome.REVISED and (not is_good or "content" in changes):
            return Proof(None, now)
    if "append_content" not in changes:
        return None
    if follow_up is not None and _is_praise(follow_up):
        return Proof(Outcome.PRAISED, review.append_at or now)
    return Proof(None, now) if follow_up is None and case.proven == Outcome.PRAISED else None


def credits(cases: Collection[Case], policies: Mapping[int, ShopPolicy], now: datetime) -> dict[int, User]:
    """Whose work a change proven now is, by case id: who turned to the buyer last, within the shop's days, else the
    owner. In two queries however many `cases`."""
    made = ContactEntry.objects.filter(case__in=cases, direction=ContactEntry.Direction.OUTGOING)
    last = {entry.case_id: entry for entry in made.order_by("case", "-at", "-pk").distinct("case")}
    names = {entry.actor_id for entry in last.values()} | {case.owner_id for case in cases if case.owner_id}
    people = User.objects.in_bulk(names)
    credited = {}
    for case in cases:
        entry = last.get(case.pk)
        is_recent = entry is not None and entry.at >= now - timedelta(days=policies[case.shop_id].credit_days)
        person = people.get(entry.actor_id if entry is not None and is_recent else case.owner_id)
        if person is not None:
            credited[case.pk] = person
    return credited


def apply_proof(case: Case, proof: Proof, credited_to: User | None, now: datetime) -> Iterator[CaseChange]:
    """Set, without saving, what `proof` makes of the case; yields its lines of history, not saved either."""
    if proof.outcome is None:
        yield _line(case, Kind.UNPROVEN, set_fields(case, **unproven(case)), now)
        return
    if case.proven in ("", Outcome.PRAISED) and case.proven != proof.outcome:
        yield _line(case, Kind.PROVEN, set_fields(case, **_proven(case, proof, credited_to)), now)
    if case.is_open and proof.outcome in ENDS_A_CASE:
        yield _line(case, Kind.CLOSED, set_fields(case, **closed(case, proof.outcome, now)), now)


def _proven(case: Case, proof: Proof, credited_to: User | None) -> dict[str, Any]:
    fields: dict[str, Any] = {"proven": str(proof.outcome), "proven_at": proof.at, "credited_to": credited_to}
    if case.claim in (Claim.WAITING, Claim.CONTRADICTED):
        fields |= {"claim": Claim.CONFIRMED.value, "check_claim_at": None}
    return fields


def unproven(case: Case) -> dict[str, Any]:
    """The fields of a case whose proof no longer holds; a claim that it confirmed waits to be checked at once."""
    fields: dict[str, Any] = {"proven": "", "proven_at": None, "credited_to": None}
    if case.claim == Claim.CONFIRMED:
        fields |= {"claim": Claim.CONTRADICTED.value, "check_claim_at": case.proven_at}
    return fields


def is_closed_by_import(case: Case) -> bool:
    """Whether the proof itself ended the case: nobody stated anything."""
    return not case.is_open and not case.claim and case.proven != "" and case.outcome == case.proven


def _is_praise(follow_up: Judgement) -> bool:
    return not (follow_up.is_default or follow_up.is_negative) and follow_up.negative_score < PRAISE_BELOW


def _is_rated_good(rating: str, stars: int | None) -> bool:
    return rating == Rating.GOOD or (not rating and (stars or 0) > MOST_STARS_OF_A_NEGATIVE)


def _was_rated_good(review: Review, changes: Changes) -> bool:
    before = {name: changes[name][0] if name in changes else getattr(review, name) for name in RATED_IN}
    return _is_rated_good(before["rating"] or "", before["stars"] or None)


def _line(case: Case, kind: Kind, changes: history.Changes, now: datetime) -> CaseChange:
    return CaseChange(case=case, at=now, kind=kind, changes=changes)
