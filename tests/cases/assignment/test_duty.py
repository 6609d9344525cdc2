"""What somebody leaves behind goes to the others."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.db import transaction

from cases.assignment import Spread, foresee_spread, release_case, spread_cases
from cases.models import Agent, Case
from reviews.models import Review, Shop
from tests.cases.assignment.conftest import MakeAgent
from tests.conftest import NOW
from tests.connections import together, until_somebody_waits

MakeCase = Callable[..., Case]


def spread(person: User, shop: Shop, supervisor: User) -> Spread:
    return spread_cases(person=person, shops=[shop], actor=supervisor, now=NOW)


def test_the_preview_tells_what_then_happens(
    make_agent: MakeAgent, make_case: MakeCase, shop: Shop, supervisor: User
) -> None:
    leaving, one, two = make_agent(), make_agent(open_capacity=2), make_agent(open_capacity=4)
    for _ in range(8):
        make_case(owner=leaving)
    foreseen = foresee_spread(person=leaving, shops=[shop], now=NOW)
    assert foreseen == Spread([(two, 4), (one, 2)], 2)
    assert foreseen.total == 8
    assert Case.objects.filter(owner=leaving).count() == 8
    assert Agent.objects.get(user=leaving).is_on_duty
    assert spread(leaving, shop, supervisor) == foreseen
    assert [Case.objects.filter(owner=owner).count() for owner in (leaving, one, two, None)] == [0, 2, 4, 2]
    assert not Agent.objects.get(user=leaving).is_on_duty


def test_every_case_tells_who_spread_it(
    make_agent: MakeAgent, make_case: MakeCase, shop: Shop, supervisor: User
) -> None:
    leaving, other = make_agent(), make_agent(open_capacity=1)
    given, left = make_case(owner=leaving, tier="priority"), make_case(owner=leaving)
    spread(leaving, shop, supervisor)
    told = [(line.kind, line.actor, line.changes["owner"]) for line in (given.changes.get(), left.changes.get())]
    assert told == [
        ("assigned", supervisor, [leaving.username, other.username]),
        ("released", supervisor, [leaving.username, ""]),
    ]


def test_closed_accounts_are_spread_too(
    make_agent: MakeAgent, make_case: MakeCase, shop: Shop, supervisor: User
) -> None:
    gone, other = make_agent(), make_agent()
    User.objects.filter(pk=gone.pk).update(is_active=False)
    case = make_case(owner=gone)
    assert spread(gone, shop, supervisor).shares == [(other, 1)]
    case.refresh_from_db()
    assert case.owner == other


def test_only_open_cases_of_ones_own_shops_move(
    make_agent: MakeAgent,
    make_case: MakeCase,
    make_review: Callable[..., Review],
    shop: Shop,
    other_shop: Shop,
    supervisor: User,
) -> None:
    leaving = make_agent([shop, other_shop])
    make_agent([shop, other_shop])
    closed = make_case(owner=leaving, state="closed", outcome="refused", closed_at=NOW)
    elsewhere = make_case(make_review(shop=other_shop), owner=leaving)
    assert spread(leaving, shop, supervisor).total == 0
    assert set(Case.objects.filter(owner=leaving)) == {closed, elsewhere}


def test_skills_and_what_was_given_back_count(
    make_agent: MakeAgent, make_case: MakeCase, make_review: Callable[..., Review], shop: Shop, supervisor: User
) -> None:
    leaving, picky, priced = make_agent(), make_agent(causes=["courier"]), make_agent(causes=["price"])
    refused = make_case(owner=picky)
    release_case(case=refused, actor=picky, now=NOW)
    Case.objects.filter(pk=refused.pk).update(owner=leaving)
    dear = make_case(make_review(["price.fee"]), owner=leaving)
    make_case(owner=leaving)
    assert spread(leaving, shop, supervisor) == Spread([(picky, 1), (priced, 1)], 1)
    dear.refresh_from_db()
    refused.refresh_from_db()
    assert (dear.owner, refused.owner) == (priced, None)


@pytest.mark.parametrize("count", [1, 20])
def test_spreading_takes_the_same_queries_for_any_number(
    make_agent: MakeAgent,
    make_case: MakeCase,
    shop: Shop,
    supervisor: User,
    django_assert_max_num_queries: Callable[[int], object],
    count: int,
) -> None:
    leaving = make_agent()
    make_agent()
    for _ in range(count):
        make_case(owner=leaving)
    with django_assert_max_num_queries(14):  # type: ignore[attr-defined]
        spread(leaving, shop, supervisor)


@pytest.mark.django_db(transaction=True)
def test_who_waits_for_an_agent_holds_none_that_comes_later(
    make_agent: MakeAgent, make_case: MakeCase, shop: Shop, supervisor: User
) -> None:
    """Else handing out in another shop of the same agents, which takes them in their order, ends in a deadlock."""
    first, last = make_agent(), make_agent()
    case = make_case(owner=last)

    def hand_out() -> None:
        with transaction.atomic():
            Agent.objects.select_for_update(no_key=True).get(user=first)
            until_somebody_waits()
            Agent.objects.select_for_update(no_key=True, nowait=True).get(user=last)

    together(hand_out, lambda: spread(last, shop, supervisor))
    case.refresh_from_db()
    assert case.owner == first
