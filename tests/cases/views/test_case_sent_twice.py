"""A form of the case page that is sent twice in a hurry counts once, and is no error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.asserts import assertContains

from cases.models import BuyerNote, Case, Escalation, Notice, Remedy, RemedyRequest, ShopPolicy

SignIn = Callable[[User], Client]
MakeCase = Callable[..., Case]

pytestmark = pytest.mark.django_db

COUPON = {"kind": "coupon", "amount": "20", "note": "下次可用"}
NOTE = {"text": "说话直，电话 15400001234"}
QUESTION = {"question": "可以退一半吗？", "suggestion": "remedy", "remedy": "refund", "amount": "25"}
FORMS = [
    pytest.param("remedy", COUPON, {"note": "另一张"}, Remedy, id="remedy"),
    pytest.param("remedy", COUPON | {"due_on": "2030-01-01"}, {"due_on": "2030-01-02"}, Remedy, id="remedy with a day"),
    pytest.param("remedy", COUPON | {"amount": "31"}, None, RemedyRequest, id="remedy above the cap"),
    pytest.param("note", NOTE, {"text": "晚上方便"}, BuyerNote, id="note"),
    pytest.param("escalate", QUESTION, None, Escalation, id="question"),
]


@pytest.fixture
def case(make_case: MakeCase, agent: User) -> Case:
    case = make_case(owner=agent)
    ShopPolicy.objects.create(shop=case.shop, remedy_cap=100)
    return case


@pytest.mark.parametrize(("act", "entered", "other", "kept"), FORMS)
def test_what_was_sent_twice_is_kept_once(
    act: str, entered: dict[str, str], other: dict[str, str] | None, kept: Any, agent: User, sign_in: SignIn, case: Case
) -> None:
    if kept is RemedyRequest:
        ShopPolicy.objects.filter(shop=case.shop).update(remedy_cap=30)
    client = sign_in(agent)
    sent = entered | {"seen": str(client.get(f"/desk/{case.pk}/").context["seen"])}
    client.post(f"/desk/{case.pk}/{act}/", sent)
    told = Notice.objects.count()
    assertContains(client.post(f"/desk/{case.pk}/{act}/", sent, follow=True), "只算一次")
    assert (kept.objects.count(), Notice.objects.count()) == (1, told)
    if other:
        client.post(f"/desk/{case.pk}/{act}/", sent | other)
        assert kept.objects.count() == 2, "what says something else is another"


@pytest.mark.parametrize(("act", "entered", "kept"), [("remedy", COUPON, Remedy), ("note", NOTE, BuyerNote)])
def test_the_same_from_a_page_that_shows_the_first_is_meant(
    act: str, entered: dict[str, str], kept: Any, agent: User, sign_in: SignIn, case: Case
) -> None:
    client = sign_in(agent)
    for _ in range(2):
        client.post(f"/desk/{case.pk}/{act}/", entered | {"seen": str(client.get(f"/desk/{case.pk}/").context["seen"])})
    assert kept.objects.count() == 2


def test_a_colleagues_remedy_is_another(agent: User, supervisor: User, sign_in: SignIn, case: Case) -> None:
    seen = str(sign_in(agent).get(f"/desk/{case.pk}/").context["seen"])
    for person in (agent, supervisor):
        # The second is warned of the first, and means it all the same.
        for _ in range(2):
            page = sign_in(person).post(f"/desk/{case.pk}/remedy/", COUPON | {"seen": seen})
            seen = str(page.context["seen"]) if page.status_code == 409 else seen
    assert sorted(remedy.agreed_by.username for remedy in case.remedies.all()) == ["agent", "supervisor"]
