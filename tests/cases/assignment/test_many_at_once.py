"""20 agents and 2,000 cases at the same time, through the real services on connections of their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from random import Random

import pytest
from django.contrib.auth.models import User

from cases.assignment import NoRoom, assign_cases, assign_waiting, claim_next, release_case
from cases.models import Agent, Case, CaseChange
from reviews.models import ImportBatch, Review, ReviewCause, Shop
from tests.cases.assignment.conftest import MakeAgent
from tests.conftest import NOW
from tests.connections import together

AGENTS, CASES = 20, 2000
CAUSES = ["courier.slow", "price.fee", "quality.defect"]


@pytest.fixture
def cases(shop: Shop, other_shop: Shop) -> list[Case]:
    """Of two shops in turns, and of three causes."""
    made = []
    for place in (shop, other_shop):
        batch = ImportBatch.objects.create(shop=place, file_name="many.csv", file_bytes=0)
        reviews = Review.objects.bulk_create(
            Review(shop=place, batch=batch, identity=f"many:{number}", is_negative=True, reviewed_at=NOW)
            for number in range(CASES // 2)
        )
        ReviewCause.objects.bulk_create(
            ReviewCause(review=review, code=CAUSES[number % 3], rank=0) for number, review in enumerate(reviews)
        )
        made += Case.objects.bulk_create(
            Case(review=review, shop=place, tier="general", opened_at=NOW, first_contact_due_at=NOW, due_at=NOW)
            for review in reviews
        )
    return made


def busy(user: User, share: list[Case], give_back: bool) -> Callable[[], None]:
    """Somebody who takes what waits, has a share of an import handed out in between, and may give back now and then."""

    def work() -> None:
        chance = Random(user.pk)
        for number in range(30):
            if number % 10 == 5:
                assign_cases(share[number // 10 :: 3], now=NOW)
            try:
                case = claim_next(cases=Case.objects.all(), actor=user, now=NOW)
            except NoRoom:
                return
            if case and give_back and chance.random() < 0.2:
                release_case(case=case, actor=user, now=NOW)

    return work


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("capacity", "expected"), [(90, AGENTS * 90), (120, CASES)])
def test_each_case_is_owned_once_nobody_has_too_many_and_none_is_left_while_someone_has_room(
    make_agent: MakeAgent, shop: Shop, other_shop: Shop, cases: list[Case], capacity: int, expected: int
) -> None:
    limits = {"open_capacity": capacity, "daily_capacity": CASES}
    agents = [make_agent([shop, other_shop], **limits) for _ in range(AGENTS)]
    together(*(busy(user, cases[start::AGENTS], start % 2 == 0) for start, user in enumerate(agents)))
    assign_waiting(now=NOW)
    loads = Counter(Case.objects.exclude(owner=None).values_list("owner", flat=True))
    assert max(loads.values()) <= capacity
    assert sum(loads.values()) == expected
    _assert_history_tells_every_owner()


@pytest.mark.django_db(transaction=True)
def test_with_skills_only_those_wait_that_nobody_with_room_can_take(
    make_agent: MakeAgent, shop: Shop, other_shop: Shop, cases: list[Case]
) -> None:
    """Half the agents know one cause only; those of the third cause find too few hands."""
    agents = [
        make_agent([shop, other_shop], open_capacity=80, daily_capacity=CASES, causes=causes)
        for causes in [["courier"]] * 8 + [["price"]] * 8 + [["courier", "price", "quality"]] * 4
    ]
    together(*(busy(user, cases[start::AGENTS], give_back=False) for start, user in enumerate(agents)))
    assign_waiting(now=NOW)
    loads = Counter(Case.objects.exclude(owner=None).values_list("owner", flat=True))
    assert max(loads.values()) <= 80
    for user in agents:
        skills = Agent.objects.get(user=user).causes
        owned = set(Case.objects.filter(owner=user).values_list("review__causes__code", flat=True))
        assert {code.split(".")[0] for code in owned} <= set(skills)
        if loads[user.pk] < 80:
            waiting = set(Case.objects.filter(owner=None).values_list("review__causes__code", flat=True))
            assert not {code.split(".")[0] for code in waiting} & set(skills)
    _assert_history_tells_every_owner()


def _assert_history_tells_every_owner() -> None:
    """Lines follow each other without a gap: no owner was ever replaced by somebody who did not know."""
    names = {case.pk: case.owner.username if case.owner else "" for case in Case.objects.select_related("owner")}
    told: dict[int, str] = dict.fromkeys(names, "")
    for case_id, changes in CaseChange.objects.order_by("pk").values_list("case", "changes"):
        before, after = changes["owner"]
        assert told[case_id] == before
        told[case_id] = after
    assert told == names
