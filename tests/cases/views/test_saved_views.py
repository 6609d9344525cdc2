"""Saved views at the desk: kept, chosen from the menu, kept up on their page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from cases.models import Case, SavedView
from cases.queues import QueueFilters
from cases.saved_views import change_view, keep_view
from reviews.models import Review, Shop

SignIn = Callable[[User], Client]
MakeCase = Callable[..., Case]
MakeReview = Callable[..., Review]

pytestmark = pytest.mark.django_db


@pytest.fixture
def view(agent: User) -> SavedView:
    return keep_view(filters=QueueFilters(view="all", tier="priority"), name="急件", owner=agent)


@pytest.fixture
def shared(supervisor: User, shop: Shop) -> SavedView:
    """A supervisor's view of a shop, shared with its team."""
    view = keep_view(filters=QueueFilters(view="all", shop=shop.pk), name="本店", owner=supervisor)
    change_view(view=view, name="本店", shops=[shop], actor=supervisor)
    return view


def test_the_filters_at_hand_are_kept_and_the_open_case_stays(
    agent: User, sign_in: SignIn, make_case: MakeCase
) -> None:
    case = make_case(owner=agent, tier="priority")
    client = sign_in(agent)
    address = client.get(f"/desk/{case.pk}/?view=all&tier=priority&sort=&page=1").context["queue"].keep
    response = client.post(address, {"name": " 急件 "})
    assertRedirects(response, f"/desk/?view=all&tier=priority&case={case.pk}")
    kept = SavedView.objects.get()
    assert (kept.owner, kept.name, kept.query) == (agent, "急件", "view=all&tier=priority")


def test_the_view_that_stands_in_the_address_is_known(agent: User, view: SavedView, sign_in: SignIn) -> None:
    client = sign_in(agent)
    assert client.get("/desk/?tier=priority&view=all&page=1&q=").context["queue"].view_here == view
    assert client.get("/desk/?view=all").context["queue"].view_here is None


@pytest.mark.parametrize("name", ["", "   ", "长" * 41])
def test_a_view_needs_a_name(agent: User, sign_in: SignIn, name: str) -> None:
    page = sign_in(agent).post("/desk/views/keep/?view=all", {"name": name}, follow=True)
    assert [str(message.level_tag) for message in page.context["messages"]] == ["warning"]
    assert not SavedView.objects.exists()


def test_a_used_name_is_refused_in_words(agent: User, view: SavedView, sign_in: SignIn) -> None:
    page = sign_in(agent).post("/desk/views/keep/?view=all", {"name": "急件"}, follow=True)
    assertContains(page, "急件")
    assert [str(message.level_tag) for message in page.context["messages"]] == ["warning"]
    assert SavedView.objects.count() == 1


def test_htmx_gets_the_queue_and_what_there_is_to_say(agent: User, sign_in: SignIn) -> None:
    headers = {"HX-Request": "true", "HX-Target": "section#queue", "HX-Source": "form#views-keep"}
    part = sign_in(agent).post("/desk/views/keep/?view=all", {"name": "全部"}, headers=headers, follow=True)
    assertContains(part, '<hx-partial hx-target="#messages"')
    assertContains(part, '<section class="queue" id="queue"')


def test_the_menu_counts_what_each_view_holds_for_who_asks(
    agent: User, teammate: User, view: SavedView, shared: SavedView, sign_in: SignIn, make_case: MakeCase
) -> None:
    make_case(owner=agent, tier="priority")
    make_case(owner=teammate)
    listed = sign_in(agent).get("/desk/views/menu/").context["queue"].views
    assert [(each.name, each.count) for each in listed] == [("急件", 1), ("本店", 2)]
    assert [each.name for each in sign_in(teammate).get("/desk/views/menu/").context["queue"].views] == ["本店"]


def test_a_view_more_costs_the_menu_one_query(
    agent: User, sign_in: SignIn, django_assert_num_queries: Callable
) -> None:
    client = sign_in(agent)
    for number in range(5):
        keep_view(filters=QueueFilters(view="all"), name=str(number), owner=agent)
        client.get("/desk/views/menu/")
        with django_assert_num_queries(6 + number):
            client.get("/desk/views/menu/")


