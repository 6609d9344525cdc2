"""The team page: loads, the list of cases, reassigning, duty."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from cases.models import Agent, Case, CaseChange
from cases.views import team
from reviews.models import Review, Shop
from tests.cases.assignment.conftest import make_agent as make_agent

MakeReview = Callable[..., Review]
MakeCase = Callable[..., Case]
SignIn = Callable[[User], Client]


def listed(client: Client, **query: Any) -> list[Case]:
    response = client.get("/team/", query)
    assert response.status_code == 200
    return [case for case, _due in response.context["rows"]]


def told(response: HttpResponse) -> list[tuple[str, str]]:
    return [(message.level_tag, message.message) for message in get_messages(response.wsgi_request)]


def test_unassigned_and_overdue_cases_wait_on_the_page(
    make_case: MakeCase, supervisor: User, agent: User, sign_in: SignIn
) -> None:
    soon = timezone.now() + timedelta(hours=3)
    overdue = make_case(owner=agent)
    unassigned = make_case(due_at=soon)
    make_case(owner=agent, due_at=soon)
    assert listed(sign_in(supervisor)) == [overdue, unassigned]


def test_another_list_of_one_agent(
    make_case: MakeCase, supervisor: User, agent: User, teammate: User, sign_in: SignIn
) -> None:
    mine = make_case(owner=agent)
    make_case(owner=teammate)
    assert listed(sign_in(supervisor), show="open", agent=agent.pk) == [mine]


def test_closed_cases_are_listed_but_cannot_be_chosen(
    make_case: MakeCase, supervisor: User, agent: User, sign_in: SignIn
) -> None:
    make_case(owner=agent, state="closed", outcome="refused", closed_at=timezone.now(), due_at=None)
    page = sign_in(supervisor).get("/team/", {"show": "settled_today"}).content.decode()
    assert 'name="case"' not in page
    assert 'class="cell-case"' in page


def test_only_cases_and_people_of_my_shops(
    make_case: MakeCase,
    make_review: MakeReview,
    other_shop: Shop,
    supervisor: User,
    agent: User,
    outsider: User,
    admin: User,
    sign_in: SignIn,
) -> None:
    mine, foreign = make_case(), make_case(make_review(shop=other_shop))
    client = sign_in(supervisor)
    assert listed(client) == [mine]
    assert [load.user for load in client.get("/team/").context["loads"]] == [agent]
    assert set(listed(sign_in(admin))) == {mine, foreign}
    for query in ({"shop": other_shop.pk}, {"agent": outsider.pk}, {"product": foreign.review.product_id}):
        assert client.get("/team/", query).status_code == 404


def test_a_list_that_makes_no_sense_says_so(make_case: MakeCase, supervisor: User, sign_in: SignIn) -> None:
    make_case()
    response = sign_in(supervisor).get("/team/", {"show": "nonsense"})
    assert response.status_code == 200
    assert "rows" not in response.context
    assert "errorlist" in response.content.decode()


@pytest.mark.parametrize("count", [1, 6])
def test_queries_do_not_grow_with_the_list(
    make_case: MakeCase,
    make_review: MakeReview,
    supervisor: User,
    agent: User,
    sign_in: SignIn,
    django_assert_num_queries: Callable[[int], Any],
    count: int,
) -> None:
    for number in range(count):
        make_case(make_review(["price.fee", "price.drop"], product_title=f"商品{number}"), owner=agent)
    client = sign_in(supervisor)
    # session, user, demo account?, role, shops, 4 about loads, 3 about who can take what, shifts, shops, products,
    # why cases wait, backlog, escalated, total, cases, causes, who can take them, duty
    with django_assert_num_queries(22):
        client.get("/team/")


def test_pages_keep_the_list(
    make_case: MakeCase, supervisor: User, agent: User, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(team, "PAGE_SIZE", 2)
    cases = [make_case(owner=agent, due_at=timezone.now() + timedelta(hours=number)) for number in range(3)]
    client = sign_in(supervisor)
    assert 'href="?show=open&amp;page=2#cases"' in client.get("/team/", {"show": "open"}).content.decode()
    assert listed(client, show="open", page=2) == [cases[2]]


def test_chosen_cases_are_handed_on(
    make_case: MakeCase, supervisor: User, agent: User, teammate: User, sign_in: SignIn
) -> None:
    first, second, kept = make_case(owner=agent), make_case(), make_case(owner=agent)
    response = sign_in(supervisor).post(
        "/team/reassign/", {"case": [first.pk, second.pk], "to": teammate.pk, "filters": "show=open&page=2"}
    )
    assert response.url == "/team/?show=open&page=2#cases"
    owners = dict(Case.objects.values_list("pk", "owner"))
    assert owners == {first.pk: teammate.pk, second.pk: teammate.pk, kept.pk: agent.pk}
    assert set(CaseChange.objects.values_list("case", "actor", "kind")) == {
        (first.pk, supervisor.pk, "assigned"),
        (second.pk, supervisor.pk, "assigned"),
    }
    ((level, words),) = told(response)
    assert level == "success"
    assert "2" in words
    assert "teammate" in words


def test_a_case_that_cannot_be_handed_on_is_told_and_stops_no_other(
    make_case: MakeCase, supervisor: User, agent: User, teammate: User, sign_in: SignIn
) -> None:
    closed = make_case(owner=agent, state="closed", outcome="refused", closed_at=timezone.now(), due_at=None)
    case = make_case(owner=agent)
    response = sign_in(supervisor).post("/team/reassign/", {"case": [closed.pk, case.pk], "to": teammate.pk})
    assert [level for level, _words in told(response)] == ["warning", "success"]
    assert response.url == f"/team/?choose={closed.pk}&give_to={teammate.pk}#cases"
    closed.refresh_from_db()
    case.refresh_from_db()
    assert (closed.owner, case.owner) == (agent, teammate)


def test_a_refusal_keeps_the_choice_of_cases_and_person(
    make_case: MakeCase,
    make_review: MakeReview,
    other_shop: Shop,
    agent: User,
    outsider: User,
    admin: User,
    sign_in: SignIn,
) -> None:
    mine, foreign = make_case(), make_case(make_review(shop=other_shop))
    client = sign_in(admin)
    page = client.post("/team/reassign/", {"case": mine.pk, "to": outsider.pk}, follow=True).content.decode()
    assert f'name="case" value="{mine.pk}" checked' in page
    assert f'name="case" value="{foreign.pk}" form' in page
    assert f'<option value="{outsider.pk}" selected>' in page
    assert f'<option value="{agent.pk}">' in page


def test_cases_are_offered_to_agents_of_their_shops_with_their_load(
    make_case: MakeCase,
    make_review: MakeReview,
    shop: Shop,
    other_shop: Shop,
    agent: User,
    teammate: User,
    outsider: User,
    admin: User,
    sign_in: SignIn,
) -> None:
    make_case(owner=agent)
    make_case(make_review(shop=other_shop))
    User.objects.filter(pk=teammate.pk).update(is_active=False)
    offered = sign_in(admin).get("/team/", {"shop": shop.pk}).context["takers"]
    assert [(load.user, load.open.value) for load in offered] == [(agent, 1)]
    assert outsider in [load.user for load in sign_in(admin).get("/team/").context["takers"]]


def test_the_box_that_chooses_all_shows_only_with_javascript(
    make_case: MakeCase, supervisor: User, sign_in: SignIn
) -> None:
    make_case()
    page = sign_in(supervisor).get("/team/").content.decode()
    assert re.search(r'<input[^>]* data-choose-all="reassign"[^>]* hidden>', page)
    assert 'src="/static/js/team.js"' in page


def test_nothing_chosen_is_told(supervisor: User, agent: User, sign_in: SignIn) -> None:
    response = sign_in(supervisor).post("/team/reassign/", {"to": agent.pk})
    assert [level for level, _words in told(response)] == ["warning"]


def test_nothing_of_another_shop_is_handed_on(
    make_case: MakeCase,
    make_review: MakeReview,
    other_shop: Shop,
    supervisor: User,
    agent: User,
    outsider: User,
    sign_in: SignIn,
) -> None:
    mine, foreign = make_case(), make_case(make_review(shop=other_shop))
    client = sign_in(supervisor)
    for posted in (
        {"case": [mine.pk, foreign.pk], "to": agent.pk},
        {"case": mine.pk, "to": outsider.pk},
        {"case": mine.pk, "to": "x"},
        {"case": mine.pk},
    ):
        assert client.post("/team/reassign/", posted).status_code == 404
    assert not Case.objects.filter(owner__isnull=False).exists()


def test_a_supervisor_puts_agents_on_and_off_duty(
    make_case: MakeCase, supervisor: User, agent: User, sign_in: SignIn
) -> None:
    client = sign_in(supervisor)
    client.post("/team/duty/", {"agent": agent.pk, "duty": "off"})
    assert not Agent.objects.get(user=agent).is_on_duty
    waiting = make_case()
    client.post("/team/duty/", {"agent": agent.pk, "duty": "on"})
    assert Agent.objects.get(user=agent).is_on_duty
    waiting.refresh_from_db()
    assert waiting.owner == agent


def test_duty_of_another_shops_agent_answers_404(supervisor: User, outsider: User, sign_in: SignIn) -> None:
    assert sign_in(supervisor).post("/team/duty/", {"agent": outsider.pk, "duty": "off"}).status_code == 404
    assert Agent.objects.get(user=outsider).is_on_duty


@pytest.mark.parametrize("path", ["/team/reassign/", "/team/duty/", "/team/skills/", "/team/spread/"])
@pytest.mark.parametrize(("who", "status"), [(None, 302), ("agent", 403), ("outsider", 403)])
def test_who_may_not_change_the_team(
    request: pytest.FixtureRequest,
    make_case: MakeCase,
    teammate: User,
    sign_in: SignIn,
    path: str,
    who: str | None,
    status: int,
) -> None:
    case = make_case()
    client = sign_in(request.getfixturevalue(who)) if who else Client()
    posted = {"case": case.pk, "to": teammate.pk, "agent": teammate.pk, "duty": "off"}
    assert client.post(path, posted).status_code == status
    assert not Case.objects.filter(owner__isnull=False).exists()
    assert Agent.objects.get(user=teammate).is_on_duty


@pytest.mark.parametrize("path", ["/team/reassign/", "/team/duty/", "/team/skills/", "/team/spread/"])
def test_changes_must_be_posted(supervisor: User, sign_in: SignIn, path: str) -> None:
    assert sign_in(supervisor).get(path).status_code == 405


@pytest.mark.parametrize("named", ["9" * 5000, "9" * 19, "abc", ""])
def test_what_cannot_be_a_person_or_a_case_is_not_found(supervisor: User, sign_in: SignIn, named: str) -> None:
    client = sign_in(supervisor)
    assert client.post("/team/reassign/", {"case": named, "to": named}).status_code in {302, 404}
    assert client.get("/desk/", {"view": "all", "case": named}).status_code == 200
