"""The demo's past: what a new supervisor finds is a team that keeps up, with a little left to decide."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from cases.demo.past import live_through
from cases.flow import finish_step
from cases.models import Case, Outcome
from cases.pending import Matter, waiting
from reviews import demo
from reviews.models import Review, Shop

CASES = 60


@pytest.fixture
def _lived_through(
    shop: Shop, supervisor: User, agent: User, make_review: Callable[..., Review], make_case: Callable[..., Case]
) -> None:
    Shop.objects.filter(pk=shop.pk).update(code="demo-taobao")
    shop.refresh_from_db()
    now = timezone.now()
    for number in range(CASES):
        make_case(make_review(shop=shop, reviewed_at=now - timedelta(days=30, hours=number)))
    assert live_through(now=now) == CASES


def test_what_somebody_began_meanwhile_stays_theirs(
    shop: Shop, agent: User, make_review: Callable[..., Review], make_case: Callable[..., Case]
) -> None:
    Shop.objects.filter(pk=shop.pk).update(code="demo-taobao")
    shop.refresh_from_db()
    now = timezone.now()
    begun, left = (make_case(make_review(shop=shop, reviewed_at=now - timedelta(days=30)), owner=agent) for _ in "ab")
    finish_step(case=begun, step=1, actor=agent, now=now, reason="先发了短信")
    assert live_through(now=now) == 1
    begun.refresh_from_db()
    left.refresh_from_db()
    assert (begun.state, begun.steps_done, begun.changes.get(kind="step").at) == ("new", 1, now)
    assert left.steps_done >= 2 or left.contacts.exists()


def test_praise_that_was_taken_for_a_complaint_was_seen_through(
    shop: Shop, agent: User, make_review: Callable[..., Review], make_case: Callable[..., Case]
) -> None:
    Shop.objects.filter(pk=shop.pk).update(code="demo-taobao")
    shop.refresh_from_db()
    now = timezone.now()
    review = make_review(rating="good", content=min(demo.praise()), reviewed_at=now - timedelta(days=30))
    case = make_case(review)
    live_through(now=now)
    case.refresh_from_db()
    review.refresh_from_db()
    assert (case.outcome, case.owner, review.is_negative) == (Outcome.MISTAKEN, agent, False)
    assert case.closed_at < now - timedelta(days=28)


@pytest.mark.usefixtures("_lived_through")
def test_little_is_left_to_decide_and_nothing_is_long_overdue(supervisor: User) -> None:
    now = timezone.now()
    left = {tab.matter: tab for tab in waiting(supervisor, now)}
    assert left[Matter.QUESTIONS].size == 0
    assert 0 < left[Matter.PROMISES].late + left[Matter.CLAIMS].size < CASES / 5
    assert Case.objects.filter(claim="confirmed").exists()
    assert not Case.objects.filter(closed_at__gt=now).exists()
