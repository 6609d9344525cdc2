"""Who is handed a case: skill, load, capacity, presence."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.utils import timezone

from cases import presence
from cases.assignment import assign_cases, assign_waiting, place_reopened
from cases.assignment.takers import Taker, fitting, takers_of
from cases.jobs import assign_waiting_cases
from cases.models import Agent, Case, CaseChange
from reviews.causes import TopCause
from reviews.models import Product, Review, Shop
from tests.cases.assignment.conftest import MakeAgent
from tests.conftest import NOW

MakeCase = Callable[..., Case]
MakeReview = Callable[..., Review]


def owners(*cases: Case) -> list[str | None]:
    found = dict(Case.objects.values_list("pk", "owner__username"))
    return [found[case.pk] for case in cases]


def away(user: User) -> None:
    """The person did nothing for a while."""
    cache.delete(f"seen:{user.pk}")
    presence.note(user.pk, timezone.now() - presence.AWAY_AFTER - timedelta(seconds=1))


@pytest.fixture
def of_line(make_review: MakeReview) -> Callable[[str], Review]:
    def make(line: str) -> Review:
        review = make_review(product_title=f"商品 {line}")
        Product.objects.filter(pk=review.product_id).update(line=line)
        return review

    return make


def test_a_case_goes_to_who_knows_its_primary_cause(
    make_agent: MakeAgent, make_case: MakeCase, make_review: MakeReview
) -> None:
    make_agent(causes=["quality", "other"]), make_agent(causes=["courier"])
    slow = make_case(make_review(["courier.slow", "quality.defect"]))
    torn = make_case(make_review(["quality.defect", "courier.slow"]))
    angry = make_case(make_review(["other"]))
    dear = make_case(make_review(["price.expensive"]))
    assert assign_waiting(now=NOW) == 3
    assert owners(slow, torn, angry, dear) == ["agent02", "agent01", "agent01", None]


def test_a_case_goes_to_who_knows_the_product_line(
    make_agent: MakeAgent, make_case: MakeCase, make_review: MakeReview, of_line: Callable[[str], Review]
) -> None:
    make_agent(lines=["shoes", "bags"])
    shoes, hats, unknown = make_case(of_line("shoes")), make_case(of_line("hats")), make_case(of_line(""))
    without = make_case(make_review(product=None))
    assert assign_waiting(now=NOW) == 3
    assert owners(shoes, hats, unknown, without) == ["agent01", None, "agent01", "agent01"]


def test_nobody_is_given_more_than_they_may_have_open(make_agent: MakeAgent, make_case: MakeCase) -> None:
    full, free = make_agent(open_capacity=2), make_agent(open_capacity=3)
    make_case(owner=full)
    cases = [make_case() for _ in range(6)]
    assert assign_cases(cases, now=NOW) == 4
    assert Counter(owners(*cases)) == {full.username: 1, free.username: 3, None: 2}


def test_loads_are_weighed_against_capacities(make_agent: MakeAgent, make_case: MakeCase) -> None:
    make_agent(open_capacity=10), make_agent(open_capacity=30)
    cases = [make_case() for _ in range(20)]
    assign_cases(cases, now=NOW)
    assert Counter(owners(*cases)) == {"agent01": 5, "agent02": 15}


def test_a_day_brings_no_more_than_its_capacity_and_the_next_starts_anew(
    make_agent: MakeAgent, make_case: MakeCase
) -> None:
    make_agent(daily_capacity=3)
    cases = [make_case() for _ in range(5)]
    assert assign_cases(cases, now=NOW) == 3
    assert assign_waiting(now=NOW) == 0
    evening = NOW.replace(hour=23, minute=59)
    assert assign_waiting(now=evening) == 0
    assert assign_waiting(now=evening + timedelta(minutes=1)) == 2
    assert Agent.objects.get().given_count == 2


def test_who_has_been_away_is_handed_nothing_until_they_come_back(make_agent: MakeAgent, make_case: MakeCase) -> None:
    user = make_agent()
    away(user)
    case = make_case()
    assert assign_waiting(now=NOW) == 0
    assert presence.note(user.pk, timezone.now())
    assert assign_waiting(now=NOW) == 1
    assert owners(case) == ["agent01"]


def test_backlog_is_handed_to_nobody(make_agent: MakeAgent, make_case: MakeCase) -> None:
    make_agent()
    old = make_case(is_backlog=True)
    assert assign_cases([old], now=NOW) == 0
    assert assign_waiting_cases() == 0
    assert owners(old) == [None]


def test_the_best_of_what_waits_goes_first(make_agent: MakeAgent, make_case: MakeCase) -> None:
    make_agent(open_capacity=1)
    make_case(due_at=NOW), make_case(tier="disputed", due_at=NOW)
    urgent = make_case(tier="priority", due_at=NOW + timedelta(hours=3))
    assign_waiting(now=NOW)
    assert owners(urgent) == ["agent01"]


def test_what_was_given_back_holds_up_nothing_behind_it(
    make_agent: MakeAgent, make_case: MakeCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cases.assignment.sharing.HANDED_OUT_AT_ONCE", 2)
    user = make_agent(open_capacity=1)
    given_back = [make_case(tier="priority") for _ in range(5)]
    for case in given_back:
        CaseChange.objects.create(case=case, at=NOW, actor=user, kind=CaseChange.Kind.RELEASED)
    case = make_case()
    assert assign_waiting(now=NOW) == 1
    assert owners(case) == ["agent01"]


def test_a_full_agent_of_two_shops_is_full_in_both(
    make_agent: MakeAgent, make_case: MakeCase, make_review: MakeReview, shop: Shop, other_shop: Shop
) -> None:
    make_agent([shop, other_shop], open_capacity=2)
    for _ in range(2):
        make_case(), make_case(make_review(shop=other_shop))
    assert assign_waiting(now=NOW) == 2


@pytest.mark.parametrize("count", [1, 30])
def test_the_sweep_looks_at_what_can_be_taken_only(
    make_agent: MakeAgent, make_case: MakeCase, make_review: MakeReview, django_assert_num_queries: Any, count: int
) -> None:
    make_agent(causes=["price"])
    for _ in range(count):
        make_case(make_review(["courier.slow"]))
    # shops; members, agents, loads; cases
    with django_assert_num_queries(5):
        assert assign_waiting(now=NOW) == 0


@pytest.mark.parametrize("causes", [[], ["other"], ["courier", "price"]])
@pytest.mark.parametrize("lines", [[], ["shoes"]])
def test_the_database_and_the_reckoning_agree_on_skills(
    make_agent: MakeAgent,
    make_case: MakeCase,
    make_review: MakeReview,
    shop: Shop,
    causes: list[str],
    lines: list[str],
) -> None:
    from cases.assignment.takers import demand_of

    user = make_agent(causes=causes, lines=lines)
    for code in ["other", "courier.slow", "quality.defect"]:
        for line in ["", "shoes", "hats", None]:
            review = make_review([code], product_title=f"{line}")
            Product.objects.filter(pk=review.product_id).update(line=line or "")
            if line is None:
                Review.objects.filter(pk=review.pk).update(product=None)
            make_case(review)
    (taker,) = takers_of([shop.pk], now=NOW)
    fit = set(Case.objects.filter(fitting([user.agent])))
    assert fit == {case for case in Case.objects.all() if taker.can(demand_of(case))}
    assert fit


def test_every_top_cause_is_a_skill(make_agent: MakeAgent, shop: Shop) -> None:
    make_agent(causes=TopCause.values)
    (taker,) = takers_of([shop.pk], now=NOW)
    assert isinstance(taker, Taker)
    assert taker.is_limited


def test_a_reopened_case_stays_with_an_owner_at_work(make_agent: MakeAgent, make_case: MakeCase) -> None:
    user, _other = make_agent(), make_agent()
    case = make_case(owner=user)
    place_reopened([case], now=NOW)
    assert owners(case) == [user.username]
    assert not case.changes.exists()


def test_a_reopened_case_goes_on_where_its_owner_is_off_duty(make_agent: MakeAgent, make_case: MakeCase) -> None:
    off, other = make_agent(is_on_duty=False), make_agent()
    case = make_case(owner=off)
    place_reopened([case], now=NOW)
    assert owners(case) == [other.username]
    assert case.owner == other
    assert case.changes.get().changes == {"owner": [off.username, other.username]}


def test_a_reopened_case_nobody_else_can_take_keeps_its_owner(make_agent: MakeAgent, make_case: MakeCase) -> None:
    off = make_agent(is_on_duty=False)
    make_agent(causes=["price"])
    case = make_case(owner=off)
    place_reopened([case], now=NOW)
    assert owners(case) == [off.username]


def test_a_reopened_case_goes_on_to_a_namesake_too(make_agent: MakeAgent, make_case: MakeCase) -> None:
    off, other = make_agent(is_on_duty=False), make_agent()
    User.objects.update(first_name="小禾")
    case = make_case(owner=off)
    place_reopened([case], now=NOW)
    assert owners(case) == [other.username]


@pytest.mark.parametrize("has_left", ["the shop", "for good"])
def test_a_reopened_case_goes_on_where_its_owner_has_left(
    make_agent: MakeAgent, make_case: MakeCase, other_shop: Shop, has_left: str
) -> None:
    gone, other = make_agent(), make_agent(open_capacity=2)
    cases = [make_case(owner=gone) for _ in range(3)]
    gone.shops.set([other_shop])
    if has_left == "for good":
        User.objects.filter(pk=gone.pk).update(is_active=False)
    place_reopened(cases, now=NOW)
    assert owners(*cases) == [other.username, other.username, None]
    assert [case.owner for case in cases] == [other, other, None]
    assert cases[-1].changes.get().changes == {"owner": [gone.username, ""]}


def test_sharing_out_asks_every_case_once_however_many_there_are(
    make_agent: MakeAgent, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """2,000 cases for 20 agents: the work per case does not grow with their number."""
    from cases.assignment.sharing import Sharing

    for _ in range(20):
        make_agent(open_capacity=100, daily_capacity=100)
    looked_at = Counter[str]()
    load = Taker.load.fget
    monkeypatch.setattr(Taker, "load", property(lambda self: looked_at.update(["load"]) or load(self)))
    sharing = Sharing(takers_of([shop.pk], now=NOW))
    dealt = Counter(sharing.deal(Case(shop_id=shop.pk)) for _ in range(2000))
    assert set(dealt.values()) == {100}
    assert looked_at["load"] < 4 * 2000
    assert sharing.deal(Case(shop_id=shop.pk)) is None
