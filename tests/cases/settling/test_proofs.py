"""What imports prove of a review, whom it is credited to, and what it makes of the case."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User

from cases.history import shown
from cases.inflow.opening import open_cases
from cases.models import Case, Claim, ContactEntry, Outcome, ShopPolicy, State
from cases.outcomes import close_case
from reviews.disappearance import confirm_gone, not_gone
from reviews.models import Review, ReviewRevision, Shop
from tests.conftest import NOW

MakeReview = Callable[..., Review]
MakeCase = Callable[..., Case]
LATER = NOW + timedelta(days=2)


@pytest.fixture
def case(make_case: MakeCase, agent: User) -> Case:
    return make_case(owner=agent)


def change(case: Case, *, at: datetime = LATER, takes_back: bool = False, **fields: Any) -> Case:
    """Store `fields` of the case's review as an import does, and tell the case."""
    review = Review.objects.get(pk=case.review_id)
    told = {
        name: [shown(getattr(review, name)), shown(value)] for name, value in fields.items() if name != "is_negative"
    }
    ReviewRevision.objects.create(
        review=review, batch=review.batch, recorded_at=at, changes=told, takes_back=takes_back
    )
    Review.objects.filter(pk=review.pk).update(**fields)
    open_cases(review_ids=[review.pk], changed={review.pk: set(told)}, now=at, takes_back=takes_back)
    return Case.objects.get(pk=case.pk)


def contact(case: Case, actor: User, at: datetime, direction: str = "outgoing") -> None:
    ContactEntry.objects.create(
        case=case, actor=actor, at=at, channel="chat", result="reached", said="道歉", direction=direction
    )


def kinds(case: Case) -> list[str]:
    return list(case.changes.order_by("pk").values_list("kind", flat=True))


def test_a_good_rating_closes_the_loop(case: Case) -> None:
    case = change(case, rating="good", is_negative=False)
    assert (case.state, case.outcome, case.closed_at, case.due_at) == (State.CLOSED, Outcome.REVISED, LATER, None)
    assert (case.proven, case.proven_at, case.claim) == (Outcome.REVISED, LATER, "")
    assert kinds(case) == ["proven", "closed", "review"]
    line = case.changes.get(kind="proven")
    assert line.actor is None
    assert line.changes["proven"] == ["", "revised"]


def test_a_good_rating_counts_even_where_the_text_still_complains(case: Case) -> None:
    assert change(case, rating="good").proven == Outcome.REVISED


def test_a_text_that_complains_no_more_counts(case: Case) -> None:
    assert change(case, content="客服很负责,已经解决", is_negative=False).outcome == Outcome.REVISED


def test_another_complaint_proves_nothing(case: Case) -> None:
    case = change(case, content="还是很差,掉色")
    assert (case.is_open, case.proven) == (True, "")


def test_a_good_rating_from_the_start_proves_nothing(make_case: MakeCase, make_review: MakeReview) -> None:
    case = change(make_case(make_review(rating="good")), content="好评返现,其实很差")
    assert (case.is_open, case.proven) == (True, "")
    stars = make_case(make_review(rating="", stars=4))
    assert change(stars, stars=5).proven == ""
    assert change(make_case(make_review(rating="", stars=1)), stars=5).proven == Outcome.REVISED


def test_praise_in_a_follow_up_is_proven_and_leaves_the_case_open(case: Case) -> None:
    said = NOW + timedelta(days=1)
    case = change(case, append_content="客服态度很好,非常满意,五星好评", append_at=said)
    assert (case.proven, case.proven_at, case.is_open) == (Outcome.PRAISED, said, True)


def test_a_better_rating_with_a_complaint_below_it_proves_nothing(case: Case) -> None:
    case = change(case, rating="good", append_content="用了两天就坏了,客服不理人", append_at=NOW)
    assert (case.proven, case.is_open) == ("", True)


def test_then_a_better_rating_outdoes_it(case: Case) -> None:
    case = change(case, append_content="客服态度很好,非常满意,五星好评", append_at=NOW)
    case = change(case, rating="good", is_negative=False)
    assert (case.proven, case.outcome) == (Outcome.REVISED, Outcome.REVISED)


@pytest.mark.parametrize("outcome", ["revised", "deleted", "praised"])
def test_a_claim_is_confirmed(case: Case, agent: User, outcome: str) -> None:
    close_case(case=case, outcome=outcome, actor=agent, now=NOW)
    assert (case.claim, case.check_claim_at) == (Claim.WAITING, NOW + timedelta(days=14))
    case = change(case, rating="good", is_negative=False)
    assert (case.claim, case.check_claim_at, case.proven) == (Claim.CONFIRMED, None, Outcome.REVISED)
    assert (case.outcome, case.closed_at) == (outcome, NOW), "what was stated stays"


def test_what_was_stated_otherwise_stays_beside_the_proof(case: Case, agent: User) -> None:
    contact(case, agent, NOW)
    close_case(case=case, outcome="satisfied", actor=agent, now=NOW)
    case = change(case, rating="good", is_negative=False)
    assert (case.outcome, case.proven, case.claim) == ("satisfied", "revised", "")