def test_the_page_renames_shares_orders_and_removes(
    supervisor: User, agent: User, shared: SavedView, shop: Shop, sign_in: SignIn
) -> None:
    client = sign_in(supervisor)
    assertContains(client.get("/desk/views/"), f'name="shops" value="{shop.pk}"')
    assertRedirects(client.post(f"/desk/views/{shared.pk}/?view=all", {"name": "店"}), "/desk/views/?view=all")
    shared.refresh_from_db()
    assert (shared.name, shared.shops.count()) == ("店", 0)
    client.post(f"/desk/views/{shared.pk}/", {"name": "店", "shops": [shop.pk]})
    assert list(SavedView.objects.shown_to(agent)) == [shared]
    second = keep_view(filters=QueueFilters(), name="我的", owner=supervisor)
    client.post(f"/desk/views/{second.pk}/move/", {"to": "up"})
    assert list(SavedView.objects.shown_to(supervisor)) == [second, shared]
    client.post(f"/desk/views/{second.pk}/remove/")
    assert list(SavedView.objects.shown_to(supervisor)) == [shared]


def test_an_agent_is_not_offered_to_share_and_cannot(
    agent: User, teammate: User, view: SavedView, shop: Shop, sign_in: SignIn
) -> None:
    client = sign_in(agent)
    assertNotContains(client.get("/desk/views/"), 'name="shops"')
    client.post(f"/desk/views/{view.pk}/", {"name": "急件", "shops": [shop.pk]})
    assert not SavedView.objects.shown_to(teammate).exists()


@pytest.mark.parametrize("act", ["", "move/", "remove/"])
def test_views_one_is_not_shown_are_not_there(
    teammate: User, outsider: User, view: SavedView, shared: SavedView, sign_in: SignIn, act: str
) -> None:
    assert sign_in(teammate).post(f"/desk/views/{view.pk}/{act}", {"name": "x"}).status_code == 404
    assert sign_in(outsider).post(f"/desk/views/{shared.pk}/{act}", {"name": "x"}).status_code == 404


@pytest.mark.parametrize("act", ["", "move/", "remove/"])
def test_a_view_that_is_shared_is_changed_by_its_owner_only(
    agent: User, shared: SavedView, sign_in: SignIn, act: str
) -> None:
    page = sign_in(agent).post(f"/desk/views/{shared.pk}/{act}", {"name": "x", "to": "up"}, follow=True)
    assert [str(message.level_tag) for message in page.context["messages"]] == ["warning"]
    shared.refresh_from_db()
    assert (shared.name, shared.shops.count()) == ("本店", 1)


def test_a_shop_one_does_not_work_for_is_left_out_and_said(
    supervisor: User,
    agent: User,
    shop: Shop,
    other_shop: Shop,
    sign_in: SignIn,
    make_case: MakeCase,
    make_review: MakeReview,
) -> None:
    supervisor.shops.add(other_shop)
    there = make_case(make_review(shop=other_shop))
    here = make_case()
    view = keep_view(filters=QueueFilters(view="all", shop=other_shop.pk), name="二店", owner=supervisor)
    change_view(view=view, name="二店", shops=[shop], actor=supervisor)
    client = sign_in(agent)
    client.post("/language/", {"language": "en"})
    page = client.get(f"/desk/?{view.query}")
    assertContains(page, "The shop of this view is not one of yours")
    assert [row.case.pk for row in page.context["queue"].rows] == [here.pk]
    assertContains(client.get("/desk/views/"), "The shop of this view is not one of yours")
    assertNotContains(client.get(f"/desk/?view=all&shop={shop.pk}"), "not one of yours")
    theirs = sign_in(supervisor).get(f"/desk/?{view.query}")
    assert [row.case.pk for row in theirs.context["queue"].rows] == [there.pk]
    assert theirs.context["queue"].form.left_out == []


def test_a_filter_that_is_no_more_is_said(agent: User, sign_in: SignIn) -> None:
    SavedView.objects.create(owner=agent, name="旧", query="view=all&cause=courier.lost")
    client = sign_in(agent)
    client.post("/language/", {"language": "en"})
    for address in ("/desk/?view=all&cause=courier.lost", "/desk/views/"):
        assertContains(client.get(address), "“Cause” no longer has the choice “courier.lost”")
    assertNotContains(client.get("/desk/?view=all&cause=courier.slow"), "no longer has the choice")


def test_the_page_says_filters_in_words(agent: User, shop: Shop, sign_in: SignIn) -> None:
    filters = QueueFilters(view="all", tier="priority", cause="courier.slow", q="九天", sort="risk", batch=7)
    keep_view(filters=filters, name="急件", owner=agent)
    client = sign_in(agent)
    client.post("/language/", {"language": "en"})
    page = client.get("/desk/views/").content.decode()
    assert "All · Priority · " in page
    assert "Highest risk first · Import 7 · “九天”" in page
