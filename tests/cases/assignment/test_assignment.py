"""Handing out, claiming, giving away and giving back, also at the same moment."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from cases import presence
from cases.assignment import (
    AlreadyClaimed,
    NotOfTheShop,
    assign_cases,
    assign_waiting,
    claim_case,
    reassign_case,
    release_case,
    set_duty,
)
from cases.flow import CaseClosed, Refused
from cases.jobs import assign_waiting_cases
from cases.models import Agent, Case, CaseChange, State
from reviewdesk.access import Role, grant_role
from reviews.models import Shop
from tests.conftest import NOW
from tests.connections import together


def owners(*cases: Case) -> list[str | None]:
    return [
        case.owner and case.owner.username for case in Case.objects.filter(pk__in=[c.pk for c in cases]).order_by("pk")
    ]


def test_the_least_loaded_agent_is_served_first_and_ties_go_to_the_lower_id(
    make_case: Callable[..., Case], agent: User, teammate: User
) -> None:
    make_case(owner=agent)
    cases = [make_case() for _ in range(4)]
    assert assign_cases(cases, now=NOW) == 4
    assert owners(*cases) == ["teammate", "agent", "teammate", "agent"]


def test_what_is_due_first_is_handed_out_first(make_case: Callable[..., Case], agent: User, teammate: User) -> None:
    late, soon = make_case(due_at=NOW + timedelta(hours=1)), make_case(due_at=NOW)
    assign_cases([late, soon], now=NOW)
    assert owners(late, soon) == ["teammate", "agent"]


def test_closed_cases_are_no_load(make_case: Callable[..., Case], agent: User, teammate: User) -> None:
    for _ in range(3):
        make_case(owner=agent, state=State.CLOSED, closed_at=NOW)
    make_case(owner=teammate)
    case = make_case()
    assign_cases([case], now=NOW)
    assert owners(case) == ["agent"]


def test_the_load_of_all_shops_counts(
    make_case: Callable[..., Case], make_review: Callable[..., Any], agent: User, teammate: User, other_shop: Shop
) -> None:
    agent.shops.add(other_shop)
    make_case(make_review(shop=other_shop), owner=agent)
    case = make_case()
    assign_cases([case], now=NOW)
    assert owners(case) == ["teammate"]


def test_nobody_but_active_agents_of_the_shop_on_duty_is_handed_cases(
    make_case: Callable[..., Case], agent: User, teammate: User, outsider: User, supervisor: User
) -> None:
    Agent.objects.create(user=supervisor, is_on_duty=True)
    presence.note(supervisor.pk, timezone.now())
    Agent.objects.filter(user=agent).update(is_on_duty=False)
    teammate.is_active = False
    teammate.save()
    case = make_case()
    assert assign_cases([case], now=NOW) == 0
    assert owners(case) == [None]
    grant_role(supervisor, Role.AGENT)
    assert assign_cases([case], now=NOW) == 1
    assert owners(case) == ["supervisor"]


def test_the_history_and_the_given_objects_know_the_owner(make_case: Callable[..., Case], agent: User) -> None:
    case = make_case()
    assign_cases([case], now=NOW)
    assert case.owner == agent
    line = case.changes.get()
    assert (line.kind, line.actor, line.changes) == ("assigned", None, {"owner": ["", "agent"]})


def test_handing_out_leaves_owned_and_closed_cases_alone(
    make_case: Callable[..., Case], agent: User, teammate: User
) -> None:
    owned, closed = make_case(owner=teammate), make_case(state=State.CLOSED, closed_at=NOW)
    assert assign_cases([owned, closed], now=NOW) == 0
    assert owners(owned, closed) == ["teammate", None]


@pytest.mark.parametrize("number", [2, 40])
def test_handing_out_takes_the_same_few_queries_for_any_number_of_cases(
    make_case: Callable[..., Case], agent: User, teammate: User, django_assert_num_queries: Any, number: int
) -> None:
    cases = [make_case() for _ in range(number)]
    # savepoint twice, shops' lock; cases, causes; releases; members, agents, loads, given; owners twice, history
    with django_assert_num_queries(13):
        assign_cases(cases, now=NOW)


def test_claiming_makes_one_the_owner(make_case: Callable[..., Case], agent: User) -> None:
    case = make_case()
    claim_case(case=case, actor=agent, now=NOW)
    case.refresh_from_db()
    assert case.owner == agent
    line = case.changes.get()
    assert (line.kind, line.actor, line.changes) == ("claimed", agent, {"owner": ["", "agent"]})


def test_claiming_what_somebody_has_says_who(make_case: Callable[..., Case], agent: User, teammate: User) -> None:
    case = make_case(owner=teammate)
    with pytest.raises(AlreadyClaimed) as refusal:
        claim_case(case=case, actor=agent, now=NOW)
    assert refusal.value.owner == teammate
    assert "teammate" in str(refusal.value)
    assert not case.changes.exists()


def test_claiming_twice_changes_nothing(make_case: Callable[..., Case], agent: User) -> None:
    case = make_case()
    claim_case(case=case, actor=agent, now=NOW)
    claim_case(case=case, actor=agent, now=NOW)
    assert case.changes.count() == 1


def test_a_closed_case_is_not_claimed(make_case: Callable[..., Case], agent: User) -> None:
    with pytest.raises(CaseClosed):
        claim_case(case=make_case(state=State.CLOSED, closed_at=NOW), actor=agent, now=NOW)


def test_an_outsider_claims_nothing(make_case: Callable[..., Case], outsider: User) -> None:
    case = make_case()
    with pytest.raises(PermissionDenied):
        claim_case(case=case, actor=outsider, now=NOW)
    assert owners(case) == [None]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_claim_at_once_exactly_one_gets_the_case(
    make_case: Callable[..., Case], agent: User, teammate: User
) -> None:
    for _ in range(20):
        case = make_case()

        def claim(user: User, pk: int = case.pk) -> str:
            try:
                claim_case(case=Case.objects.get(pk=pk), actor=user, now=NOW)
            except AlreadyClaimed as refusal:
                return refusal.owner.username
            return "won"

        answers = together(lambda: claim(agent), lambda: claim(teammate))
        winner = owners(case)[0]
        assert sorted(answers) == sorted(["won", winner])
        assert [line.actor and line.actor.username for line in case.changes.all()] == [winner]


@pytest.mark.django_db(transaction=True)
def test_a_claim_and_the_handing_out_do_not_both_give_the_case_away(
    make_case: Callable[..., Case], agent: User, teammate: User
) -> None:
    for _ in range(10):
        case = make_case()

        def claim(pk: int = case.pk) -> None:
            with suppress(AlreadyClaimed):
                claim_case(case=Case.objects.get(pk=pk), actor=teammate, now=NOW)

        together(claim, lambda: assign_waiting(now=NOW))
        line = case.changes.get()
        assert line.changes["owner"] == ["", owners(case)[0]]


@pytest.mark.django_db(transaction=True)
def test_workers_who_hand_out_at_once_stay_fair(make_case: Callable[..., Case], agent: User, teammate: User) -> None:
    cases = [make_case() for _ in range(20)]
    together(*(lambda part=cases[start::4]: assign_cases(part, now=NOW) for start in range(4)))
    assert Counter(owners(*cases)) == {"agent": 10, "teammate": 10}
    assert CaseChange.objects.count() == 20


def test_a_supervisor_gives_a_case_to_anybody_of_the_shop(
    make_case: Callable[..., Case], agent: User, teammate: User, supervisor: User
) -> None:
    case = make_case(owner=agent)
    reassign_case(case=case, to=teammate, actor=supervisor, now=NOW)
    assert owners(case) == ["teammate"]
    line = case.changes.get()
    assert (line.kind, line.actor, line.changes) == ("assigned", supervisor, {"owner": ["agent", "teammate"]})
    reassign_case(case=case, to=supervisor, actor=supervisor, now=NOW)
    assert owners(case) == ["supervisor"]


def test_giving_a_case_to_its_owner_changes_nothing(
    make_case: Callable[..., Case], agent: User, supervisor: User
) -> None:
    case = make_case(owner=agent)
    reassign_case(case=case, to=agent, actor=supervisor, now=NOW)
    assert not case.changes.exists()


def test_a_case_goes_to_nobody_outside_the_shop_or_without_a_role(
    make_case: Callable[..., Case], outsider: User, teammate: User, supervisor: User
) -> None:
    stranger = User.objects.create_user("stranger")
    teammate.is_active = False
    teammate.save()
    for user in (outsider, stranger, teammate):
        with pytest.raises(NotOfTheShop):
            reassign_case(case=make_case(), to=user, actor=supervisor, now=NOW)


def test_only_a_supervisor_of_the_shop_reassigns(
    make_case: Callable[..., Case], agent: User, teammate: User, outsider: User
) -> None:
    grant_role(outsider, Role.SUPERVISOR)
    case = make_case(owner=agent)
    for user in (agent, outsider):
        with pytest.raises(PermissionDenied):
            reassign_case(case=case, to=teammate, actor=user, now=NOW)


def test_a_closed_case_is_not_given_away(make_case: Callable[..., Case], agent: User, supervisor: User) -> None:
    with pytest.raises(CaseClosed):
        reassign_case(case=make_case(state=State.CLOSED, closed_at=NOW), to=agent, actor=supervisor, now=NOW)


def test_a_released_case_goes_to_somebody_else(make_case: Callable[..., Case], agent: User, teammate: User) -> None:
    for _ in range(3):
        make_case(owner=teammate)
    case = make_case(owner=agent)
    release_case(case=case, actor=agent, now=NOW)
    assert owners(case) == [None]
    line = case.changes.get()
    assert (line.kind, line.actor, line.changes) == ("released", agent, {"owner": ["agent", ""]})
    assign_waiting(now=NOW)
    assert owners(case) == ["teammate"]


def test_a_released_case_waits_when_nobody_else_is_on_duty(make_case: Callable[..., Case], agent: User) -> None:
    case = make_case(owner=agent)
    release_case(case=case, actor=agent, now=NOW)
    assert assign_waiting(now=NOW) == 0


def test_what_nobody_has_cannot_be_released(make_case: Callable[..., Case], supervisor: User) -> None:
    with pytest.raises(Refused):
        release_case(case=make_case(), actor=supervisor, now=NOW)


def test_a_teammates_case_is_not_released(make_case: Callable[..., Case], agent: User, teammate: User) -> None:
    with pytest.raises(PermissionDenied):
        release_case(case=make_case(owner=agent), actor=teammate, now=NOW)


def test_coming_on_duty_brings_the_waiting_cases_of_ones_shops(
    make_case: Callable[..., Case], make_review: Callable[..., Any], agent: User, outsider: User, other_shop: Shop
) -> None:
    duty = agent.agent
    set_duty(agent=duty, is_on_duty=False, now=NOW)
    here, elsewhere = make_case(), make_case(make_review(shop=other_shop))
    assert not Agent.objects.get(pk=duty.pk).is_on_duty
    assert owners(here, elsewhere) == [None, None]
    set_duty(agent=duty, is_on_duty=True, now=NOW)
    assert owners(here, elsewhere) == ["agent", None]


def test_the_job_hands_out_what_waits_in_every_shop(
    make_case: Callable[..., Case], make_review: Callable[..., Any], agent: User, outsider: User, other_shop: Shop
) -> None:
    here, elsewhere = make_case(), make_case(make_review(shop=other_shop))
    assert assign_waiting_cases() == 2
    assert owners(here, elsewhere) == ["agent", "outsider"]
    assert assign_waiting_cases() == 0
