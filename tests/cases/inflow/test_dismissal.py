"""A review that turns out to be no complaint takes its case out of the way, and brings it back if that was wrong."""

from collections.abc import Callable
from datetime import timedelta
from threading import Event

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied

from cases.clocks.moving import clocks_follow
from cases.flow import Refused
from cases.models import Agent, Case, Outcome, ShopPolicy, State
from cases.outcomes import close_case
from reviews.checking import take_back
from reviews.correction import correct_causes, dismiss_complaint
from reviews.models import Review
from tests.conftest import NOW
from tests.connections import together, until_somebody_waits


@pytest.fixture
def case(make_review: Callable[..., Review], make_case: Callable[..., Case], agent: User) -> Case:
    return make_case(make_review(rating="good"), owner=agent)


def test_a_dismissed_complaint_closes_its_case_and_tells_why(case: Case, agent: User) -> None:
    dismiss_complaint(review=case.review, actor=agent, now=NOW)
    case.refresh_from_db()
    assert (case.state, case.outcome, case.due_at) == (State.CLOSED, Outcome.MISTAKEN, None)
    assert list(case.changes.order_by("pk").values_list("kind", "actor")) == [
        ("causes", agent.pk),
        ("closed", agent.pk),
    ]


def test_a_complaint_found_after_all_opens_the_case_again(case: Case, agent: User) -> None:
    dismiss_complaint(review=case.review, actor=agent, now=NOW)
    later = NOW + timedelta(minutes=10)
    correct_causes(review=case.review, codes=["courier.slow"], actor=agent, now=later)
    case.refresh_from_db()
    assert (case.state, case.outcome, case.owner) == (State.NEW, "", agent)
    assert case.due_at is not None
    assert case.due_at > later
    assert Case.objects.count() == 1


def test_a_dismissal_taken_back_brings_the_case_to_who_is_at_work(
    case: Case, agent: User, teammate: User, supervisor: User
) -> None:
    dismiss_complaint(review=case.review, actor=supervisor, now=NOW)
    Agent.objects.filter(user=agent).update(is_on_duty=False)
    take_back(review=case.review, seen=case.review.causes_seen, actor=supervisor, now=NOW)
    case.refresh_from_db()
    assert (case.is_open, case.owner) == (True, teammate)
    line = case.changes.first()
    assert line is not None
    assert (line.kind, line.changes["owner"]) == ("assigned", ["agent", "teammate"])


@pytest.mark.django_db(transaction=True)
def test_a_case_opens_again_by_the_rules_that_hold_then(case: Case, agent: User, supervisor: User) -> None:
    """Else a clock could start by old minutes just after new ones have moved all that ran."""
    dismiss_complaint(review=case.review, actor=agent, now=NOW)
    is_locked = Event()

    def change_rules() -> None:
        with clocks_follow(case.shop, actor=supervisor, now=NOW):
            is_locked.set()
            ShopPolicy.objects.update_or_create(shop=case.shop, defaults={"first_contact_minutes": 60})
            until_somebody_waits()

    def find_complaint() -> None:
        assert is_locked.wait(timeout=30)
        take_back(review=case.review, seen=case.review.causes_seen, actor=agent, now=NOW)

    together(change_rules, find_complaint)
    case.refresh_from_db()
    assert case.due_at == NOW + timedelta(minutes=60)


def test_nobody_closes_a_case_as_no_complaint_while_its_review_complains(case: Case, agent: User) -> None:
    with pytest.raises(Refused):
        close_case(case=case, outcome=Outcome.MISTAKEN, actor=agent, now=NOW)
    case.refresh_from_db()
    assert case.is_open


def test_a_closed_case_stays_closed_when_its_causes_are_corrected(make_case: Callable[..., Case], agent: User) -> None:
    case = make_case(owner=agent)
    close_case(case=case, outcome="revised", actor=agent, now=NOW)
    correct_causes(review=case.review, codes=["price.drop"], actor=agent, now=NOW)
    case.refresh_from_db()
    assert (case.state, case.outcome) == (State.CLOSED, "revised")


def test_nobody_closes_a_colleagues_case_by_dismissing_its_review(case: Case, teammate: User, supervisor: User) -> None:
    with pytest.raises(PermissionDenied):
        dismiss_complaint(review=case.review, actor=teammate, now=NOW)
    case.refresh_from_db()
    case.review.refresh_from_db()
    assert case.is_open
    assert case.review.is_negative
    dismiss_complaint(review=case.review, actor=supervisor, now=NOW)
    case.refresh_from_db()
    assert case.outcome == Outcome.MISTAKEN
