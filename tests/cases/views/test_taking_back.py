"""The line that offers to undo: what it says, what it does, and when it goes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from cases.models import Case
from tests.conftest import NOW

SignIn = Callable[[User], Client]
MakeCase = Callable[..., Case]

pytestmark = pytest.mark.django_db
OFFER = 'action="/desk/{}/undo/'


@pytest.fixture(autouse=True)
def _afternoon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


def test_what_was_done_last_can_be_undone_from_the_desk(agent: User, sign_in: SignIn, make_case: MakeCase) -> None:
    case, other = make_case(owner=agent), make_case(owner=agent)
    client = sign_in(agent)
    assertNotContains(client.get(f"/desk/{case.pk}/"), "/undo/")
    client.post(f"/desk/{case.pk}/tier/?view=all", {"tier": "priority"})
    page = client.get(f"/desk/{other.pk}/?view=all")
    assertContains(page, OFFER.format(case.pk) + "?view=all")
    assertContains(page, 'aria-keyshortcuts="z"')
    done = client.post(f"/desk/{case.pk}/undo/?view=all")
    assertRedirects(done, f"/desk/{case.pk}/?view=all", fetch_redirect_response=False)
    case.refresh_from_db()
    assert case.tier == "general"
    assertNotContains(client.get(f"/desk/{case.pk}/"), "/undo/")


def test_the_offer_comes_with_the_part_that_htmx_swaps(agent: User, sign_in: SignIn, make_case: MakeCase) -> None:
    case = make_case(owner=agent)
    client = sign_in(agent)
    client.post(f"/desk/{case.pk}/tier/", {"tier": "priority"})
    part = client.get(f"/desk/{case.pk}/", headers={"HX-Request": "true", "HX-Target": "section#case"})
    assertContains(part, '<hx-partial hx-target="#undo"')
    assertContains(part, OFFER.format(case.pk))


def test_what_changed_since_is_no_longer_offered_and_refused(
    agent: User, supervisor: User, sign_in: SignIn, make_case: MakeCase
) -> None:
    case = make_case(owner=agent)
    client = sign_in(agent)
    client.post(f"/desk/{case.pk}/tier/", {"tier": "priority"})
    sign_in(supervisor).post(f"/desk/{case.pk}/tier/", {"tier": "disputed"})
    assertNotContains(client.get(f"/desk/{case.pk}/"), "/undo/")
    assert client.post(f"/desk/{case.pk}/undo/").status_code == 409
    case.refresh_from_db()
    assert case.tier == "disputed"


def test_an_act_upon_one_case_does_not_undo_another(agent: User, sign_in: SignIn, make_case: MakeCase) -> None:
    case, other = make_case(owner=agent), make_case(owner=agent)
    client = sign_in(agent)
    client.post(f"/desk/{case.pk}/tier/", {"tier": "priority"})
    assert client.post(f"/desk/{other.pk}/undo/").status_code == 409
    case.refresh_from_db()
    assert case.tier == "priority"


def test_another_shops_case_is_not_found(outsider: User, sign_in: SignIn, make_case: MakeCase) -> None:
    assert sign_in(outsider).post(f"/desk/{make_case().pk}/undo/").status_code == 404
