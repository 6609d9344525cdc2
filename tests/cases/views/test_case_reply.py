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
    assert any(remark.words and remark.words in TIED for remark in check.blocking)
    assert part.content.decode().lstrip().startswith('<div class="reply-check" id="reply-check"')
    assertNotContains(part, "<textarea")


def test_what_blocks_a_reply_comes_before_what_would_improve_it(
    agent: User, sign_in: SignIn, make_case: MakeCase
) -> None:
    case = make_case(owner=agent)
    headers = {"HX-Request": "true", "HX-Target": "div#reply-check"}
    client = sign_in(agent)
    client.post("/language/", {"language": "en"})
    part = client.post(f"/desk/{case.pk}/reply/check/", {"text": "最好的布料。把差评改成好评就返现"}, headers=headers)
    text = part.content.decode()
    assert text.index("Must not be published") < text.index("Compensation is tied")
    assert text.index("Compensation is tied") < text.index("Would make it better") < text.index("There is no apology")
    better = client.post(f"/desk/{case.pk}/reply/check/", {"text": "谢谢"}, headers=headers)
    assertNotContains(better, "Must not be published")


def test_a_kept_reply_says_that_the_shop_must_publish_it(agent: User, sign_in: SignIn, make_case: MakeCase) -> None:
    case = make_case(owner=agent)
    client = sign_in(agent)
    client.post("/language/", {"language": "en"})
    note = "publish it in the shop's back office"
    assertNotContains(client.get(f"/desk/{case.pk}/"), note)
    page = client.post(f"/desk/{case.pk}/reply/", {"text": GOOD}, follow=True)
    assertContains(page, note)
    assertContains(page, f"data-script>{GOOD}</span>")


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
