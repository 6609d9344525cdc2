"""Many cases at once, page by page: who may, what is shown before, and what afterwards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains, assertNumQueries, assertRedirects

from cases.bulk import running
from cases.models import BulkAct, Case, CaseChange
from reviews.models import Shop
from tests.conftest import NOW

SignIn = Callable[[User], Client]
MakeCase = Callable[..., Case]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _afternoon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.fixture
def sign_in(sign_in: SignIn) -> SignIn:
    """Everybody reads English here."""

    def in_english(user: User) -> Client:
        client = sign_in(user)
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
        return client

    return in_english


def choose(client: Client, kind: str, *cases: Case, query: str = "?view=all", **also: str) -> str:
    """The address of the new act."""
    chosen = {"kind": kind, "case": [str(case.pk) for case in cases], **also}
    response = client.post(f"/desk/bulk/{query}", chosen)
    assert response.status_code == 302
    return str(response["Location"])


def test_rows_carry_boxes_and_the_acts_of_the_role(
    agent: User, supervisor: User, sign_in: SignIn, make_case: MakeCase
) -> None:
    case = make_case(owner=agent)
    page = sign_in(agent).get("/desk/?view=all")
    assertContains(page, f'name="case" value="{case.pk}" form="bulk"')
    assertContains(page, 'action="/desk/bulk/?view=all"')
    assertContains(page, 'name="kind" value="close"')
    assertNotContains(page, 'name="kind" value="give"')
    assertContains(sign_in(supervisor).get("/desk/?view=all"), 'name="kind" value="give"')


@pytest.mark.parametrize(("view", "is_offered"), [("mine", False), ("unassigned", True), ("all", True)])
def test_ones_own_cases_are_not_to_be_claimed(
    agent: User, sign_in: SignIn, make_case: MakeCase, view: str, is_offered: bool
) -> None:
    make_case(owner=agent)
    make_case(owner=None)
    page = sign_in(agent).get(f"/desk/?view={view}")
    assertContains(page, 'name="kind" value="claim"', count=int(is_offered))
    assertContains(page, 'name="kind" value="close"', count=1)


def test_from_the_list_over_the_preview_to_the_deed_and_back(
    agent: User, teammate: User, sign_in: SignIn, make_case: MakeCase
) -> None:
    mine, theirs = make_case(owner=agent), make_case(owner=teammate)
    client = sign_in(agent)
    address = choose(client, "tier", mine, theirs)
    assertContains(client.get(address), 'name="tier"')
    assertNotContains(client.get(address), f"{address}do/")
    assertContains(client.post(address, {"tier": "urgent"}), "errorlist", status_code=422)
    assertRedirects(client.post(address, {"tier": "priority"}), address, fetch_redirect_response=False)
    preview = client.get(address)
    assertContains(preview, f'action="{address}do/"')
    assertContains(preview, "This case is worked by teammate.")
    assert not CaseChange.objects.exists()
    assertRedirects(client.post(f"{address}do/"), "/desk/?view=all", fetch_redirect_response=False)
    mine.refresh_from_db()
    assert mine.tier == "priority"
    desk = client.get("/desk/?view=all")
    assertContains(desk, f'action="{address}undo/"')
    assertContains(desk, 'aria-keyshortcuts="z"')
    assertRedirects(client.post(f"{address}undo/"), "/desk/?view=all", fetch_redirect_response=False)
    mine.refresh_from_db()
    assert mine.tier == "general"
    assertNotContains(client.get("/desk/?view=all"), f"{address}undo/")


def test_an_act_in_favour_of_a_deleted_account_can_still_be_looked_at(
    supervisor: User, teammate: User, sign_in: SignIn, make_case: MakeCase
) -> None:
    client = sign_in(supervisor)
    address = choose(client, "give", make_case())
    client.post(address, {"to": str(teammate.pk)})
    teammate.delete()
    assertContains(client.get(address), f'action="{address}do/"')
    client.post(f"{address}do/")
    assertContains(client.get(address), '<h2 id="bulk-title">Give to</h2>')
    assert BulkAct.objects.get().status == "failed"


def test_what_needs_no_details_is_looked_ahead_at_once(agent: User, sign_in: SignIn, make_case: MakeCase) -> None:
    client = sign_in(agent)
    assertContains(client.get(choose(client, "claim", make_case())), "do/")


def test_refused_ones_are_told_on_the_page_of_the_act(
    agent: User, supervisor: User, sign_in: SignIn, make_case: MakeCase
) -> None:
    case = make_case()
    client = sign_in(agent)
    address = choose(client, "claim", case)
    Case.objects.update(owner=supervisor)
    assertRedirects(client.post(f"{address}do/"), address, fetch_redirect_response=False)
    assertContains(client.get(address), "supervisor has taken this case already.")
    again = client.post(f"{address}do/")
    assertContains(again, "This was begun already.", status_code=409)


def test_the_whole_list_is_chosen_with_its_filters(agent: User, sign_in: SignIn, make_case: MakeCase) -> None:
    cases = [make_case(tier="priority") for _ in range(3)]
    make_case(tier="general")
    client = sign_in(agent)
    choose(client, "claim", cases[0], query="?view=unassigned&tier=priority", all="1")
    act = BulkAct.objects.get()
    assert set(act.items.values_list("case", flat=True)) == {case.pk for case in cases}
    assert act.query == "view=unassigned&tier=priority"


def test_a_list_longer_than_may_be_chosen_says_so(
    agent: User, sign_in: SignIn, make_case: MakeCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cases.bulk.choosing.AT_MOST", 1)
    for _ in range(2):
        make_case()
    client = sign_in(agent)
    assertContains(client.get(choose(client, "claim", query="?view=unassigned", all="1")), "The list holds more")


def test_nothing_chosen_leads_back(agent: User, sign_in: SignIn) -> None:
    client = sign_in(agent)
    assert choose(client, "claim") == "/desk/?view=all"
    assert not BulkAct.objects.exists()
    assertRedirects(client.get("/desk/bulk/?view=all"), "/desk/?view=all", fetch_redirect_response=False)


@pytest.mark.parametrize(("kind", "status"), [("give", 403), ("", 400), ("destroy", 400)])
def test_acts_beyond_the_role_are_refused(
    agent: User, sign_in: SignIn, make_case: MakeCase, kind: str, status: int
) -> None:
    case = make_case(owner=agent)
    assert sign_in(agent).post("/desk/bulk/", {"kind": kind, "case": [case.pk]}).status_code == status


def test_cases_of_other_shops_do_not_exist(
    agent: User, outsider: User, other_shop: Shop, sign_in: SignIn, make_case: MakeCase
) -> None:
    case = make_case(owner=agent)
    assert sign_in(outsider).post("/desk/bulk/", {"kind": "claim", "case": [case.pk]}).status_code == 404


@pytest.mark.parametrize("who", ["teammate", "supervisor", "admin", "outsider"])
def test_an_act_is_its_actors_alone(
    agent: User, sign_in: SignIn, make_case: MakeCase, who: str, request: pytest.FixtureRequest
) -> None:
    address = choose(sign_in(agent), "tier", make_case(owner=agent))
    client = sign_in(request.getfixturevalue(who))
    assert client.get(address).status_code == 404
    for what in ("", "do/", "undo/"):
        assert client.post(address + what, {"tier": "priority"}).status_code == 404


def test_who_left_the_shop_sees_nothing_of_its_cases(
    agent: User, shop: Shop, sign_in: SignIn, make_case: MakeCase
) -> None:
    client = sign_in(agent)
    address = choose(client, "tier", make_case(owner=agent))
    assertContains(client.get(address), "九天")
    shop.members.remove(agent)
    assertNotContains(client.get(address), "九天")


def test_people_to_give_to_are_those_of_the_supervisors_shops(
    supervisor: User, teammate: User, outsider: User, sign_in: SignIn, make_case: MakeCase
) -> None:
    client = sign_in(supervisor)
    address = choose(client, "give", make_case())
    assertContains(client.get(address), "teammate")
    assertNotContains(client.get(address), "outsider")
    assert client.post(address, {"to": outsider.pk}).status_code == 422
    client.post(address, {"to": teammate.pk})
    client.post(f"{address}do/")
    assert Case.objects.get().owner == teammate


def test_many_cases_show_their_progress_and_the_desk_says_that_they_are_at_work(
    agent: User, sign_in: SignIn, make_case: MakeCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "AT_ONCE", 1)
    client = sign_in(agent)
    address = choose(client, "release", *(make_case(owner=agent) for _ in range(2)))
    part = {"HX-Request": "true", "HX-Target": "section#bulk"}
    waiting = client.get(address, headers=part)
    assertContains(waiting, 'hx-trigger="every 1s"')
    assertContains(waiting, "0 of 2")
    assertNotContains(waiting, "<html")
    running.run(BulkAct.objects.get().pk)
    assertNotContains(client.get(address, headers=part), "every 1s")
    client.post(f"{address}do/")
    desk = client.get("/desk/?view=all")
    assertContains(desk, address)
    assertNotContains(desk, 'aria-keyshortcuts="z"')


def test_a_later_act_upon_one_case_is_what_undo_offers(agent: User, sign_in: SignIn, make_case: MakeCase) -> None:
    case, other = make_case(owner=agent), make_case(owner=agent)
    client = sign_in(agent)
    address = choose(client, "tier", case)
    client.post(address, {"tier": "priority"})
    client.post(f"{address}do/")
    client.post(f"/desk/{other.pk}/tier/?view=all", {"tier": "disputed"})
    desk = client.get("/desk/?view=all")
    assertContains(desk, f"/desk/{other.pk}/undo/")
    assertNotContains(desk, f"{address}undo/")


def test_the_offer_ends_after_ten_minutes(
    agent: User, sign_in: SignIn, make_case: MakeCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = sign_in(agent)
    address = choose(client, "release", make_case(owner=agent))
    client.post(f"{address}do/")
    assertContains(client.get(address), f"{address}undo/")
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + timedelta(minutes=11))
    assertNotContains(client.get(address), f"{address}undo/")
    assertNotContains(client.get("/desk/"), f"{address}undo/")
    assertContains(client.post(f"{address}undo/"), "can no longer be taken back", status_code=409)


@pytest.mark.parametrize("count", [2, 60])
def test_the_page_asks_no_more_for_more_cases(agent: User, sign_in: SignIn, make_case: MakeCase, count: int) -> None:
    client = sign_in(agent)
    address = choose(client, "release", *(make_case(owner=agent) for _ in range(count)))
    client.get(address)
    with assertNumQueries(6):
        page = client.get(address)
    assertContains(page, f"#{Case.objects.first().pk}")
