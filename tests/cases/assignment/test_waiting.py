"""Why cases wait."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from cases import presence
from cases.assignment.takers import takers_of
from cases.assignment.waiting import Reason, why_waiting
from cases.models import Agent, Case
from reviews.causes import TopCause
from reviews.models import Review, Shop
from tests.cases.assignment.conftest import MakeAgent
from tests.conftest import NOW

MakeCase = Callable[..., Case]


def reasons(shop: Shop) -> list[tuple[Reason, int]]:
    return [(group.reason, group.count) for group in why_waiting([shop], takers_of([shop.pk], now=NOW))]


def test_without_waiting_cases_there_is_nothing_to_tell(make_case: MakeCase, make_agent: MakeAgent, shop: Shop) -> None:
    make_case(owner=make_agent())
    make_case(is_backlog=True, owner=make_agent())
    make_case(state="closed", outcome="refused", closed_at=NOW)
    assert reasons(shop) == []


def test_backlog_waits_for_whoever_takes_it(make_case: MakeCase, make_agent: MakeAgent, shop: Shop) -> None:
    make_agent(open_capacity=0)
    make_case()
    make_case(is_backlog=True), make_case(is_backlog=True)
    assert reasons(shop) == [(Reason.BACKLOG, 2), (Reason.NO_ROOM, 1)]


def test_a_shop_without_agents(make_case: MakeCase, shop: Shop) -> None:
    make_case()
    assert reasons(shop) == [(Reason.NO_AGENT, 1)]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"causes": ["price"]}, Reason.NO_SKILL),
        ({"is_on_duty": False}, Reason.OFF_DUTY),
        ({"open_capacity": 0}, Reason.NO_ROOM),
        ({"daily_capacity": 0}, Reason.NO_ROOM),
        ({}, Reason.SOON),
    ],
)
def test_the_reason_by_what_the_agents_are(
    make_case: MakeCase, make_agent: MakeAgent, shop: Shop, fields: dict[str, Any], reason: Reason
) -> None:
    make_agent(**fields)
    make_case(), make_case()
    assert reasons(shop) == [(reason, 2)]


def test_those_who_could_are_away(make_case: MakeCase, make_agent: MakeAgent, shop: Shop) -> None:
    user = make_agent()
    cache.delete(f"seen:{user.pk}")
    presence.note(user.pk, timezone.now() - presence.AWAY_AFTER - timedelta(seconds=1))
    make_case()
    assert reasons(shop) == [(Reason.AWAY, 1)]


def test_missing_skills_are_named_and_other_causes_have_their_own_reason(
    make_case: MakeCase, make_agent: MakeAgent, make_review: Callable[..., Review], shop: Shop
) -> None:
    make_agent(causes=["courier"], open_capacity=0)
    for causes in (["price.fee"], ["price.drop"], ["quality.defect"], ["courier.slow"]):
        make_case(make_review(causes))
    lacking, full = why_waiting([shop], takers_of([shop.pk], now=NOW))
    assert (lacking.reason, lacking.count) == (Reason.NO_SKILL, 3)
    assert lacking.demands == [(TopCause.PRICE, ""), (TopCause.QUALITY, "")]
    assert (full.reason, full.count, full.demands) == (Reason.NO_ROOM, 1, [])
    assert Agent.objects.count() == 1
