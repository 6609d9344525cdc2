"""The desk as a page, and the parts of it that htmx swaps: one address, one context."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects, assertTemplateUsed

from cases.models import Agent, Case
from reviews.models import Review
from tests.conftest import NOW

SignIn = Callable[[User], Client]
MakeCase = Callable[..., Case]
MakeReview = Callable[..., Review]

pytestmark = pytest.mark.django_db

HOSTILE = "<script>alert(1)</script><hx-partial hx-target='#case'>\" onmouseover=\"x"


def _swap(client: Client, address: str, target: str, source: str = "a#open-1"):
    return client.get(address, headers={"HX-Request": "true", "HX-Target": target, "HX-Source": source})


def test_the_desk_is_a_full_page(agent: User, sign_in: SignIn, make_case: MakeCase) -> None:
    make_case(owner=agent)
    page = sign_in(agent).get("/desk/")
    assertTemplateUsed(page, "cases/desk.html")
    assertContains(page, "<!doctype html>")
    assertContains(page, 'id="queue"')
    assertContains(page, 'class="case"')


def test_beside_an_empty_list_nobody_is_sent_to_it(agent: User, sign_in: SignIn) -> None:
    assertNotContains(sign_in(agent).get("/desk/"), "选一个")


def test_a_case_page_is_the_same_with_that_case_open(agent: User, sign_in: SignIn, make_case: MakeCase) -> None:
    make_case(owner=agent, due_at=NOW)
    case = make_case(owner=agent, due_at=NOW + timedelta(hours=1))
    page = sign_in(agent).get(f"/desk/{case.pk}/")
    assert page.context["case"] == case
    assertContains(page, 'class="case is-opened"')
    assertContains(page, f"<title>#{case.pk} · ")


def test_htmx_gets_the_case_with_the_queue_around_it(agent: User, sign_in: SignIn, make_case: MakeCase) -> None:
    case = make_case(owner=agent)
    part = _swap(sign_in(agent), f"/desk/{case.pk}/", "section#case")
    assertNotContains(part, "<!doctype html>")
    assert part.content.decode().startswith(f"<head><title>#{case.pk} · ")
    assertContains(part, '<section class="case is-opened" id="case"')
    assertContains(part, '<hx-partial hx-target="#queue"')
    assertContains(part, f'id="row-{case.pk}"')


def test_htmx_refreshes_the_queue_alone(agent: User, sign_in: SignIn, make_case: MakeCase) -> None:
    case = make_case(owner=agent)
    part = _swap(sign_in(agent), f"/desk/?case={case.pk}", "section#queue", "section#queue")
    assert part.content.decode().lstrip().startswith('<section class="queue" id="queue"')
    assertContains(part, 'class="queue-row is-selected"')
    assertNotContains(part, 'id="case"')
    assert "HX-Replace-Url" not in part


def test_htmx_going_back_in_history_gets_the_full_page(agent: User, sign_in: SignIn, make_case: MakeCase) -> None:
    make_case(owner=agent)
    assertContains(_swap(sign_in(agent), "/desk/", "body"), "<!doctype html>")


def test_caches_keep_parts_and_pages_apart(agent: User, sign_in: SignIn) -> None:
    assert {"HX-Request", "HX-Target"} <= set(sign_in(agent).get("/desk/")["Vary"].split(", "))


def test_a_filter_form_leaves_a_clean_address(agent: User, sign_in: SignIn, make_case: MakeCase) -> None:
    case = make_case(owner=agent)
    part = _swap(sign_in(agent), f"/desk/?case={case.pk}&q=&tier=general&sort=", "section#queue", "form#queue-filter")
    assert part["HX-Replace-Url"] == f"/desk/?tier=general&case={case.pk}"


def test_what_a_buyer_wrote_is_shown_and_never_run(
    agent: User, sign_in: SignIn, make_case: MakeCase, make_review: MakeReview
) -> None:
    review = make_review(
        content=HOSTILE, append_content=HOSTILE, buyer_name=HOSTILE, sku=HOSTILE, product_title=HOSTILE, reply=HOSTILE
    )
    case = make_case(review, owner=agent)
    client = sign_in(agent)
    for page in (client.get(f"/desk/{case.pk}/"), _swap(client, f"/desk/{case.pk}/", "section#case")):
        text = page.content.decode()
        assert "<script>alert" not in text
        assert "<hx-partial hx-target='#case'>" not in text
        assert '" onmouseover="' not in text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


@pytest.mark.parametrize("address", ["/desk/?case={}", "/desk/{}/"])
def test_another_shops_case_is_not_found(
    outsider: User, agent: User, sign_in: SignIn, make_case: MakeCase, address: str
) -> None:
    case = make_case(owner=agent)
    assert sign_in(outsider).get(address.format(case.pk)).status_code == 404


@pytest.mark.parametrize("case", ["x", "-1", "", "1.5"])
def test_a_meaningless_selection_is_none(agent: User, sign_in: SignIn, make_case: MakeCase, case: str) -> None:
    first = make_case(owner=agent)
    assert sign_in(agent).get("/desk/", {"case": case}).context["case"] == first


def test_no_such_case(agent: User, sign_in: SignIn) -> None:
    assert sign_in(agent).get("/desk/999999999999999999999999/").status_code == 404


def test_next_case_is_the_first_of_ones_own(agent: User, sign_in: SignIn, make_case: MakeCase) -> None:
    make_case(due_at=NOW - timedelta(hours=1))
    case = make_case(owner=agent)
    page = sign_in(agent).get("/desk/next/?tier=general")
    assertRedirects(page, f"/desk/{case.pk}/?tier=general", fetch_redirect_response=False)


def test_next_case_goes_on_from_the_open_one(agent: User, sign_in: SignIn, make_case: MakeCase) -> None:
    first, second = (make_case(due_at=NOW + timedelta(hours=n)) for n in range(2))
    client = sign_in(agent)
    for here, there in ((first, second), (second, first)):
        link = client.get(f"/desk/{here.pk}/?view=all").context["queue"].next_case
        page = client.get(link)
        assertRedirects(page, f"/desk/{there.pk}/?view=all", fetch_redirect_response=False)


def test_the_key_leaves_ones_own_to_rest_whose_buyers_expect_nothing_yet(
    agent: User, sign_in: SignIn, make_case: MakeCase
) -> None:
    now = timezone.now()
    promised = now + timedelta(hours=2)
    resting = make_case(owner=agent, first_contacted_at=now, due_at=promised, next_contact_at=promised)
    silent = make_case(owner=agent, first_contacted_at=now, due_at=None)
    free = make_case(due_at=now + timedelta(hours=3))
    client = sign_in(agent)
    assert client.post("/desk/next/").url == f"/desk/{free.pk}/", "before what rests the best that waits"
    Case.objects.filter(pk=free.pk).update(first_contacted_at=now, next_contact_at=now + timedelta(hours=3))
    assert client.post(f"/desk/next/?case={free.pk}").url == f"/desk/{silent.pk}/", "nothing waits: on through the rest"
    assert client.post(f"/desk/next/?case={silent.pk}").url == f"/desk/{resting.pk}/"
    soon = now + timedelta(minutes=10)
    for due in (
        {"due_at": soon, "next_contact_at": soon},
        {"due_at": now + timedelta(hours=1), "next_contact_at": None},
        {"due_at": None, "answered_at": now},
    ):
        Case.objects.filter(pk=silent.pk).update(**due)
        assert client.post(f"/desk/next/?case={resting.pk}").url == f"/desk/{silent.pk}/", due


def test_next_case_stays_and_says_so_where_there_is_no_other(agent: User, sign_in: SignIn, make_case: MakeCase) -> None:
    case = make_case(owner=agent)
    client = sign_in(agent)
    client.post("/language/", {"language": "en"})
    page = client.get(f"/desk/next/?case={case.pk}", follow=True)
    assert page.redirect_chain == [(f"/desk/{case.pk}/", 302)]
    assertContains(page, "No other case is waiting for you.")


def test_the_key_goes_through_ones_own_and_then_takes_the_best_that_waits(
    agent: User, sign_in: SignIn, make_case: MakeCase
) -> None:
    free, mine = make_case(tier="priority"), make_case(owner=agent)
    client = sign_in(agent)
    assert client.post("/desk/next/").url == f"/desk/{mine.pk}/"
    assert client.post(f"/desk/next/?case={mine.pk}").url == f"/desk/{free.pk}/"
    free.refresh_from_db()
    assert free.owner == agent


def test_from_the_list_of_what_nobody_has_the_best_of_its_filters_is_taken(
    agent: User, sign_in: SignIn, make_case: MakeCase
) -> None:
    make_case(owner=agent), make_case(tier="priority")
    free = make_case()
    assert sign_in(agent).post("/desk/next/?view=unassigned&tier=general").url.startswith(f"/desk/{free.pk}/")
    free.refresh_from_db()
    assert free.owner == agent


def test_going_through_other_lists_takes_nothing(agent: User, sign_in: SignIn, make_case: MakeCase) -> None:
    free = make_case()
    client = sign_in(agent)
    assert client.post("/desk/next/?view=all").url.startswith(f"/desk/{free.pk}/")
    assert client.get("/desk/next/").url.startswith(f"/desk/{free.pk}/")
    free.refresh_from_db()
    assert free.owner is None


def test_who_has_no_room_is_told_and_takes_nothing(agent: User, sign_in: SignIn, make_case: MakeCase) -> None:
    Agent.objects.update(open_capacity=1)
    mine, free = make_case(owner=agent), make_case()
    client = sign_in(agent)
    client.post("/language/", {"language": "en"})
    page = client.post(f"/desk/next/?case={mine.pk}", follow=True)
    assertContains(page, "You have 1 open case, and may not have more at once. Close one first.")
    free.refresh_from_db()
    assert free.owner is None


def test_next_case_says_when_nothing_waits(agent: User, sign_in: SignIn) -> None:
    client = sign_in(agent)
    client.post("/language/", {"language": "en"})
    assertContains(client.get("/desk/next/", follow=True), "Nothing is waiting for you.")
