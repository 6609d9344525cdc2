"""Logging a contact at the desk."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertContains, assertRedirects

from cases.models import Case, ContactEntry
from reviews.models import Review
from tests.conftest import NOW

SignIn = Callable[[User], Client]
MakeCase = Callable[..., Case]

pytestmark = pytest.mark.django_db

TALK = {
    "channel": "chat",
    "result": "reached",
    "said": "买家同意换新",
    "circumstances": "好说话",
    "next_contact_at": "",
}


def test_a_contact_is_logged_and_listed(agent: User, sign_in: SignIn, make_case: MakeCase) -> None:
    case = make_case(owner=agent)
    client = sign_in(agent)
    assertRedirects(client.post(f"/desk/{case.pk}/contact/?view=all", TALK), f"/desk/{case.pk}/?view=all")
    entry = case.contacts.get()
    assert (entry.channel, entry.result, entry.said, entry.circumstances) == (
        "chat",
        "reached",
        "买家同意换新",
        "好说话",
    )
    assert entry.actor == agent
    assertContains(client.get(f"/desk/{case.pk}/"), "买家同意换新")


def test_the_same_form_sent_twice_is_one_contact(agent: User, sign_in: SignIn, make_case: MakeCase) -> None:
    case = make_case(owner=agent)
    client = sign_in(agent)
    address = f"/desk/{case.pk}/contact/"
    sent = TALK | {"seen": str(client.get(f"/desk/{case.pk}/").context["seen"])}
    assert [client.post(address, sent).status_code for _ in range(2)] == [302, 302]
    assert case.contacts.count() == case.changes.filter(kind="contact").count() == 1
    client.post(address, sent | {"said": "又问了一次"})
    later = TALK | {"seen": str(client.get(f"/desk/{case.pk}/").context["seen"])}
    client.post(address, later)
    assert case.contacts.count() == 3, "other words are another contact, and so are the same words from a fresh page"


def test_the_next_contact_is_entered_in_shanghai_time(agent: User, sign_in: SignIn, make_case: MakeCase) -> None:
    case = make_case(owner=agent)
    when = timezone.localtime(timezone.now() + timedelta(days=1)).replace(second=0, microsecond=0, tzinfo=None)
    sign_in(agent).post(f"/desk/{case.pk}/contact/", TALK | {"next_contact_at": when.strftime("%Y-%m-%dT%H:%M")})
    case.refresh_from_db()
    assert timezone.localtime(case.next_contact_at).replace(tzinfo=None) == when
    assert case.state == "follow_up"


@pytest.mark.parametrize(
    ("wrong", "status", "field"),
    [
        ({"said": ""}, 422, "said"),
        ({"said": "字" * 2001}, 422, "said"),
        ({"channel": "pigeon"}, 422, "channel"),
        ({"result": ""}, 422, "result"),
        ({"next_contact_at": "morgen"}, 422, "next_contact_at"),
        ({"next_contact_at": "2020-01-01T10:00"}, 409, "next_contact_at"),
        ({"result": "appointment"}, 409, "next_contact_at"),
    ],
)
def test_what_is_wrong_is_said_in_place_and_what_was_typed_is_kept(
    agent: User, sign_in: SignIn, make_case: MakeCase, wrong: dict[str, str], status: int, field: str
) -> None:
    case = make_case(owner=agent)
    page = sign_in(agent).post(f"/desk/{case.pk}/contact/", TALK | wrong)
    form = page.context["forms"]["contact"]
    assert page.status_code == status
    assert list(form.errors) == [field]
    assertContains(page, str(form.errors[field][0]), status_code=status)
    assertContains(page, "好说话</textarea>", status_code=status)
    assert not ContactEntry.objects.exists()


def test_who_asked_not_to_be_phoned_is_not_phoned(
    agent: User, sign_in: SignIn, make_case: MakeCase, make_review: Callable[..., Review]
) -> None:
    case = make_case(make_review(content="质量太差,别打电话给我"), owner=agent)
    client = sign_in(agent)
    page = client.get(f"/desk/{case.pk}/")
    assert page.context["refuses_phone"]
    assert page.context["forms"]["contact"]["channel"].value() == "chat"
    head = page.content.decode().split('<header class="case-head">')[1].split("</header>")[0]
    assert "alert-warning" in head
    page = client.post(f"/desk/{case.pk}/contact/", TALK | {"channel": "phone"})
    assertContains(page, "买家同意换新</textarea>", status_code=409)
    assert not ContactEntry.objects.exists()
    assert client.post(f"/desk/{case.pk}/contact/", TALK).status_code == 302


def test_a_contact_that_ties_money_to_the_review_is_kept_with_a_warning(
    agent: User, sign_in: SignIn, make_case: MakeCase
) -> None:
    case = make_case(owner=agent)
    client = sign_in(agent)
    page = client.post(f"/desk/{case.pk}/contact/", TALK, follow=True)
    assert not list(page.context["messages"])
    page = client.post(f"/desk/{case.pk}/contact/", TALK | {"said": "答应改成好评就返现20元"}, follow=True)
    assert [message.level_tag for message in page.context["messages"]] == ["warning"]
    assert case.contacts.count() == 2


@pytest.mark.parametrize(
    ("sent", "clock", "is_told"),
    [
        ({"channel": "phone"}, "T22:30", True),
        ({"channel": "sms"}, "T08:59", True),
        ({"channel": "chat", "result": "appointment"}, "T22:30", True),
        ({"channel": "chat"}, "T22:30", False),
        ({"channel": "phone"}, "T09:00", False),
    ],
)
def test_a_next_contact_that_would_ring_in_quiet_time_is_kept_and_told(
    agent: User, sign_in: SignIn, make_case: MakeCase, monkeypatch: pytest.MonkeyPatch, sent: dict[str, str],
    clock: str, is_told: bool,
) -> None:  # fmt: skip
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    case = make_case(owner=agent)
    day = timezone.localdate(NOW) + timedelta(days=1)
    sent = TALK | sent | {"next_contact_at": f"{day:%F}{clock}"}
    page = sign_in(agent).post(f"/desk/{case.pk}/contact/", sent, follow=True)
    ends = day + timedelta(days=clock == "T22:30")
    told = [str(message) for message in page.context["messages"]]
    assert [f"{ends:%m-%d} 09:00" in words for words in told] == [True] * is_told
    assert f"{timezone.localtime(case.contacts.get().next_contact_at):%FT%H:%M}" == f"{day:%F}{clock}"


def test_anybody_else_is_phoned_first(
    agent: User, sign_in: SignIn, make_case: MakeCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    page = sign_in(agent).get(f"/desk/{make_case(owner=agent).pk}/")
    assert page.context["forms"]["contact"]["channel"].value() == "phone"


def test_a_case_reassigned_while_typing_loses_no_text(
    agent: User, teammate: User, sign_in: SignIn, make_case: MakeCase
) -> None:
    case = make_case(owner=agent)
    client = sign_in(agent)
    client.get(f"/desk/{case.pk}/")
    Case.objects.filter(pk=case.pk).update(owner=teammate)
    page = client.post(f"/desk/{case.pk}/contact/", TALK)
    assertContains(page, "买家同意换新</textarea>", status_code=403)
    assertContains(page, "teammate", status_code=403)
    assert page.context["forms"]["contact"].non_field_errors()
    assert not ContactEntry.objects.exists()


def test_a_case_closed_while_typing_loses_no_text(agent: User, sign_in: SignIn, make_case: MakeCase) -> None:
    case = make_case(owner=agent)
    client = sign_in(agent)
    Case.objects.filter(pk=case.pk).update(state="closed", outcome="revised", closed_at=case.opened_at, due_at=None)
    page = client.post(f"/desk/{case.pk}/contact/", TALK)
    assertContains(page, "买家同意换新</textarea>", status_code=409)
    assert not ContactEntry.objects.exists()


def test_htmx_gets_the_refused_form_in_the_case(agent: User, sign_in: SignIn, make_case: MakeCase) -> None:
    case = make_case(owner=agent)
    headers = {"HX-Request": "true", "HX-Target": "section#case", "HX-Source": f"form#contact-{case.pk}"}
    page = sign_in(agent).post(f"/desk/{case.pk}/contact/", TALK | {"result": ""}, headers=headers)
    assert page.status_code == 422
    text = page.content.decode()
    assert "<!doctype html>" not in text
    assert "data-unsaved" in text
    assert f'id="contact-{case.pk}-result_error"' in text