def test_a_claim_of_what_is_proven_is_confirmed_at_once(case: Case, agent: User) -> None:
    case = change(case, append_content="客服态度很好,非常满意,五星好评", append_at=NOW)
    close_case(case=case, outcome="praised", actor=agent, now=LATER)
    assert (case.claim, case.check_claim_at) == (Claim.CONFIRMED, None)


def test_credit_goes_to_who_turned_to_the_buyer_last(case: Case, agent: User, teammate: User) -> None:
    contact(case, agent, NOW - timedelta(days=5))
    contact(case, teammate, NOW - timedelta(days=3))
    contact(case, agent, NOW, direction="incoming")
    assert change(case, rating="good", is_negative=False).credited_to == teammate


def test_an_old_contact_earns_none_and_the_owner_does(case: Case, agent: User, teammate: User, shop: Shop) -> None:
    contact(case, teammate, LATER - timedelta(days=31))
    assert change(case, rating="good", is_negative=False).credited_to == agent
    line = case.changes.get(kind="proven")
    assert line.changes["credited_to"] == ["", "agent"]


def test_the_days_of_credit_are_the_shops(case: Case, agent: User, teammate: User, shop: Shop) -> None:
    ShopPolicy.objects.create(shop=shop, credit_days=1)
    contact(case, teammate, NOW)
    assert change(case, rating="good", is_negative=False).credited_to == agent


def test_nobody_is_credited_where_nobody_worked(make_case: MakeCase) -> None:
    assert change(make_case(), rating="good", is_negative=False).credited_to is None


def test_what_turns_bad_again_is_proven_no_more_and_opens_the_case(case: Case, agent: User) -> None:
    change(case, rating="good", is_negative=False)
    case = change(case, at=LATER + timedelta(days=1), rating="bad", is_negative=True)
    assert (case.proven, case.proven_at, case.credited_to) == ("", None, None)
    assert (case.is_open, case.owner, case.outcome) == (True, agent, "")
    assert kinds(case)[-3:] == ["unproven", "reopened", "review"]


def test_so_does_a_confirmed_claim(case: Case, agent: User) -> None:
    close_case(case=case, outcome="revised", actor=agent, now=NOW)
    change(case, rating="good", is_negative=False)
    case = change(case, at=LATER + timedelta(days=1), rating="bad", is_negative=True)
    assert (case.is_open, case.claim, case.proven) == (True, "", "")


def test_a_complaining_follow_up_takes_praise_back(case: Case, agent: User) -> None:
    change(case, rating="good", is_negative=False)
    case = change(case, append_content="用了一周就坏了,质量太差", append_at=LATER, is_negative=True)
    assert (case.proven, case.is_open) == ("", True)


def test_a_reported_case_stays_closed_whatever_is_proven(case: Case, agent: User) -> None:
    close_case(case=case, outcome="reported", actor=agent, now=NOW, comment="索要红包")
    change(case, rating="good", is_negative=False)
    case = change(case, rating="bad", is_negative=True)
    assert (case.outcome, case.is_open) == ("reported", False)


def test_undoing_the_import_opens_what_it_had_closed(case: Case) -> None:
    change(case, rating="good", is_negative=False)
    case = change(case, at=LATER + timedelta(hours=1), takes_back=True, rating="bad", is_negative=True)
    assert (case.is_open, case.proven, case.steps_done) == (True, "", 0)


def test_undoing_the_import_leaves_a_claim_to_be_checked(case: Case, agent: User) -> None:
    close_case(case=case, outcome="revised", actor=agent, now=NOW)
    change(case, rating="good", is_negative=False)
    case = change(case, at=LATER + timedelta(hours=1), takes_back=True, rating="bad", is_negative=True)
    assert (case.is_open, case.outcome, case.claim) == (False, "revised", Claim.CONTRADICTED)


@pytest.fixture
def unseen(case: Case) -> Case:
    Review.objects.filter(pk=case.review_id).update(not_seen_at=NOW, not_seen_in=case.review.batch)
    return case


def test_confirmed_gone_is_proven_deleted(unseen: Case, agent: User, teammate: User) -> None:
    contact(unseen, teammate, NOW)
    confirm_gone(review=unseen.review, actor=agent, now=LATER)
    case = Case.objects.get(pk=unseen.pk)
    assert (case.proven, case.outcome, case.credited_to, case.claim) == ("deleted", "deleted", teammate, "")
    assert [line.actor for line in case.changes.all()] == [agent] * 3


def test_not_gone_after_all_is_proven_no_more(unseen: Case, agent: User) -> None:
    confirm_gone(review=unseen.review, actor=agent, now=LATER)
    not_gone(review=unseen.review, actor=agent, now=LATER + timedelta(hours=1))
    case = Case.objects.get(pk=unseen.pk)
    assert (case.proven, case.is_open, case.credited_to) == ("", True, None)


def test_a_stated_deletion_that_was_none_is_to_be_checked(unseen: Case, agent: User) -> None:
    close_case(case=unseen, outcome="deleted", actor=agent, now=NOW)
    confirm_gone(review=unseen.review, actor=agent, now=LATER)
    not_gone(review=unseen.review, actor=agent, now=LATER + timedelta(hours=1))
    case = Case.objects.get(pk=unseen.pk)
    assert (case.is_open, case.claim, case.check_claim_at) == (False, Claim.CONTRADICTED, LATER)
