"""Several people at one case: who looks, who writes, and nobody writes past what another just did."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains
from redis.exceptions import ConnectionError as RedisGone

from cases import history
from cases.contacts.entries import ContactDraft, log_contact
from cases.models import Case, CaseChange, ContactEntry
from tests.conftest import NOW
from tests.connections import together, until_somebody_waits

SignIn = Callable[[User], Client]
MakeCase = Callable[..., Case]
TALK = {"channel": "chat", "result": "reached", "said": "写了很久的话"}


@pytest.fixture(autouse=True)
def _afternoon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.fixture
def case(make_case: MakeCase, agent: User) -> Case:
    return make_case(owner=agent)


@pytest.fixture
def english(sign_in: SignIn) -> SignIn:
    def client_of(user: User) -> Client:
        client = sign_in(user)
        client.post("/language/", {"language": "en"})
        return client

    return client_of


def look(client: Client, case: Case, **told: str) -> Any:
    return client.post(f"/desk/{case.pk}/presence/", told)


def test_people_see_who_else_looks_and_writes(case: Case, agent: User, supervisor: User, english: SignIn) -> None:
    mine, theirs = english(agent), english(supervisor)
    assertNotContains(look(mine, case), "looking")
    assertContains(look(theirs, case, writing="1"), "agent is looking at this case")
    answer = look(mine, case)
    assertContains(answer, "supervisor is writing")
    assertNotContains(answer, "agent is")


def test_looking_at_another_case_is_not_looking_at_this_one(
    case: Case, make_case: MakeCase, agent: User, supervisor: User, english: SignIn
) -> None:
    look(english(supervisor), make_case())
    assertNotContains(look(english(agent), case), "looking")


def test_nobody_of_another_shop_looks(case: Case, outsider: User, sign_in: SignIn) -> None:
    assert look(sign_in(outsider), case).status_code == 404
    assert sign_in(outsider).get(f"/desk/{case.pk}/presence/").status_code == 405


def test_looking_writes_nothing(case: Case, agent: User, sign_in: SignIn, django_assert_num_queries: Any) -> None:
    client = sign_in(agent)
    look(client, case)
    with django_assert_num_queries(9) as queries:
        look(client, case, seen="1")
    assert all(query["sql"].startswith("SELECT") for query in queries.captured_queries)


def test_without_redis_nobody_is_seen_and_the_news_still_come(
    case: Case, agent: User, supervisor: User, english: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_args: Any, **_kwargs: Any) -> None:
        raise RedisGone

    client = english(agent)
    look(english(supervisor), case)
    take_note(case, supervisor)
    for name in ("set", "get_many"):
        monkeypatch.setattr(cache, name, gone)
    answer = look(client, case, seen="0")
    assertNotContains(answer, "looking")
    assertContains(answer, "The case has changed")


def take_note(case: Case, actor: User) -> ContactEntry:
    draft = ContactDraft("chat", "reached", "已经道歉并约好补发")
    return log_contact(case=case, actor=actor, now=NOW, draft=draft)


def seen(client: Client, case: Case) -> str:
    return str(client.get(f"/desk/{case.pk}/").context["seen"])


def test_an_open_page_learns_what_others_did(case: Case, agent: User, supervisor: User, english: SignIn) -> None:
    client = english(agent)
    opened_on = seen(client, case)
    assertNotContains(look(client, case, seen=opened_on), "has changed")
    take_note(case, supervisor)
    answer = look(client, case, seen=opened_on)
    assertContains(answer, "supervisor · Contact logged")
    assertContains(answer, "已经道歉并约好补发")


def test_writing_into_a_case_that_changed_is_warned_of_once(
    case: Case, agent: User, supervisor: User, english: SignIn
) -> None:
    client = english(agent)
    opened_on = seen(client, case)
    take_note(case, supervisor)
    warned = client.post(f"/desk/{case.pk}/contact/", TALK | {"seen": opened_on})
    assertContains(warned, "The case changed while you wrote", status_code=409)
    assertContains(warned, "已经道歉并约好补发", status_code=409)
    assertContains(warned, "写了很久的话", status_code=409)
    assert case.contacts.count() == 1
    again = client.post(f"/desk/{case.pk}/contact/", TALK | {"seen": str(warned.context["seen"])})
    assert again.status_code == 302
    assert case.contacts.count() == 2


@pytest.mark.django_db(transaction=True)
def test_what_is_saved_at_the_same_moment_warns_too(case: Case, agent: User, supervisor: User, sign_in: SignIn) -> None:
    client = sign_in(agent)
    opened_on = seen(client, case)
    is_held = Event()

    def take_note_slowly() -> int:
        with transaction.atomic():
            take_note(case, supervisor)
            is_held.set()
            until_somebody_waits()
        return 0

    def write() -> int:
        assert is_held.wait(timeout=30)
        return client.post(f"/desk/{case.pk}/contact/", TALK | {"seen": opened_on}).status_code

    assert together(take_note_slowly, write) == [0, 409]
    assert case.contacts.count() == 1


def test_ones_own_lines_and_those_that_change_nothing_do_not_warn(case: Case, agent: User, english: SignIn) -> None:
    client = english(agent)
    opened_on = seen(client, case)
    take_note(case, agent)
    history.record(case=case, kind=CaseChange.Kind.ORDER, actor=None, now=NOW)
    assert client.post(f"/desk/{case.pk}/contact/", TALK | {"seen": opened_on}).status_code == 302


def test_what_the_system_found_warns_too(case: Case, agent: User, english: SignIn) -> None:
    client = english(agent)
    opened_on = seen(client, case)
    history.record(case=case, kind=CaseChange.Kind.REVIEW, actor=None, now=NOW)
    answer = client.post(f"/desk/{case.pk}/contact/", TALK | {"seen": opened_on})
    assertContains(answer, "System · Review changed", status_code=409)


@pytest.mark.parametrize("told", [{}, {"seen": ""}, {"seen": "x"}, {"seen": "9" * 30}, {"seen": "²"}])
def test_a_page_that_does_not_say_what_it_saw_is_not_warned(
    case: Case, agent: User, supervisor: User, sign_in: SignIn, told: dict[str, str]
) -> None:
    take_note(case, supervisor)
    assert sign_in(agent).post(f"/desk/{case.pk}/contact/", TALK | told).status_code == 302


def test_every_form_of_the_page_says_what_it_was_opened_on(case: Case, agent: User, sign_in: SignIn) -> None:
    take_note(case, agent)
    page = sign_in(agent).get(f"/desk/{case.pk}/").content.decode()
    hidden = f'<input type="hidden" name="seen" value="{case.changes.get().pk}">'
    for form in ("contact", "remedy", "reply", "close", "escalate", "tier", "note", "no_phone"):
        content = page.split(f'id="{form}-{case.pk}"')[1].split("</form>")[0]
        assert hidden in content, form
