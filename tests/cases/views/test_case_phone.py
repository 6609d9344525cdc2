"""The number, the notes and the line on top of the page."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils.html import strip_tags
from pytest_django.asserts import assertContains, assertNotContains

from cases.models import BuyerNote, Case
from reviews.models import Order, Review
from reviews.phones import kept
from tests.conftest import NOW

SignIn = Callable[[User], Client]
MakeCase = Callable[..., Case]
NUMBER = "13812345678"
ASK = {"purpose": "first", "words": ""}


@pytest.fixture(autouse=True)
def _afternoon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.fixture
def case(make_case: MakeCase, agent: User) -> Case:
    case = make_case(owner=agent)
    mask, sealed = kept(NUMBER)
    Order.objects.create(
        shop=case.shop, number=case.review.order_number, phone=mask, phone_sealed=sealed, shipping_way="EMS"
    )
    return case


@pytest.fixture
def english(sign_in: SignIn) -> SignIn:
    def client_of(user: User) -> Client:
        client = sign_in(user)
        client.post("/language/", {"language": "en"})
        return client

    return client_of


def test_the_number_is_in_one_answer_and_nowhere_else(
    case: Case, agent: User, english: SignIn, caplog: pytest.LogCaptureFixture
) -> None:
    client = english(agent)
    with caplog.at_level(logging.DEBUG):
        assertNotContains(client.get(f"/desk/{case.pk}/"), NUMBER)
        shown = client.post(f"/desk/{case.pk}/phone/", ASK)
        after = client.get(f"/desk/{case.pk}/")
    assertContains(shown, f'<a class="num" href="tel:{NUMBER}">{NUMBER}</a>')
    assert "no-store" in shown["Cache-Control"]
    assert shown["Refresh"] == f"60; url=/desk/{case.pk}/"
    assertNotContains(after, NUMBER)
    assertContains(after, "138****5678")
    assertContains(after, "Phone number shown")
    assertContains(after, "purpose: First contact")
    assert NUMBER not in caplog.text


def test_a_part_of_the_page_is_not_sent_on(case: Case, agent: User, sign_in: SignIn) -> None:
    htmx = {"HX-Request": "true", "HX-Target": "section#case"}
    shown = sign_in(agent).post(f"/desk/{case.pk}/phone/", ASK, headers=htmx)
    assertContains(shown, NUMBER)
    assert "Refresh" not in shown


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"purpose": ""}, 422),
        ({"purpose": "fun"}, 422),
        ({"purpose": "other"}, 422),
        ({"purpose": "other", "words": "确认地址"}, 200),
    ],
)
def test_a_purpose_is_asked_for(case: Case, agent: User, sign_in: SignIn, asked: dict[str, str], status: int) -> None:
    answer = sign_in(agent).post(f"/desk/{case.pk}/phone/", asked)
    assert answer.status_code == status
    assert (NUMBER in answer.content.decode()) is (status == 200)
    assert case.changes.count() == (status == 200)


def test_who_does_not_work_the_case_does_not_see_it(
    case: Case, teammate: User, outsider: User, english: SignIn
) -> None:
    for user, status in ((teammate, 403), (outsider, 404)):
        answer = english(user).post(f"/desk/{case.pk}/phone/", ASK)
        assertNotContains(answer, NUMBER, status_code=status)
    assertNotContains(english(teammate).get(f"/desk/{case.pk}/"), "Show the number")


def test_it_is_not_offered_where_it_would_be_refused(case: Case, agent: User, english: SignIn) -> None:
    client = english(agent)
    assertContains(client.get(f"/desk/{case.pk}/"), "Show the number")
    client.post(f"/desk/{case.pk}/no-phone/", {"reason": "别打电话"})
    assertNotContains(client.get(f"/desk/{case.pk}/"), "Show the number")
    refused = client.post(f"/desk/{case.pk}/phone/", ASK)
    assertContains(refused, "asked not to be phoned", status_code=409)
    assertNotContains(refused, NUMBER, status_code=409)


def test_notes_are_kept_and_shown(case: Case, agent: User, english: SignIn) -> None:
    client = english(agent)
    assert client.post(f"/desk/{case.pk}/note/", {"text": "说话慢一点"}).status_code == 302
    assertContains(client.get(f"/desk/{case.pk}/"), "说话慢一点")
    assert client.post(f"/desk/{case.pk}/note/", {"text": ""}).status_code == 422
    assert BuyerNote.objects.get().actor == agent


def test_the_buyer_in_a_line(
    case: Case, agent: User, english: SignIn, make_case: MakeCase, make_review: Callable[..., Review]
) -> None:
    client = english(agent)
    assert client.get(f"/desk/{case.pk}/").context["summary"] == ["chose EMS"], "a masked name is nobody's record"
    Review.objects.filter(pk=case.review_id).update(buyer_name="小鱼儿")
    earlier = make_case(make_review(buyer_name="小鱼儿"), owner=agent)
    talk = {"channel": "chat", "result": "reached", "said": "谈了", "circumstances": "生气"}
    client.post(f"/desk/{earlier.pk}/contact/", talk)
    client.post(f"/desk/{earlier.pk}/note/", {"text": "18点后再打"})
    page = client.get(f"/desk/{case.pk}/")
    told = ["1 order", "1 complaint before", "chose EMS", "last talk: 生气", "note: 18点后再打"]
    assert page.context["summary"] == told
    line = page.content.decode().split('<p class="case-summary">')[1].split("</p>")[0]
    assert all(words in strip_tags(line) for words in told)
