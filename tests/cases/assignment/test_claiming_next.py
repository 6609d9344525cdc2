"""Taking the best case that waits."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User

from cases.assignment import NoRoom, claim_case, claim_next, release_case
from cases.models import Agent, Case
from reviews.models import Review, Shop
from tests.cases.assignment.conftest import MakeAgent
from tests.conftest import NOW
from tests.connections import together

MakeCase = Callable[..., Case]


def taken(user: User) -> Case | None:
    return claim_next(cases=Case.objects.all(), actor=user, now=NOW)


def test_the_best_by_tier_and_clock_is_taken_and_backlog_last(make_agent: MakeAgent, make_case: MakeCase) -> None:
    user = make_agent()
    late = make_case(due_at=NOW + timedelta(hours=1))
    old = make_case(tier="priority", is_backlog=True, due_at=None)
    soon = make_case(due_at=NOW)
    urgent = make_case(tier="priority", due_at=NOW + timedelta(hours=2))
    assert [taken(user) for _ in range(5)] == [urgent, soon, late, old, None]
    line = urgent.changes.get()
    assert (line.kind, line.actor, line.changes) == ("claimed", user, {"owner": ["", user.username]})


def test_only_what_fits_skills_shops_and_list(
    make_agent: MakeAgent,
    make_case: MakeCase,
    make_review: Callable[..., Review],
    other_shop: Shop,
) -> None:
    user = make_agent(causes=["courier"])
    make_case(make_review(["price.fee"])), make_case(make_review(shop=other_shop))
    assert taken(user) is None
    first, second = make_case(), make_case()
    assert claim_next(cases=Case.objects.filter(pk=second.pk), actor=user, now=NOW) == second
    assert taken(user) == first


def test_what_one_gave_back_is_not_offered_again(make_agent: MakeAgent, make_case: MakeCase) -> None:
    user, other = make_agent(), make_agent()
    case = make_case(owner=user)
    release_case(case=case, actor=user, now=NOW)
    assert taken(user) is None
    assert taken(other) == case


def test_nobody_takes_more_than_they_may_have_open(make_agent: MakeAgent, make_case: MakeCase) -> None:
    user = make_agent(open_capacity=1, daily_capacity=0)
    first, second = make_case(), make_case()
    assert taken(user) == first
    with pytest.raises(NoRoom):
        taken(user)
    with pytest.raises(NoRoom):
        claim_case(case=second, actor=user, now=NOW)
    second.refresh_from_db()
    assert second.owner is None


def test_a_supervisor_without_a_place_at_the_desk_knows_no_limit(supervisor: User, make_case: MakeCase) -> None:
    assert not Agent.objects.exists()
    case = make_case()
    assert taken(supervisor) == case


@pytest.mark.django_db(transaction=True)
def test_two_who_take_at_once_get_different_cases(make_agent: MakeAgent, make_case: MakeCase) -> None:
    one, two = make_agent(), make_agent()
    for _ in range(10):
        cases = {make_case(), make_case()}
        assert set(together(lambda: taken(one), lambda: taken(two))) == cases


@pytest.mark.django_db(transaction=True)
def test_one_who_takes_twice_at_once_stays_within_capacity(make_agent: MakeAgent, make_case: MakeCase) -> None:
    user = make_agent(open_capacity=1)
    make_case(), make_case()

    def take() -> str:
        try:
            return "taken" if taken(user) else "nothing"
        except NoRoom:
            return "no room"

    assert sorted(together(take, take)) == ["no room", "taken"]
    assert Case.objects.filter(owner=user).count() == 1
