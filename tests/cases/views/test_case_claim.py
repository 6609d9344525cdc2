"""Claiming a case nobody has, and giving it back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.asserts import assertContains, assertRedirects

from cases.models import Case

SignIn = Callable[[User], Client]
MakeCase = Callable[..., Case]

pytestmark = pytest.mark.django_db


def test_claiming_leads_back_to_the_case_and_its_queue(agent: User, sign_in: SignIn, make_case: MakeCase) -> None:
    case = make_case()
    page = sign_in(agent).post(f"/desk/{case.pk}/claim/?view=unassigned&tier=general")
    assertRedirects(page, f"/desk/{case.pk}/?view=unassigned&tier=general")
    case.refresh_from_db()
    assert case.owner == agent


def test_of_two_browsers_one_wins_and_the_other_learns_who(
    agent: User, teammate: User, sign_in: SignIn, make_case: MakeCase
) -> None:
    agent.first_name = "林小雨"
    agent.save()
    case = make_case()
    first, second = sign_in(agent), sign_in(teammate)
    for client in (first, second):
        assertContains(client.get(f"/desk/{case.pk}/"), f'action="/desk/{case.pk}/claim/"')
    assert first.post(f"/desk/{case.pk}/claim/").status_code == 302
    lost = second.post(f"/desk/{case.pk}/claim/")
    assert lost.status_code == 409
    [message] = lost.context["messages"]
    assert message.level_tag == "error"
    assert "林小雨" in str(message)
    assertContains(lost, str(message), status_code=409)
    case.refresh_from_db()
    assert case.owner == agent


def test_the_loser_is_told_by_htmx_too(agent: User, teammate: User, sign_in: SignIn, make_case: MakeCase) -> None:
    case = make_case(owner=agent)
    headers = {"HX-Request": "true", "HX-Target": "section#case", "HX-Source": "form"}
    lost = sign_in(teammate).post(f"/desk/{case.pk}/claim/?view=all", headers=headers)
    assertContains(lost, '<hx-partial hx-target="#messages"', status_code=409)
    assertContains(lost, 'class="alert alert-error"', status_code=409)
    assert lost["HX-Replace-Url"] == f"/desk/{case.pk}/?view=all"


def test_a_closed_case_is_not_claimed(agent: User, sign_in: SignIn, make_case: MakeCase) -> None:
    case = make_case()
    client = sign_in(agent)
    Case.objects.filter(pk=case.pk).update(state="closed", outcome="revised", closed_at=case.opened_at, due_at=None)
    assert client.post(f"/desk/{case.pk}/claim/").status_code == 409
    case.refresh_from_db()
    assert case.owner is None


def test_releasing_leaves_the_case_to_others(agent: User, sign_in: SignIn, make_case: MakeCase) -> None:
    case = make_case(owner=agent)
    page = sign_in(agent).post(f"/desk/{case.pk}/release/")
    assertRedirects(page, f"/desk/{case.pk}/")
    case.refresh_from_db()
    assert case.owner is None
