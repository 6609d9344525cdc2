"""A question to the supervisor and its answer."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from cases.models import Case

SignIn = Callable[[User], Client]
MakeCase = Callable[..., Case]

pytestmark = pytest.mark.django_db


def test_a_question_goes_up_and_its_answer_comes_back(
    agent: User, supervisor: User, sign_in: SignIn, make_case: MakeCase
) -> None:
    case = make_case(owner=agent)
    client, above = sign_in(agent), sign_in(supervisor)
    assertRedirects(client.post(f"/desk/{case.pk}/escalate/", {"question": "能退一赔三吗?"}), f"/desk/{case.pk}/")
    page = above.get("/desk/?view=escalated")
    assert [row.case for row in page.context["queue"].rows] == [case]
    assertContains(page, "能退一赔三吗?")
    assertContains(page, f"/desk/{case.pk}/answer/")
    above.post(f"/desk/{case.pk}/answer/", {"answer": "退款加致歉信"})
    page = client.get("/desk/")
    assert [row.case for row in page.context["queue"].rows] == [case]
    assert page.context["question"].comment == "能退一赔三吗?"
    assert page.context["answer"].comment == "退款加致歉信"


def test_question_and_answer_stay_together_until_the_case_closes(
    agent: User, supervisor: User, sign_in: SignIn, make_case: MakeCase
) -> None:
    case = make_case(owner=agent)
    client, above = sign_in(agent), sign_in(supervisor)
    client.post(f"/desk/{case.pk}/escalate/", {"question": "能退一赔三吗?"})
    above.post(f"/desk/{case.pk}/answer/", {"answer": "退款加致歉信"})
    client.post(f"/desk/{case.pk}/contact/", {"channel": "chat", "result": "reached", "said": "已告知买家"})

    def head() -> str:
        page = client.get(f"/desk/{case.pk}/").content.decode()
        return page.split('<header class="case-head">')[1].split("</header>")[0]

    assert "能退一赔三吗?" in head()
    assert "退款加致歉信" in head()
    client.post(f"/desk/{case.pk}/escalate/", {"question": "能再送一张券吗?"})
    assert "能再送一张券吗?" in head()
    assert "退款加致歉信" not in head()
    client.post(f"/desk/{case.pk}/close/", {"outcome": "satisfied"})
    assert "能再送一张券吗?" not in head()
    client.post(f"/desk/{case.pk}/reopen/", {"comment": "买家又来找"})
    assert "能再送一张券吗?" not in head()


def test_the_agent_reads_the_question_but_cannot_answer_it(agent: User, sign_in: SignIn, make_case: MakeCase) -> None:
    case = make_case(owner=agent)
    client = sign_in(agent)
    client.post(f"/desk/{case.pk}/escalate/", {"question": "能退一赔三吗?"})
    page = client.get(f"/desk/{case.pk}/")
    assertContains(page, "能退一赔三吗?")
    assertNotContains(page, f"/desk/{case.pk}/answer/")
    assertNotContains(page, f"/desk/{case.pk}/escalate/")


def test_a_contact_meanwhile_does_not_hide_the_question(
    agent: User, supervisor: User, sign_in: SignIn, make_case: MakeCase
) -> None:
    case = make_case(owner=agent)
    client = sign_in(agent)
    client.post(f"/desk/{case.pk}/escalate/", {"question": "能退一赔三吗?"})
    client.post(f"/desk/{case.pk}/contact/", {"channel": "chat", "result": "reached", "said": "请您稍等"})
    assert sign_in(supervisor).get(f"/desk/{case.pk}/").context["question"].comment == "能退一赔三吗?"


def test_an_empty_question_is_refused_in_place(agent: User, sign_in: SignIn, make_case: MakeCase) -> None:
    case = make_case(owner=agent)
    page = sign_in(agent).post(f"/desk/{case.pk}/escalate/", {"question": " "})
    assert page.status_code == 422
    assertContains(page, f'id="escalate-action-{case.pk}" open', status_code=422)


def test_an_answer_already_given_loses_no_text(
    agent: User, supervisor: User, sign_in: SignIn, make_case: MakeCase
) -> None:
    case = make_case(owner=agent)
    page = sign_in(supervisor).post(f"/desk/{case.pk}/answer/", {"answer": "可以退款,但先道歉"})
    assertContains(page, "可以退款,但先道歉</textarea>", status_code=409)


def test_a_suggestion_is_shown_and_one_key_agrees(
    agent: User, supervisor: User, sign_in: SignIn, make_case: MakeCase
) -> None:
    case = make_case(owner=agent)
    asked = {"question": "能退全款吗?", "what": "remedy", "remedy": "refund", "amount": "88"}
    sign_in(agent).post(f"/desk/{case.pk}/escalate/", asked)
    client = sign_in(supervisor)
    page = client.get(f"/desk/{case.pk}/")
    assertContains(page, "¥88.00")
    assertContains(page, 'aria-keyshortcuts="y"')
    client.post(f"/desk/{case.pk}/agree/", {"answer": ""})
    assert case.remedies.get().amount == 88


def test_a_suggested_remedy_without_its_worth_is_refused_in_place(
    agent: User, sign_in: SignIn, make_case: MakeCase
) -> None:
    case = make_case(owner=agent)
    page = sign_in(agent).post(f"/desk/{case.pk}/escalate/", {"question": "退吗?", "what": "remedy"})
    assert page.status_code == 422
    assert list(page.context["forms"]["escalate"].errors) == ["remedy", "amount"]
