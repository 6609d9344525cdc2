"""How a case ends, by what the agent states, and how it comes back; the rules are told in `docs/handling.md`."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from cases import history
from cases.assignment import lock_shops, place_reopened
from cases.deadlines import NEVER_EDITED
from cases.flow import CaseClosed, Refused, begin_work, change_case, contact_deadline
from cases.handing_out import hand_out_soon
from cases.models import Case, CaseChange, Claim, Outcome, ShopPolicy, State

TELLS_OF_A_TALK = frozenset({Outcome.SATISFIED, Outcome.REFUSED, Outcome.UNREACHABLE})
"""Outcomes that nobody can know without a logged contact, tried or made."""
CLAIMED = frozenset({Outcome.REVISED, Outcome.DELETED, Outcome.PRAISED})
"""Outcomes that imports can prove."""
VERDICTS = frozenset({Outcome.UPHELD, Outcome.REJECTED})
"""The platform's answer to a review reported as malicious."""
STATED = [outcome for outcome in Outcome if outcome not in VERDICTS | {Outcome.MISTAKEN, Outcome.UNDONE}]
"""What an agent can say of an open case; that it was no complaint is said of the review, and closes the case;
an undone import takes its cases along."""


def outcomes_of(case: Case) -> list[Outcome]:
    """What the case can be closed with as it stands, in the order of the choices."""
    if case.outcome == Outcome.REPORTED:
        return [outcome for outcome in Outcome if outcome in VERDICTS]
    return [outcome for outcome in STATED if outcome is not Outcome.REVISED or _lets_reviews_change(case)]


@transaction.atomic
def close_case(*, case: Case, outcome: str, actor: User, now: datetime, comment: str = "") -> CaseChange:
    """Close the case with `outcome`; a verdict is set on a case that was closed as reported.

    Raises Refused where the outcome does not fit, CaseClosed for a case closed otherwise, and PermissionDenied unless
    `actor` may work the case; ValueError for an unknown outcome.
    """
    stated = Outcome(outcome)
    begin_work(case, actor)
    is_reported = case.state == State.CLOSED and case.outcome == Outcome.REPORTED
    if not case.is_open and not (is_reported and stated in VERDICTS):
        raise CaseClosed
    if stated is Outcome.MISTAKEN:
        raise Refused(_("Correct the causes of the review instead: without a complaint the case closes by itself."))
    if stated is Outcome.UNDONE:
        raise Refused(_("Only undoing its import ends a case so."))
    if stated in VERDICTS and not is_reported:
        raise Refused(_("A verdict can only follow a report: close the case as reported first."))
    if stated in TELLS_OF_A_TALK and not case.contacts.exists():
        raise Refused(_("Log at least one contact before closing with this outcome."), "outcome")
    if stated is Outcome.REPORTED and not comment.strip():
        raise Refused(_("Say what the report rests on."), "comment")
    if stated is Outcome.REVISED and not _lets_reviews_change(case):
        raise Refused(_("This platform never lets a review be changed."))
    changes = change_case(case, **closed(case, stated, now), **_claim(case, stated, now))
    hand_out_soon()
    return history.record(
        case=case, kind=CaseChange.Kind.CLOSED, actor=actor, now=now, changes=changes, comment=comment
    )


@transaction.atomic
def reopen_case(*, case: Case, actor: User, now: datetime, comment: str = "") -> CaseChange:
    """Open a closed case again, with its steps as they stood and a new deadline.

    It stays with its owner; where somebody else opens it and the owner is not at work, it goes to who has room.

    Raises Refused for an open case, and PermissionDenied unless `actor` may work the case.
    """
    lock_shops([case.shop_id])
    begin_work(case, actor)
    if case.is_open:
        raise Refused(_("This case is open."))
    changes = change_case(case, **reopened(case), due_at=contact_deadline(case, now))
    kind = CaseChange.Kind.REOPENED
    line = history.record(case=case, kind=kind, actor=actor, now=now, changes=changes, comment=comment)
    if case.owner_id != actor.pk:
        place_reopened([case], now=now)
    return line


def closed(case: Case, outcome: Outcome, now: datetime) -> dict[str, Any]:
    """The fields of a case once it is closed with `outcome`: every clock stops."""
    return {
        "state": State.CLOSED.value,
        "outcome": outcome.value,
        "closed_at": case.closed_at or now,
        "next_contact_at": None,
        "due_at": None,
        "answered_at": None,
    }


def reopened(case: Case) -> dict[str, Any]:
    """The fields of a closed case once it is open again, all but its deadline."""
    state = State.WORKING if case.first_contacted_at else State.NEW
    afresh = {"outcome": "", "closed_at": None, "claim": "", "check_claim_at": None, "is_backlog": False}
    return {"state": state.value, **afresh}


def _claim(case: Case, stated: Outcome, now: datetime) -> dict[str, Any]:
    """What the case waits for once `stated` is said of its review: an import that shows it, unless one did before."""
    if stated not in CLAIMED:
        return {}
    if case.proven:
        return {"claim": Claim.CONFIRMED.value}
    days = ShopPolicy.of(case.shop).confirmation_days
    return {"claim": Claim.WAITING.value, "check_claim_at": now + timedelta(days=days)}


def _lets_reviews_change(case: Case) -> bool:
    return case.shop.platform not in NEVER_EDITED
