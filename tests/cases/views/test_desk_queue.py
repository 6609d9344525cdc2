"""The queue of the desk: whose cases, in which order, how many, and what its address can say."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.asserts import assertRedirects

from cases.models import Case, ContactEntry
from reviews.models import Review, Shop
from tests.conftest import NOW

SignIn = Callable[[User], Client]
MakeCase = Callable[..., Case]
MakeReview = Callable[..., Review]

pytestmark = pytest.mark.django_db


def _listed(client: Client, address: str) -> list[int]:
    return [row.case.pk for row in client.get(address).context["queue"].rows]


@pytest.fixture(autouse=True)
def _afternoon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


def test_an_agent_starts_with_their_own_cases_due_first(agent: User, sign_in: SignIn, make_case: MakeCase) -> None:
    later = make_case(owner=agent, due_at=NOW + timedelta(hours=2))
    sooner = make_case(owner=agent, due_at=NOW + timedelta(minutes=5))
    make_case()
    assert _listed(sign_in(agent), "/desk/") == [sooner.pk, later.pk]


def test_a_supervisor_starts_with_everybodys_cases(
    supervisor: User, agent: User, sign_in: SignIn, make_case: MakeCase
) -> None:
    cases = [make_case(owner=agent), make_case()]
    assert _listed(sign_in(supervisor), "/desk/") == [case.pk for case in cases]


def test_a_supervisor_starts_with_the_questions_that_wait(
    supervisor: User, agent: User, other_shop: Shop, sign_in: SignIn, make_case: MakeCase, make_review: MakeReview
) -> None:
    client = sign_in(supervisor)
    make_case(make_review(shop=other_shop), state="escalated")
    assert client.get("/desk/").status_code == 200
    make_case(owner=agent, state="escalated")
    assertRedirects(client.get("/desk/"), "/desk/?view=escalated")
    assert client.get("/desk/?view=all").status_code == 200
    assert client.get("/desk/?tier=general").status_code == 200
    assert sign_in(agent).get("/desk/").status_code == 200


def test_the_first_case_of_the_queue_stands_open(agent: User, sign_in: SignIn, make_case: MakeCase) -> None:
    case = make_case(owner=agent)
    page = sign_in(agent).get("/desk/")
    assert page.context["case"] == case
    assert not page.context["is_case_page"]


def test_the_address_chooses_the_open_case(agent: User, sign_in: SignIn, make_case: MakeCase) -> None:
    make_case(owner=agent, due_at=NOW)
    other = make_case(owner=agent, due_at=NOW + timedelta(hours=1))
    page = sign_in(agent).get(f"/desk/?case={other.pk}&tier=general")
    assert page.context["case"] == other
    assert [row.is_selected for row in page.context["queue"].rows] == [False, True]


def test_an_empty_queue_says_so(agent: User, sign_in: SignIn) -> None:
    page = sign_in(agent).get("/desk/")
    assert page.context["case"] is None
    assert 'class="empty"' in page.content.decode()


def test_tabs_count_without_filters(agent: User, teammate: User, sign_in: SignIn, make_case: MakeCase) -> None:
    make_case(owner=agent)
    make_case(owner=agent, state="follow_up")
    make_case(owner=teammate)
    make_case()
    make_case(owner=agent, state="closed", outcome="refused", closed_at=NOW, due_at=None)
    tabs = sign_in(agent).get("/desk/?tier=priority").context["queue"].tabs
    assert {tab.view: tab.count for tab in tabs} == {
        "mine": 2,
        "all": 4,
        "unassigned": 1,
        "follow_up": 1,
        "escalated": 0,
        "closed": 1,
    }


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("tier=priority", {"urgent"}),
        ("cause=quality", {"urgent"}),
        ("cause=courier.slow", {"plain"}),
        ("q=保温杯", {"urgent"}),
        ("q=图片完全", {"plain"}),
        ("tier=disputed", set()),
        ("tier=nonsense&cause=nonsense&shop=x&batch=-1&sort=up&view=nobody&page=99", {"urgent", "plain"}),
        ("batch=99999999999999999999999&shop=99999999999999999999999", {"urgent", "plain"}),
    ],
)
def test_filters_stand_in_the_address(
    agent: User, sign_in: SignIn, make_case: MakeCase, make_review: MakeReview, query: str, expected: set[str]
) -> None:
    cup = make_review(causes=["quality.defect"], product_title="不锈钢保温杯", content="杯盖裂了")
    cases = {"urgent": make_case(cup, owner=agent, tier="priority"), "plain": make_case(owner=agent)}
    assert set(_listed(sign_in(agent), f"/desk/?{query}")) == {cases[name].pk for name in expected}


def test_no_match_offers_the_way_back(agent: User, sign_in: SignIn, make_case: MakeCase) -> None:
    make_case(owner=agent)
    page = sign_in(agent).get("/desk/?view=all&q=没有这样的话").content.decode()
    assert 'href="/desk/?view=all"' in page


def test_the_shop_filter_is_there_for_who_works_for_several(
    agent: User, other_shop: Shop, sign_in: SignIn, make_case: MakeCase, make_review: MakeReview
) -> None:
    client = sign_in(agent)
    assert 'name="shop"' not in client.get("/desk/").content.decode()
    agent.shops.add(other_shop)
    there = make_case(make_review(shop=other_shop), owner=agent)
    make_case(owner=agent)
    assert 'name="shop"' in client.get("/desk/").content.decode()
    assert _listed(client, f"/desk/?shop={other_shop.pk}") == [there.pk]


def test_the_list_comes_in_pages_of_fifty(agent: User, sign_in: SignIn, make_case: MakeCase) -> None:
    cases = [make_case(owner=agent, due_at=NOW + timedelta(minutes=minute)) for minute in range(51)]
    client = sign_in(agent)
    first = client.get("/desk/?tier=general")
    assert len(first.context["queue"].rows) == 50
    assert "tier=general&amp;case=" in first.content.decode()
    assert _listed(client, "/desk/?tier=general&page=2") == [cases[50].pk]


def test_addresses_keep_the_filters_for_the_way_back(agent: User, sign_in: SignIn, make_case: MakeCase) -> None:
    case = make_case(owner=agent)
    page = sign_in(agent).get("/desk/?view=all&q=&cause=courier&page=1").content.decode()
    assert f'href="/desk/{case.pk}/?view=all&amp;cause=courier&amp;page=1"' in page
    page = sign_in(agent).get(f"/desk/{case.pk}/?view=all&cause=courier").content.decode()
    assert f'class="case-back" href="/desk/?view=all&amp;cause=courier&amp;case={case.pk}"' in page
    assert f'action="/desk/{case.pk}/contact/?view=all&amp;cause=courier"' in page


def test_a_row_tells_how_long_what_and_what_next(
    agent: User, sign_in: SignIn, make_case: MakeCase, make_review: MakeReview
) -> None:
    made = [
        make_case(make_review(causes=["price.drop"]), owner=agent, due_at=NOW + timedelta(minutes=12)),
        make_case(owner=agent, due_at=NOW - timedelta(hours=3), first_contacted_at=NOW, steps_done=2),
        make_case(owner=agent, due_at=NOW + timedelta(days=3), first_contacted_at=NOW, next_contact_at=NOW),
        make_case(owner=agent, first_contacted_at=NOW, steps_done=4, due_at=None),
    ]
    client = sign_in(agent)
    client.post("/language/", {"language": "en"})
    rows = client.get("/desk/").content.decode().split('<li class="queue-row')[1:]
    by_case = {case.pk: next(row for row in rows if f'id="row-{case.pk}"' in row) for case in made}
    assert "12 min left" in by_case[made[0].pk]
    assert "clock-near" in by_case[made[0].pk]
    assert "Price · Price dropped after purchase" in by_case[made[0].pk]
    assert "Not contacted yet" in by_case[made[0].pk]
    assert "3 h overdue" in by_case[made[1].pk]
    assert "clock-late" in by_case[made[1].pk]
    assert "Step 3: Agree a remedy" in by_case[made[1].pk]
    assert "3 d left" in by_case[made[2].pk]
    assert "Next contact 11-20 14:00" in by_case[made[2].pk]
    assert "All steps done" in by_case[made[3].pk]
    assert "No deadline" in by_case[made[3].pk]


def test_sixty_cases_cost_as_many_queries_as_two(
    agent: User, sign_in: SignIn, make_case: MakeCase, make_review: MakeReview, django_assert_num_queries: Callable
) -> None:
    client = sign_in(agent)
    for number in range(60):
        review = make_review(causes=["courier.slow", "quality.defect"], product_title=f"商品{number}")
        case = make_case(review, owner=agent, due_at=NOW + timedelta(minutes=number))
        ContactEntry.objects.create(case=case, at=NOW, actor=agent, channel="chat", result="reached", said="您好")
    client.get("/desk/")
    # Five of them for the contact log: cases of the buyer, their earlier wordings, entries, rulings; and attachments.
    with django_assert_num_queries(32):
        client.get("/desk/")
    with django_assert_num_queries(9):
        client.get("/desk/", headers={"HX-Request": "true", "HX-Target": "section#queue"})
