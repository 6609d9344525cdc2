"""Closing a case with its outcome, the verdict of the platform, and opening it again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from cases.models import Case, ContactEntry, Outcome
from tests.conftest import NOW

SignIn = Callable[[User], Client]
MakeCase = Callable[..., Case]

pytestmark = pytest.mark.django_db


def test_a_case_is_closed_with_its_outcome(agent: User, sign_in: SignIn, make_case: MakeCase) -> None:
    case = make_case(owner=agent)
    ContactEntry.objects.create(case=case, at=NOW, actor=agent, channel="chat", result="reached", said="谈妥")
    client = sign_in(agent)
    page = client.post(f"/desk/{case.pk}/close/", {"outcome": "satisfied", "comment": "已安抚"})
    assertRedirects(page, f"/desk/{case.pk}/")
    case.refresh_from_db()
    assert (case.state, case.outcome) == ("closed", "satisfied")
    page = client.get(f"/desk/{case.pk}/")
    assertContains(page, f"/desk/{case.pk}/reopen/")
    assertNotContains(page, f"/desk/{case.pk}/close/")
    assertNotContains(page, f"/desk/{case.pk}/contact/")
    assert page.context["next_due"] is None


def test_an_outcome_that_needs_a_contact_says_so_in_place(agent: User, sign_in: SignIn, make_case: MakeCase) -> None:
    case = make_case(owner=agent)
    page = sign_in(agent).post(f"/desk/{case.pk}/close/", {"outcome": "unreachable", "comment": "打了三次"})
    assert page.status_code == 409
    assert page.context["forms"]["close"].has_error("outcome")
    assertContains(page, "打了三次</textarea>", status_code=409)
    case.refresh_from_db()
    assert case.is_open


def test_no_outcome_is_chosen_beforehand(agent: User, sign_in: SignIn, make_case: MakeCase) -> None:
    page = sign_in(agent).get(f"/desk/{make_case(owner=agent).pk}/")
    field = page.context["forms"]["close"]["outcome"]
    assert field.field.required
    assert [code for code, _label in field.field.choices][:2] == ["", Outcome.REVISED]
    assert not field.initial


@pytest.mark.parametrize("outcome", ["", "won", "upheld", "rejected"])
def test_outcomes_that_an_open_case_cannot_have(
    agent: User, sign_in: SignIn, make_case: MakeCase, outcome: str
) -> None:
    case = make_case(owner=agent)
    page = sign_in(agent).post(f"/desk/{case.pk}/close/", {"outcome": outcome})
    assert page.status_code == 422
    assert list(page.context["forms"]["close"].errors) == ["outcome"]


def test_the_verdict_on_a_report_is_entered_later(agent: User, sign_in: SignIn, make_case: MakeCase) -> None:
    case = make_case(owner=agent)
    client = sign_in(agent)
    client.post(f"/desk/{case.pk}/close/", {"outcome": "reported", "comment": "索要100元,有聊天截图"})
    offered = client.get(f"/desk/{case.pk}/").context["forms"]["close"].fields["outcome"].choices
    assert [code for code, _label in offered] == ["", Outcome.UPHELD, Outcome.REJECTED]
    client.post(f"/desk/{case.pk}/close/", {"outcome": "upheld"})
    case.refresh_from_db()
    assert (case.state, case.outcome) == ("closed", "upheld")


def test_closing_twice_loses_no_text(agent: User, sign_in: SignIn, make_case: MakeCase) -> None:
    case = make_case(owner=agent)
    client = sign_in(agent)
    client.post(f"/desk/{case.pk}/close/", {"outcome": "revised"})
    page = client.post(f"/desk/{case.pk}/close/", {"outcome": "deleted", "comment": "买家自己删了"})
    assertContains(page, "买家自己删了</textarea>", status_code=409)


def test_a_closed_case_is_opened_again_with_a_reason(agent: User, sign_in: SignIn, make_case: MakeCase) -> None:
    case = make_case(owner=agent, state="closed", outcome="refused", closed_at=NOW, due_at=None)
    client = sign_in(agent)
    assert client.post(f"/desk/{case.pk}/reopen/", {"comment": ""}).status_code == 422
    assertRedirects(client.post(f"/desk/{case.pk}/reopen/", {"comment": "买家又来找"}), f"/desk/{case.pk}/")
    case.refresh_from_db()
    assert case.is_open
    assertContains(client.get(f"/desk/{case.pk}/"), "买家又来找")
