"""The bell, the list of notices, and how a person wants to be told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from cases.models import Case, Notice, NoticeChoice, Outcome, State
from cases.notices.telling import tell_clocks
from reviews.models import Review, Shop
from tests.conftest import NOW

SignIn = Callable[[User], Client]
MakeCase = Callable[..., Case]

pytestmark = pytest.mark.django_db


@pytest.fixture
def overdue(agent: User, make_case: MakeCase) -> Case:
    case = make_case(owner=agent)
    tell_clocks(now=NOW)
    return case


def count_of(client: Client) -> str:
    page = client.get("/notices/bell/").content.decode()
    return page.split('bell-count">')[1].split("<")[0] if "bell-count" in page else ""


def test_the_bell_counts_what_is_unread(agent: User, overdue: Case, sign_in: SignIn) -> None:
    client = sign_in(agent)
    assert count_of(client) == "1"
    client.get(f"/desk/{overdue.pk}/")
    assert count_of(client) == ""


def test_what_was_told_of_a_case_that_is_closed_meanwhile_is_not_unread(
    agent: User, overdue: Case, make_case: MakeCase, sign_in: SignIn
) -> None:
    other = make_case(owner=agent)
    tell_clocks(now=NOW)
    Case.objects.filter(pk=overdue.pk).update(state=State.CLOSED, closed_at=NOW, outcome=Outcome.REFUSED, due_at=None)
    client = sign_in(agent)
    assert count_of(client) == "1"
    page = client.get("/notices/")
    assert {notice.case_id: notice.is_unread for notice in page.context["page"]} == {other.pk: True, overdue.pk: False}
    assertContains(page, "is-unread", count=1)


def test_the_list_tells_cases_of_one_product_apart(
    agent: User, make_case: MakeCase, make_review: Callable[..., Review], sign_in: SignIn
) -> None:
    cases = {name: make_case(make_review(buyer_name=name), owner=agent) for name in ("小**猫", "t***8")}
    tell_clocks(now=NOW)
    page = sign_in(agent).get("/notices/")
    for name, case in cases.items():
        assertContains(page, f"#{case.pk} · {name} · {case.shop.name}")


def test_every_page_has_the_bell_and_asks_the_database_nothing_for_it(
    agent: User, overdue: Case, sign_in: SignIn
) -> None:
    page = sign_in(agent).get("/notices/settings/")
    assertContains(page, 'href="/notices/"')
    assertContains(page, 'hx-get="/notices/bell/"')
    assertNotContains(page, "bell-count")


def test_the_bell_counts_to_a_hundred(agent: User, make_case: MakeCase, sign_in: SignIn) -> None:
    case = make_case(owner=agent)
    many = [
        Notice(person=agent, case=case, kind="soon", occasion=NOW + timedelta(minutes=minute), created_at=NOW)
        for minute in range(120)
    ]
    Notice.objects.bulk_create(many)
    assert count_of(sign_in(agent)) == "100+"


def test_who_is_signed_out_gets_no_login_page_into_the_bell() -> None:
    assert Client().get("/notices/bell/").status_code == 204


def test_a_colleague_reading_a_case_leaves_my_notice_unread(
    agent: User, teammate: User, overdue: Case, sign_in: SignIn
) -> None:
    sign_in(teammate).get(f"/desk/{overdue.pk}/")
    assert count_of(sign_in(agent)) == "1"


def test_a_case_that_only_stands_beside_the_queue_is_not_read(agent: User, overdue: Case, sign_in: SignIn) -> None:
    client = sign_in(agent)
    client.get("/desk/")
    assert count_of(client) == "1"


def test_the_list_shows_my_notices_only(agent: User, teammate: User, overdue: Case, sign_in: SignIn) -> None:
    assertContains(sign_in(agent).get("/notices/"), f"/desk/{overdue.pk}/")
    assertNotContains(sign_in(teammate).get("/notices/"), f"/desk/{overdue.pk}/")


def test_who_left_the_shop_sees_no_more_of_its_cases(agent: User, overdue: Case, shop: Shop, sign_in: SignIn) -> None:
    shop.members.remove(agent)
    client = sign_in(agent)
    assert count_of(client) == ""
    assertNotContains(client.get("/notices/"), shop.name)


def test_a_case_of_an_import_that_was_undone_is_not_listed(agent: User, overdue: Case, sign_in: SignIn) -> None:
    Case.objects.filter(pk=overdue.pk).update(state=State.CLOSED, closed_at=NOW, outcome=Outcome.UNDONE)
    assertNotContains(sign_in(agent).get("/notices/"), f"/desk/{overdue.pk}/")


def test_a_kind_not_wanted_is_neither_listed_nor_counted(agent: User, make_case: MakeCase, sign_in: SignIn) -> None:
    client = sign_in(agent)
    client.post("/notices/settings/", {"kinds": ["urgent"], "minutes_before": 10})
    case = make_case(owner=agent)
    tell_clocks(now=NOW)
    assert Notice.objects.count() == 1
    assert count_of(client) == ""
    assertNotContains(client.get("/notices/"), f"/desk/{case.pk}/")


def test_all_are_marked_as_read_at_once(agent: User, teammate: User, make_case: MakeCase, sign_in: SignIn) -> None:
    for owner in (agent, agent, teammate):
        make_case(owner=owner)
    tell_clocks(now=NOW)
    client = sign_in(agent)
    assertRedirects(client.post("/notices/read/"), "/notices/")
    assert count_of(client) == ""
    assert count_of(sign_in(teammate)) == "1"


def test_the_choice_of_a_person_is_their_own(agent: User, teammate: User, sign_in: SignIn) -> None:
    sign_in(agent).post("/notices/settings/", {"kinds": ["soon", "answer"], "minutes_before": 25})
    choice = NoticeChoice.objects.get()
    assert (choice.person, choice.kinds, choice.minutes_before, choice.is_quiet_off_duty) == (
        agent, ["soon", "answer"], 25, False
    )  # fmt: skip
    assert NoticeChoice.of(teammate).minutes_before == 10


@pytest.mark.parametrize("fields", [{"minutes_before": 0}, {"minutes_before": 121}, {"kinds": ["lunch"]}])
def test_a_choice_that_makes_no_sense_is_refused(agent: User, sign_in: SignIn, fields: dict[str, Any]) -> None:
    assert sign_in(agent).post("/notices/settings/", {"minutes_before": 10, **fields}).status_code == 422
    assert not NoticeChoice.objects.exists()


@pytest.mark.parametrize("page", ["/notices/", "/notices/settings/", "/notices/channels/add/"])
@pytest.mark.parametrize(("who", "status"), [("agent", 200), ("supervisor", 200), ("admin", 200), ("nobody", 403)])
def test_pages(request: pytest.FixtureRequest, sign_in: SignIn, page: str, who: str, status: int) -> None:
    user = User.objects.create_user("nobody") if who == "nobody" else request.getfixturevalue(who)
    assert sign_in(user).get(page).status_code == status
    assert Client().get(page)["Location"].startswith("/accounts/login/")


def test_reading_is_asked_for_by_post(agent: User, sign_in: SignIn) -> None:
    assert sign_in(agent).get("/notices/read/").status_code == 405


@pytest.mark.parametrize("number", [1, 60])
def test_lists_and_bell_take_the_same_few_queries(
    agent: User, make_case: MakeCase, sign_in: SignIn, django_assert_num_queries: Any, number: int
) -> None:
    for _ in range(number):
        make_case(owner=agent)
    tell_clocks(now=NOW)
    client = sign_in(agent)
    client.get("/notices/")
    with django_assert_num_queries(6):
        client.get("/notices/")
    with django_assert_num_queries(5):
        client.get("/notices/bell/")
