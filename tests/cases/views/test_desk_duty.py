"""Going on and off duty from the header of any page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.asserts import assertRedirects

from cases.models import Case
from tests.conftest import NOW

SignIn = Callable[[User], Client]

pytestmark = pytest.mark.django_db


def _is_on_duty(user: User) -> bool:
    user.agent.refresh_from_db()
    return user.agent.is_on_duty


def test_off_duty_and_back_to_the_same_page(agent: User, sign_in: SignIn) -> None:
    page = sign_in(agent).post("/duty/", {"duty": "off", "next": "/desk/?view=all"})
    assertRedirects(page, "/desk/?view=all")
    assert not _is_on_duty(agent)


def test_coming_on_duty_takes_waiting_cases(agent: User, sign_in: SignIn, make_case: Callable[..., Case]) -> None:
    client = sign_in(agent)
    client.post("/duty/", {"duty": "off"})
    case = make_case()
    client.post("/duty/", {"duty": "on"})
    case.refresh_from_db()
    assert _is_on_duty(agent)
    assert case.owner == agent


def test_who_leaves_is_told_what_stays(agent: User, sign_in: SignIn, make_case: Callable[..., Case]) -> None:
    client = sign_in(agent)
    assert "messages" not in client.post("/duty/", {"duty": "off"}).cookies
    make_case(owner=agent)
    make_case(owner=agent, state="escalated")
    make_case(owner=agent, state="closed", outcome="refused", closed_at=NOW)
    page = client.post("/duty/", {"duty": "off"}, follow=True)
    assert "2 件" in str(next(iter(page.context["messages"])))


@pytest.mark.parametrize("target", ["https://example.com/", "//example.com/", "javascript:alert(1)", "nowhere", ""])
def test_next_never_leads_elsewhere(agent: User, sign_in: SignIn, target: str) -> None:
    page = sign_in(agent).post("/duty/", {"duty": "on", "next": target})
    assertRedirects(page, "/desk/")


@pytest.mark.parametrize("duty", ["", "maybe"])
def test_a_duty_is_on_or_off(agent: User, sign_in: SignIn, duty: str) -> None:
    assert sign_in(agent).post("/duty/", {"duty": duty}).status_code == 400
    assert _is_on_duty(agent)


def test_only_agents_have_a_duty(supervisor: User, sign_in: SignIn) -> None:
    assert sign_in(supervisor).post("/duty/", {"duty": "on"}).status_code == 404


def test_duty_is_not_changed_by_a_visit(agent: User, sign_in: SignIn) -> None:
    assert sign_in(agent).get("/duty/?duty=off").status_code == 405
    assert _is_on_duty(agent)
