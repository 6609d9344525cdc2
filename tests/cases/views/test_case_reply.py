"""The public reply: checked while it is typed, refused when it must not be published."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from cases.models import Case, PublicReply

SignIn = Callable[[User], Client]
MakeCase = Callable[..., Case]

pytestmark = pytest.mark.django_db

GOOD = "非常抱歉让您等了这么久,我们已向快递公司核实路线,并更换了发往您地区的承运商。"
TIED = "抱歉,您把差评改成好评,我们就返现五元红包给您。"


def test_a_reply_is_kept_and_shown(agent: User, sign_in: SignIn, make_case: MakeCase) -> None:
    case = make_case(owner=agent)
    client = sign_in(agent)
    assertRedirects(client.post(f"/desk/{case.pk}/reply/", {"text": GOOD}), f"/desk/{case.pk}/")
    assert case.public_reply.text == GOOD
    assertContains(client.get(f"/desk/{case.pk}/"), GOOD)


def test_who_may_not_work_the_case_reads_the_reply(
    agent: User, teammate: User, sign_in: SignIn, make_case: MakeCase
) -> None:
    case = make_case(owner=agent)
    PublicReply.objects.create(case=case, text=GOOD, written_by=agent, written_at=case.opened_at)
    page = sign_in(teammate).get(f"/desk/{case.pk}/")
    assertContains(page, GOOD)
    assertNotContains(page, "<textarea")


def test_a_reply_that_ties_compensation_to_the_review_is_not_kept(
    agent: User, sign_in: SignIn, make_case: MakeCase
) -> None:
    case = make_case(owner=agent)
    page = sign_in(agent).post(f"/desk/{case.pk}/reply/", {"text": TIED})
    assert page.status_code == 409
    assertContains(page, f"{TIED}</textarea>", status_code=409)
    assertContains(page, 'class="finding-block"', status_code=409)
    assert not PublicReply.objects.exists()


def test_a_reply_that_is_too_long_is_refused_in_place(agent: User, sign_in: SignIn, make_case: MakeCase) -> None:
    case = make_case(owner=agent)
    page = sign_in(agent).post(f"/desk/{case.pk}/reply/", {"text": GOOD * 20})
    assert page.status_code == 422
    assert list(page.context["forms"]["reply"].errors) == ["text"]


def test_the_check_lists_findings_with_their_words(agent: User, sign_in: SignIn, make_case: MakeCase) -> None:
    case = make_case(owner=agent)
    headers = {"HX-Request": "true", "HX-Target": "div#reply-check"}
    part = sign_in(agent).post(f"/desk/{case.pk}/reply/check/", {"text": TIED}, headers=headers)
    check = part.context["check"]
    assert check.verdict == "block"
    assert any(remark.decision == "block" and remark.words in TIED and remark.words for remark in check.findings)
    assert part.content.decode().lstrip().startswith('<div class="reply-check" id="reply-check"')
    assertNotContains(part, "<textarea")


def test_the_check_escapes_the_draft(agent: User, sign_in: SignIn, make_case: MakeCase) -> None:
    case = make_case(owner=agent)
    headers = {"HX-Request": "true", "HX-Target": "div#reply-check"}
    hostile = "<img src=x onerror=alert(1)>加微信 abc12345"
    part = sign_in(agent).post(f"/desk/{case.pk}/reply/check/", {"text": hostile}, headers=headers)
    assertNotContains(part, "<img")


def test_without_a_script_the_check_is_a_page_with_the_draft(agent: User, sign_in: SignIn, make_case: MakeCase) -> None:
    case = make_case(owner=agent)
    page = sign_in(agent).post(f"/desk/{case.pk}/reply/check/", {"text": GOOD})
    assertContains(page, "<!doctype html>")
    assertContains(page, f"{GOOD}</textarea>")
    assert page.context["check"].verdict in {"ok", "revise"}
    assert not PublicReply.objects.exists()
