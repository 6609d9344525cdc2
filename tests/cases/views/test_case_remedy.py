"""Agreeing a remedy, within what an agent may grant."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from cases.models import Case, Remedy, RemedyRequest, RemedyStandard, ShopPolicy

SignIn = Callable[[User], Client]
MakeCase = Callable[..., Case]

pytestmark = pytest.mark.django_db

COUPON = {"kind": "coupon", "amount": "20", "note": "下次可用"}


def test_a_remedy_is_kept_and_listed(agent: User, sign_in: SignIn, make_case: MakeCase) -> None:
    case = make_case(owner=agent)
    client = sign_in(agent)
    assertRedirects(client.post(f"/desk/{case.pk}/remedy/", COUPON), f"/desk/{case.pk}/")
    assert case.remedies.get().amount == 20
    assertContains(client.get(f"/desk/{case.pk}/"), "¥20.00")


def test_above_the_cap_the_same_form_asks_the_supervisor(agent: User, sign_in: SignIn, make_case: MakeCase) -> None:
    case = make_case(owner=agent)
    ShopPolicy.objects.create(shop=case.shop, remedy_cap=30)
    client = sign_in(agent)
    page = client.post(f"/desk/{case.pk}/remedy/", COUPON | {"amount": "31"}, follow=True)
    assert [str(message) for message in page.context["messages"]]
    request = case.remedy_requests.get()
    assert (request.amount, request.note, request.state) == (31, "下次可用", "asked")
    assertContains(page, "¥31.00")
    assert not Remedy.objects.exists()


def test_a_closed_case_says_that_nobody_decides_what_was_asked(
    agent: User, sign_in: SignIn, make_case: MakeCase
) -> None:
    case = make_case(owner=agent)
    ShopPolicy.objects.create(shop=case.shop, remedy_cap=30)
    client = sign_in(agent)
    client.post(f"/desk/{case.pk}/remedy/", COUPON | {"amount": "31"})
    waiting = RemedyRequest.State.ASKED.label
    assertContains(client.get(f"/desk/{case.pk}/"), waiting)
    client.post(f"/desk/{case.pk}/close/", {"outcome": "praised"})
    page = client.get(f"/desk/{case.pk}/")
    assertNotContains(page, waiting)
    assertContains(page, "不再审批")
    client.post(f"/desk/{case.pk}/reopen/", {"comment": "已答应买家"})
    assertContains(client.get(f"/desk/{case.pk}/"), waiting)


def test_the_usual_remedies_of_the_shop_stand_above_the_form(agent: User, sign_in: SignIn, make_case: MakeCase) -> None:
    case = make_case(owner=agent)
    RemedyStandard.objects.create(shop=case.shop, cause="courier", kind="coupon", amount=15, note="满减券")
    assertContains(sign_in(agent).get(f"/desk/{case.pk}/"), "满减券")


def test_a_day_can_be_promised(agent: User, sign_in: SignIn, make_case: MakeCase) -> None:
    case = make_case(owner=agent)
    sign_in(agent).post(f"/desk/{case.pk}/remedy/", COUPON | {"due_on": "2026-12-24"})
    assert case.remedies.get().due_on == date(2026, 12, 24)


def test_a_supervisor_grants_more(agent: User, supervisor: User, sign_in: SignIn, make_case: MakeCase) -> None:
    case = make_case(owner=agent)
    assert sign_in(supervisor).post(f"/desk/{case.pk}/remedy/", COUPON | {"amount": "500"}).status_code == 302


@pytest.mark.parametrize(
    "wrong", [{"amount": "-1"}, {"amount": "x"}, {"amount": "NaN"}, {"kind": "cash"}, {"note": "字" * 301}]
)
def test_nonsense_is_refused_in_place(agent: User, sign_in: SignIn, make_case: MakeCase, wrong: dict[str, str]) -> None:
    case = make_case(owner=agent)
    page = sign_in(agent).post(f"/desk/{case.pk}/remedy/", COUPON | wrong)
    assert page.status_code == 422
    assert list(page.context["forms"]["remedy"].errors) == list(wrong)
    assert not Remedy.objects.exists()
