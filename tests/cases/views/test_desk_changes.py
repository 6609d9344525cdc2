"""The list at hand: when it is looked at anew, and what is said of how it differs from what a page shows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from cases import history
from cases.models import Case, CaseChange
from cases.queues import last_line
from cases.views.queue_news import ListNews
from reviews.models import Review, Shop
from tests.conftest import NOW

SignIn = Callable[[User], Client]
MakeCase = Callable[..., Case]
MakeReview = Callable[..., Review]

pytestmark = pytest.mark.django_db


def write_line(case: Case) -> CaseChange:
    with transaction.atomic():
        return history.record(case=case, kind="opened", actor=None, now=timezone.now())


def ask(client: Client, *, query: str = "", shown: list[Case] | None = None, seen: int | None = None):
    headers = {"Desk-Shown": ",".join(str(case.pk) for case in shown or [])}
    if seen is not None:
        headers["Desk-Seen"] = str(seen)
    return client.get(f"/desk/changes/{query}", headers=headers)


def told(response) -> ListNews:
    return response.context["queue"].news


@pytest.fixture
def english(agent: User, sign_in: SignIn) -> Client:
    client = sign_in(agent)
    client.post("/language/", {"language": "en"})
    return client


def test_nothing_is_sent_while_nothing_happens(
    agent: User, sign_in: SignIn, make_case: MakeCase, django_assert_num_queries: Callable
) -> None:
    case = make_case(owner=agent)
    line = write_line(case)
    client = sign_in(agent)
    with django_assert_num_queries(5):  # session, person, their groups, their shops; the lines
        response = ask(client, seen=line.pk)
    assert (response.status_code, response["Desk-Seen"], response.content) == (204, str(line.pk), b"")


def test_what_happens_in_other_shops_is_none_of_it(
    agent: User, admin: User, other_shop: Shop, sign_in: SignIn, make_case: MakeCase, make_review: MakeReview
) -> None:
    line = write_line(make_case(make_review(shop=other_shop)))
    response = ask(sign_in(agent), seen=line.pk - 1)
    assert (response.status_code, response["Desk-Seen"]) == (204, str(line.pk))
    assert ask(sign_in(admin), seen=line.pk - 1).status_code == 200


def test_a_line_of_ones_own_shop_brings_the_list(agent: User, sign_in: SignIn, make_case: MakeCase) -> None:
    case = make_case(owner=agent)
    client = sign_in(agent)
    before = last_line()
    line = write_line(case)
    response = ask(client, seen=before)
    assertContains(response, f'id="row-{case.pk}"')
    assertContains(response, f'data-seen="{line.pk}"')
    assert ask(client, seen=line.pk).status_code == 204


@pytest.mark.parametrize("seen", ["", "x", "-1", "9" * 40])
def test_without_a_line_the_list_is_looked_at(agent: User, sign_in: SignIn, seen: str) -> None:
    assert sign_in(agent).get("/desk/changes/", headers={"Desk-Seen": seen}).status_code == 200


def test_new_cases_are_counted(english: Client, agent: User, make_case: MakeCase) -> None:
    shown = make_case(owner=agent)
    assert not told(ask(english, shown=[shown])).is_any
    make_case(owner=agent)
    make_case(owner=agent)
    assertContains(ask(english, shown=[shown]), "2 new cases")


@pytest.mark.parametrize(
    ("query", "fields", "words"),
    [
        ("", {"owner": "teammate"}, "Now with teammate"),
        ("", {"owner": None}, "Nobody&#x27;s any more"),
        ("", {"state": "escalated"}, "Waiting for the supervisor"),
        ("", {"state": "closed", "outcome": "refused", "closed_at": NOW, "due_at": None}, "Closed: Refused"),
        ("?tier=general", {"tier": "priority"}, "No longer in this place of the list"),
        ("", {"outcome": "undone", "state": "closed", "closed_at": NOW}, "No longer there"),
    ],
)
def test_a_case_that_left_says_why(
    english: Client,
    agent: User,
    teammate: User,
    make_case: MakeCase,
    query: str,
    fields: dict[str, object],
    words: str,
) -> None:
    case = make_case(owner=agent)
    if fields.get("owner"):
        fields = {"owner": teammate}
    Case.objects.filter(pk=case.pk).update(**fields)
    response = ask(english, query=query, shown=[case])
    assertContains(response, f'<li data-left="{case.pk}">{words}</li>', html=False)
    assertContains(response, "1 left the list")


def test_a_case_of_another_shop_is_not_told_of(
    english: Client, outsider: User, other_shop: Shop, make_case: MakeCase, make_review: MakeReview
) -> None:
    foreign = make_case(make_review(shop=other_shop), owner=outsider)
    assert [left.words for left in told(ask(english, shown=[foreign])).left] == ["No longer there"]


def test_another_order_is_told(english: Client, agent: User, make_case: MakeCase) -> None:
    first, second = (make_case(owner=agent, due_at=NOW + timedelta(hours=n)) for n in range(2))
    assert not told(ask(english, shown=[first, second])).is_moved
    response = ask(english, shown=[second, first])
    assert told(response).is_moved
    assertContains(response, "the order changed")
    assertNotContains(response, "new case")


def test_an_answer_that_brings_a_case_to_the_top_is_told(english: Client, agent: User, make_case: MakeCase) -> None:
    others = [make_case(owner=agent, due_at=NOW + timedelta(hours=n)) for n in range(2)]
    answered = make_case(owner=agent, due_at=NOW + timedelta(days=1), answered_at=NOW)
    words = f"The supervisor answered #{answered.pk}: it comes first."
    assertContains(ask(english, shown=[*others, answered]), words)
    assertContains(ask(english, shown=others), words)
    seen = ask(english, shown=[answered, *others])
    assertNotContains(seen, words)
    assertContains(seen, "The supervisor has answered")


def test_the_list_keeps_the_open_case(agent: User, sign_in: SignIn, make_case: MakeCase) -> None:
    make_case(owner=agent, due_at=NOW)
    other = make_case(owner=agent, due_at=NOW + timedelta(hours=1))
    response = ask(sign_in(agent), query=f"?case={other.pk}&tier=general")
    assertContains(response, f'href="/desk/{other.pk}/?tier=general" ')
    assert [row.is_selected for row in response.context["queue"].rows] == [False, True]


def test_opening_a_row_tells_what_changed_meanwhile(agent: User, sign_in: SignIn, make_case: MakeCase) -> None:
    case = make_case(owner=agent)
    make_case(owner=agent)
    headers = {"HX-Request": "true", "HX-Target": "section#case", "HX-Source": "a", "Desk-Shown": str(case.pk)}
    page = sign_in(agent).get(f"/desk/{case.pk}/", headers=headers)
    assert page.context["queue"].news.fresh == 1
    assert "Desk-Shown" in page["Vary"]


def test_a_page_of_fifty_costs_a_fixed_number_of_queries(
    agent: User, sign_in: SignIn, make_case: MakeCase, make_review: MakeReview, django_assert_num_queries: Callable
) -> None:
    cases = [make_case(make_review(product_title=f"商品{n}"), owner=agent) for n in range(52)]
    Case.objects.filter(pk__in=[cases[0].pk, cases[1].pk]).update(owner=None)
    client = sign_in(agent)
    with django_assert_num_queries(10):  # one more than the queue: who owns the cases that left
        response = ask(client, shown=cases[:50])
    assert (told(response).fresh, len(told(response).left)) == (2, 2)


def test_strangers_are_sent_to_sign_in(client: Client) -> None:
    assert client.get("/desk/changes/").status_code == 302


def test_found_words_are_marked_in_the_rows(
    agent: User, sign_in: SignIn, make_case: MakeCase, make_review: MakeReview
) -> None:
    far = "一般。" * 30 + "等了九天<b>才到"
    make_case(make_review(content=far, append_content=""), owner=agent)
    make_case(make_review(content="还行", append_content="追评:九天才到", product_title="九天牌杯子"), owner=agent)
    rows = sign_in(agent).get("/desk/?q=九天").content.decode()
    assert '。等了<mark class="found">九天</mark>&lt;b&gt;才到' in rows
    assert '追评:<mark class="found">九天</mark>才到' in rows
    assert '<mark class="found">九天</mark>牌杯子' in rows
    assert 'class="found"' not in sign_in(agent).get("/desk/").content.decode()
