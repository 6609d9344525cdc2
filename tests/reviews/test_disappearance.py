"""A person says that a review is gone from the platform, and takes it back; the case follows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError

from cases.models import Case, Outcome, State
from cases.outcomes import close_case
from reviews.disappearance import confirm_gone, not_gone, still_there
from reviews.models import Review
from tests.conftest import NOW
from tests.connections import together

LATER = NOW + timedelta(hours=1)
MakeReview = Callable[..., Review]
MakeCase = Callable[..., Case]


@pytest.fixture
def unseen(make_review: MakeReview) -> Review:
    """A review that an import lacked."""
    review = make_review(not_seen_at=NOW)
    review.not_seen_in = review.batch
    review.save()
    return review


def kinds(case: Case) -> list[str]:
    return list(case.changes.order_by("pk").values_list("kind", flat=True))


def test_who_said_so_and_when_is_kept(unseen: Review, agent: User, supervisor: User) -> None:
    confirm_gone(review=unseen, actor=agent, now=LATER)
    confirm_gone(review=unseen, actor=supervisor, now=LATER + timedelta(hours=1))
    unseen.refresh_from_db()
    assert (unseen.gone_at, unseen.gone_by, unseen.not_seen_at) == (LATER, agent, NOW)


def test_an_open_case_closes_as_deleted(unseen: Review, make_case: MakeCase, agent: User) -> None:
    case = make_case(unseen, owner=agent)
    confirm_gone(review=unseen, actor=agent, now=LATER)
    case.refresh_from_db()
    assert (case.state, case.outcome, case.closed_at, case.due_at) == (State.CLOSED, Outcome.DELETED, LATER, None)
    assert kinds(case) == ["gone", "proven", "closed"]
    assert {line.actor for line in case.changes.all()} == {agent}


def test_what_an_agent_stated_before_stays(unseen: Review, make_case: MakeCase, agent: User) -> None:
    case = make_case(unseen, owner=agent)
    close_case(case=case, outcome="deleted", actor=agent, now=NOW)
    confirm_gone(review=unseen, actor=agent, now=LATER)
    not_gone(review=unseen, actor=agent, now=LATER)
    case.refresh_from_db()
    assert (case.outcome, case.closed_at) == (Outcome.DELETED, NOW)
    assert kinds(case) == ["closed", "gone", "proven", "back", "unproven"]


def test_taking_it_back_opens_the_case_that_closed_for_it(unseen: Review, make_case: MakeCase, agent: User) -> None:
    case = make_case(unseen, owner=agent)
    confirm_gone(review=unseen, actor=agent, now=LATER)
    not_gone(review=unseen, actor=agent, now=LATER + timedelta(hours=1))
    case.refresh_from_db()
    unseen.refresh_from_db()
    assert (case.state, case.outcome, case.owner) == (State.NEW, "", agent)
    assert case.due_at == LATER + timedelta(hours=1, minutes=30)
    assert kinds(case) == ["gone", "proven", "closed", "back", "unproven", "reopened"]
    assert (unseen.gone_at, unseen.gone_by, unseen.not_seen_at) == (None, None, NOW)


def test_a_case_that_opens_again_without_an_owner_is_handed_out(
    unseen: Review, make_case: MakeCase, agent: User
) -> None:
    case = make_case(unseen)
    confirm_gone(review=unseen, actor=agent, now=LATER)
    not_gone(review=unseen, actor=agent, now=LATER)
    case.refresh_from_db()
    assert case.owner == agent
    assert kinds(case)[-2:] == ["reopened", "assigned"]


@pytest.mark.parametrize("is_confirmed", [False, True])
def test_a_review_that_is_still_there_loses_the_mark(
    unseen: Review, make_case: MakeCase, agent: User, is_confirmed: bool
) -> None:
    case = make_case(unseen, owner=agent)
    if is_confirmed:
        confirm_gone(review=unseen, actor=agent, now=LATER)
    still_there(review=unseen, actor=agent, now=LATER)
    unseen.refresh_from_db()
    case.refresh_from_db()
    assert (unseen.not_seen_at, unseen.not_seen_in, unseen.gone_at, unseen.gone_by) == (None, None, None, None)
    assert case.is_open


def test_only_what_fits_is_accepted(make_review: MakeReview, unseen: Review, agent: User) -> None:
    with pytest.raises(ValidationError):
        confirm_gone(review=make_review(), actor=agent, now=LATER)
    with pytest.raises(ValidationError):
        not_gone(review=unseen, actor=agent, now=LATER)


def test_a_review_without_a_case_can_go_too(unseen: Review, agent: User) -> None:
    confirm_gone(review=unseen, actor=agent, now=LATER)
    not_gone(review=unseen, actor=agent, now=LATER)
    assert not Case.objects.exists()


@pytest.mark.parametrize("act", [confirm_gone, not_gone, still_there])
@pytest.mark.parametrize(
    ("who", "owner", "may"),
    [
        ("agent", "agent", True),
        ("agent", None, True),
        ("teammate", "agent", False),
        ("outsider", "agent", False),
        ("outsider", None, False),
        ("supervisor", "agent", True),
        ("admin", "agent", True),
    ],
)
def test_who_may_say_so(
    act: Callable[..., None], who: str, owner: str | None, may: bool, request: Any, unseen: Review, make_case: MakeCase
) -> None:
    actor: User = request.getfixturevalue(who)
    case = make_case(unseen, owner=request.getfixturevalue(owner) if owner else None)
    if act is not confirm_gone:
        confirm_gone(review=unseen, actor=request.getfixturevalue("admin"), now=NOW)
    before = (case.changes.count(), Review.objects.values("not_seen_at", "gone_at").get())
    if may:
        act(review=unseen, actor=actor, now=LATER)
    else:
        with pytest.raises(PermissionDenied):
            act(review=unseen, actor=actor, now=LATER)
    after = (case.changes.count(), Review.objects.values("not_seen_at", "gone_at").get())
    assert (after != before) == may


def test_an_account_without_a_role_has_no_say(unseen: Review) -> None:
    stranger = User.objects.create_user("stranger")
    stranger.shops.add(unseen.shop)
    with pytest.raises(PermissionDenied):
        confirm_gone(review=unseen, actor=stranger, now=LATER)


@pytest.mark.django_db(transaction=True)
def test_two_who_confirm_at_once_close_the_case_once(
    unseen: Review, make_case: MakeCase, agent: User, supervisor: User
) -> None:
    case = make_case(unseen, owner=agent)
    copies = [Review.objects.get(), Review.objects.get()]
    together(
        lambda: confirm_gone(review=copies[0], actor=agent, now=LATER),
        lambda: confirm_gone(review=copies[1], actor=supervisor, now=LATER),
    )
    assert kinds(case) == ["gone", "proven", "closed"]
