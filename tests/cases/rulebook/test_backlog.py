"""A historic export does not flood the desk: cases of old reviews wait, without a clock, to be taken up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User

from cases.assignment import assign_waiting, claim_case
from cases.contacts.entries import ContactDraft, log_contact
from cases.inflow.opening import open_cases
from cases.models import Case, Notice, ShopPolicy, Tier
from cases.priority import Rule
from reviews.models import Review, ReviewRevision
from tests.conftest import NOW

MakeReview = Callable[..., Review]
OLD = NOW - timedelta(days=31)


@pytest.fixture
def waiting(make_review: MakeReview, agent: User) -> Case:
    """The case of an old review that would be urgent if it were new."""
    review = make_review(["quality.counterfeit"], reviewed_at=OLD)
    open_cases(review_ids=[review.pk], changed={}, now=NOW)
    return Case.objects.get()


def follow_up(case: Case, text: str) -> None:
    review = case.review
    ReviewRevision.objects.create(
        review=review, batch=review.batch, recorded_at=NOW, changes={"append_content": ["", text]}
    )
    Review.objects.filter(pk=review.pk).update(append_content=text, append_at=NOW)
    open_cases(review_ids=[review.pk], changed={review.pk: {"append_content"}}, now=NOW)
    case.refresh_from_db()


def test_it_has_no_clock_no_owner_and_tells_nobody(waiting: Case) -> None:
    assert waiting.is_backlog
    assert (waiting.tier, waiting.tier_reasons) == (Tier.GENERAL, [Rule.BACKLOG])
    assert (waiting.owner, waiting.due_at, waiting.first_contact_due_at) == (None, None, None)
    assert not Notice.objects.exists()


def test_it_is_not_handed_out_but_can_be_claimed(waiting: Case, agent: User) -> None:
    assert assign_waiting(now=NOW) == 0
    claim_case(case=waiting, actor=agent, now=NOW)
    waiting.refresh_from_db()
    assert waiting.owner == agent


def test_it_is_worked_like_any_other_once_it_is_claimed(waiting: Case, agent: User) -> None:
    claim_case(case=waiting, actor=agent, now=NOW)
    promised = NOW + timedelta(hours=2)
    log_contact(case=waiting, actor=agent, now=NOW, draft=ContactDraft("chat", "appointment", "约好", "", promised))
    waiting.refresh_from_db()
    assert (waiting.first_contacted_at, waiting.due_at) == (NOW, promised)


def test_a_new_complaint_makes_it_work_of_today(waiting: Case, agent: User) -> None:
    follow_up(waiting, "还是坏的,太差了,一直没人管")
    assert not waiting.is_backlog
    assert waiting.tier == Tier.DISPUTED
    assert waiting.due_at == waiting.first_contact_due_at == NOW + timedelta(minutes=30)
    assert waiting.owner == agent


def test_praise_leaves_it_waiting(waiting: Case) -> None:
    follow_up(waiting, "很好,非常满意,谢谢")
    assert (waiting.is_backlog, waiting.due_at) == (True, None)


@pytest.mark.parametrize(("days", "waits"), [(30, True), (31, False)])
def test_the_shop_says_how_old_is_old(days: int, waits: bool, make_review: MakeReview, agent: User) -> None:
    review = make_review(reviewed_at=OLD - timedelta(hours=-1))
    ShopPolicy.objects.create(shop=review.shop, backlog_days=days)
    open_cases(review_ids=[review.pk], changed={}, now=NOW)
    assert Case.objects.get().is_backlog is waits


def test_a_recent_follow_up_makes_an_old_review_new(make_review: MakeReview, agent: User) -> None:
    review = make_review(reviewed_at=OLD, append_content="一直没人管", append_at=NOW - timedelta(days=1))
    open_cases(review_ids=[review.pk], changed={}, now=NOW)
    assert (Case.objects.get().is_backlog, Case.objects.get().owner) == (False, agent)
