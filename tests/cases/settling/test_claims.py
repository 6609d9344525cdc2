"""Claims that imports contradict or never confirm, and what a supervisor makes of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied

from cases.flow import Refused
from cases.models import Case, Claim, Notice, ShopPolicy
from cases.outcomes import close_case
from cases.settling.claims import accept_claim, confirm_claim, question_claims, send_back, to_check
from reviews.models import ImportBatch, Review, Shop, StagedRow
from reviews.signals import import_stored
from tests.conftest import NOW

LATER = NOW + timedelta(days=3)


@pytest.fixture
def claimed(make_case: Callable[..., Case], agent: User) -> Case:
    case = make_case(owner=agent)
    close_case(case=case, outcome="revised", actor=agent, now=NOW)
    return case


def imported(shop: Shop, *reviews: Review, youngest: datetime) -> ImportBatch:
    """An import at its end whose file had the reviews, and one written at `youngest`."""
    batch = ImportBatch.objects.create(shop=shop, file_name="later.csv", file_bytes=0, last_at=youngest)
    for line, review in enumerate(reviews):
        StagedRow.objects.create(batch=batch, line=line, identity=review.identity)
    import_stored.send(sender=ImportBatch, batch=batch, now=LATER)
    return batch


def flagged(now: datetime) -> list[Case]:
    return list(Case.objects.filter(to_check(now)))


def test_an_unconfirmed_claim_is_to_be_checked_after_the_shops_days(claimed: Case) -> None:
    assert flagged(NOW + timedelta(days=13, hours=23)) == []
    assert flagged(NOW + timedelta(days=14)) == [claimed]


def test_the_days_are_the_shops(make_case: Callable[..., Case], agent: User, shop: Shop) -> None:
    ShopPolicy.objects.create(shop=shop, confirmation_days=2)
    case = make_case(owner=agent)
    close_case(case=case, outcome="deleted", actor=agent, now=NOW)
    assert case.check_claim_at == NOW + timedelta(days=2)


def test_other_outcomes_claim_nothing(make_case: Callable[..., Case], agent: User) -> None:
    case = make_case(owner=agent)
    close_case(case=case, outcome="reported", actor=agent, now=NOW, comment="索要红包")
    assert (case.claim, case.check_claim_at) == ("", None)


def test_a_later_import_with_the_review_unchanged_contradicts(claimed: Case, shop: Shop) -> None:
    imported(shop, claimed.review, youngest=NOW + timedelta(minutes=1))
    claimed.refresh_from_db()
    assert (claimed.claim, claimed.check_claim_at) == (Claim.CONTRADICTED, LATER)
    line = claimed.changes.first()
    assert line is not None
    assert (line.kind, line.actor, line.changes["claim"]) == ("claim", None, ["waiting", "denied"])
    assert flagged(LATER) == [claimed]


def test_an_older_file_contradicts_nothing(claimed: Case, shop: Shop) -> None:
    imported(shop, claimed.review, youngest=NOW - timedelta(minutes=1))
    claimed.refresh_from_db()
    assert claimed.claim == Claim.WAITING


def test_a_file_without_the_review_contradicts_nothing(
    claimed: Case, shop: Shop, make_review: Callable[..., Review]
) -> None:
    imported(shop, make_review(), youngest=LATER)
    claimed.refresh_from_db()
    assert claimed.claim == Claim.WAITING


def test_another_shops_file_contradicts_nothing(claimed: Case, other_shop: Shop) -> None:
    imported(other_shop, claimed.review, youngest=LATER)
    claimed.refresh_from_db()
    assert claimed.claim == Claim.WAITING


def test_files_of_orders_say_nothing_of_reviews(claimed: Case, shop: Shop) -> None:
    batch = imported(shop, youngest=LATER)
    batch.kind = ImportBatch.Kind.ORDERS
    assert question_claims(batch=batch, now=LATER) == 0


def test_a_supervisor_confirms_by_hand_and_says_why(claimed: Case, supervisor: User) -> None:
    with pytest.raises(Refused):
        confirm_claim(case=claimed, actor=supervisor, now=LATER, comment=" ")
    confirm_claim(case=claimed, actor=supervisor, now=LATER, comment="商品页已是好评")
    assert (claimed.claim, claimed.check_claim_at, claimed.outcome) == (Claim.CONFIRMED, None, "revised")
    line = claimed.changes.first()
    assert line is not None
    assert (line.kind, line.actor, line.comment) == ("claim", supervisor, "商品页已是好评")
    assert claimed.proven == "", "a person's word is no proof by an import"


def test_or_accepts_it_unconfirmed(claimed: Case, supervisor: User) -> None:
    accept_claim(case=claimed, actor=supervisor, now=LATER)
    assert (claimed.claim, claimed.check_claim_at) == (Claim.ACCEPTED, None)


def test_or_sends_it_back_to_the_owner_on_top(claimed: Case, supervisor: User, agent: User) -> None:
    with pytest.raises(Refused):
        send_back(case=claimed, actor=supervisor, now=LATER, comment="")
    send_back(case=claimed, actor=supervisor, now=LATER, comment="页面仍是差评,请再联系")
    case = Case.objects.get(pk=claimed.pk)
    assert (case.is_open, case.owner, case.claim, case.check_claim_at) == (True, agent, "", None)
    assert case.answered_at == LATER
    assert Notice.objects.filter(person=agent, kind="answer", case=case).exists()


def test_what_is_settled_is_not_settled_again(claimed: Case, supervisor: User) -> None:
    accept_claim(case=claimed, actor=supervisor, now=LATER)
    for settle in (accept_claim, confirm_claim, send_back):
        with pytest.raises(Refused):
            settle(case=claimed, actor=supervisor, now=LATER, comment="再看")


def test_only_a_supervisor_of_the_shop_checks(claimed: Case, agent: User, outsider: User) -> None:
    for person in (agent, outsider):
        for settle in (accept_claim, confirm_claim, send_back):
            with pytest.raises(PermissionDenied):
                settle(case=claimed, actor=person, now=LATER, comment="我看过了")
