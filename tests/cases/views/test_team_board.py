"""The board of the team: who is there and carries what, skills, spreading."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from cases.models import Agent, Case, RuleChange, Shift
from reviews.models import Product, Review, Shop
from reviews.period import start_of
from tests.cases.assignment.conftest import make_agent as make_agent
from tests.cases.views.test_team import told

MakeReview = Callable[..., Review]
MakeCase = Callable[..., Case]
SignIn = Callable[[User], Client]


@pytest.mark.parametrize("count", [1, 8])
def test_queries_do_not_grow_with_the_team(
    make_case: MakeCase,
    shop: Shop,
    supervisor: User,
    make_agent: Callable[..., User],
    sign_in: SignIn,
    django_assert_num_queries: Callable[[int], Any],
    count: int,
) -> None:
    shift = Shift.objects.create(shop=shop, name="全天", spans=[[0, 1440]])
    for number in range(count):
        user = make_agent(causes=["price"], lines=[f"line {number}"])
        shift.agents.add(user)
        make_case(owner=user)
    make_case()
    client = sign_in(supervisor)
    # as above, and who is on the shift that runs
    with django_assert_num_queries(23):
        response = client.get("/team/")
    assert [load.is_expected for load in response.context["loads"]] == [True] * count


def test_the_board_says_who_is_there_and_what_they_carry(
    make_case: MakeCase, make_agent: Callable[..., User], supervisor: User, sign_in: SignIn
) -> None:
    here, away, off = make_agent(open_capacity=4), make_agent(), make_agent(is_on_duty=False)
    cache.delete(f"seen:{away.pk}")
    make_case(owner=here)
    loads = {load.user: load for load in sign_in(supervisor).get("/team/").context["loads"]}
    assert [(loads[user].taker.is_there, loads[user].taker.is_working) for user in (here, away, off)] == [
        (True, True),
        (False, False),
        (True, False),
    ]
    assert loads[here].percent == 25


def test_the_board_says_why_cases_wait(make_case: MakeCase, agent: User, supervisor: User, sign_in: SignIn) -> None:
    client = sign_in(supervisor)
    client.post("/language/", {"language": "en"})
    make_case()
    Agent.objects.update(causes=["price"])
    page = client.get("/team/").content.decode()
    assert "1 case waits: no agent of the shop has the skill." in page
    assert '<span class="tag tag-courier">' in page


def test_the_part_that_renews_itself_is_the_team_alone(supervisor: User, agent: User, sign_in: SignIn) -> None:
    headers = {"HX-Request": "true", "HX-Source": "div#team", "HX-Target": "div#team"}
    page = sign_in(supervisor).get("/team/?show=open", headers=headers).content.decode()
    assert 'id="team"' in page
    assert "<html" not in page
    assert 'hx-get="/team/?show=open"' in page


SKILLS = {"causes": ["price", "other"], "open_capacity": "5", "daily_capacity": "9", "seen": "0"}


def test_skills_are_set_below_the_line_of_the_agent(supervisor: User, agent: User, sign_in: SignIn) -> None:
    client = sign_in(supervisor)
    assert 'action="/team/skills/"' not in client.get("/team/").content.decode()
    assert 'action="/team/skills/"' in client.get("/team/", {"edit": agent.pk}).content.decode()
    response = client.post("/team/skills/", {"agent": agent.pk, "filters": "show=open", **SKILLS})
    assert response.url == "/team/?show=open#board"
    kept = Agent.objects.get(user=agent)
    assert (kept.causes, kept.lines, kept.open_capacity, kept.daily_capacity) == (["price", "other"], [], 5, 9)
    assert RuleChange.objects.get().actor == supervisor
    page = client.get("/team/", {"edit": agent.pk})
    assert [line.actor for line in page.context["skill_changes"]] == [supervisor]


def test_who_was_faster_with_skills_is_told_and_nothing_typed_is_lost(
    supervisor: User, admin: User, agent: User, sign_in: SignIn
) -> None:
    sign_in(admin).post("/team/skills/", {"agent": agent.pk, **SKILLS})
    typed = SKILLS | {"agent": agent.pk, "daily_capacity": "31", "comment": "新人"}
    late = sign_in(supervisor).post("/team/skills/", typed)
    assert late.status_code == 409
    assert 'value="31"' in late.content.decode()
    assert Agent.objects.get(user=agent).daily_capacity == 9
    again = typed | {"seen": late.context["skills"]["seen"].value()}
    assert sign_in(supervisor).post("/team/skills/", again).status_code == 302
    assert Agent.objects.get(user=agent).daily_capacity == 31
    assert RuleChange.objects.first().comment == "新人"  # type: ignore[union-attr]


def test_lines_are_chosen_among_those_of_the_shops_and_ones_own(
    supervisor: User, agent: User, shop: Shop, sign_in: SignIn
) -> None:
    Agent.objects.update(lines=["old"])
    Product.objects.create(shop=shop, title="a", line="shoes")
    client = sign_in(supervisor)
    form = client.get("/team/", {"edit": agent.pk}).context["skills"]
    assert form.fields["lines"].choices == [("old", "old"), ("shoes", "shoes")]
    client.post("/team/skills/", {"agent": agent.pk, "lines": ["shoes"], **SKILLS})
    assert Agent.objects.get().lines == ["shoes"]


@pytest.mark.parametrize(
    "wrong", [{"open_capacity": "-1"}, {"daily_capacity": ""}, {"causes": ["nonsense"]}, {"open_capacity": "x"}]
)
def test_what_makes_no_sense_is_refused_with_what_was_typed(
    supervisor: User, agent: User, sign_in: SignIn, wrong: dict[str, Any]
) -> None:
    response = sign_in(supervisor).post("/team/skills/", {"agent": agent.pk, **SKILLS, **wrong})
    assert response.status_code == 422
    assert "errorlist" in response.content.decode()
    assert 'name="daily_capacity"' in response.content.decode()
    assert not RuleChange.objects.exists()


def test_spreading_is_foreseen_and_then_done(
    make_case: MakeCase, supervisor: User, agent: User, teammate: User, sign_in: SignIn
) -> None:
    case = make_case(owner=agent)
    client = sign_in(supervisor)
    page = client.get("/team/", {"spread": agent.pk})
    assert page.context["spread"].shares == [(teammate, 1)]
    assert 'action="/team/spread/"' in page.content.decode()
    case.refresh_from_db()
    assert case.owner == agent
    response = client.post("/team/spread/", {"agent": agent.pk})
    assert [level for level, _words in told(response)] == ["success"]
    case.refresh_from_db()
    assert case.owner == teammate
    assert not Agent.objects.get(user=agent).is_on_duty


def test_who_left_the_shop_can_still_be_spread(
    make_case: MakeCase, supervisor: User, agent: User, teammate: User, sign_in: SignIn
) -> None:
    case = make_case(owner=agent)
    agent.shops.clear()
    response = sign_in(supervisor).post("/team/spread/", {"agent": agent.pk})
    assert response.status_code == 302
    case.refresh_from_db()
    assert case.owner == teammate


@pytest.mark.parametrize("query", [{"edit": "x"}, {"spread": "x"}, {"edit": "999999"}, {"spread": "999999"}])
def test_lines_that_are_not_on_the_board_answer_404(supervisor: User, sign_in: SignIn, query: dict[str, str]) -> None:
    assert sign_in(supervisor).get("/team/", query).status_code == 404


def test_agents_of_other_shops_are_nobody_here(
    supervisor: User, outsider: User, make_case: MakeCase, make_review: MakeReview, other_shop: Shop, sign_in: SignIn
) -> None:
    case = make_case(make_review(shop=other_shop), owner=outsider)
    client = sign_in(supervisor)
    for query in ({"edit": outsider.pk}, {"spread": outsider.pk}):
        assert client.get("/team/", query).status_code == 404
    assert client.post("/team/skills/", {"agent": outsider.pk, **SKILLS}).status_code == 404
    assert client.post("/team/spread/", {"agent": outsider.pk}).status_code == 404
    case.refresh_from_db()
    assert case.owner == outsider
    assert Agent.objects.get(user=outsider).open_capacity == 60


@pytest.fixture
def won(make_case: MakeCase, agent: User, teammate: User, supervisor: User) -> dict[str, Case]:
    """A case of each that counts or does not, all owned by the supervisor."""
    today = start_of(timezone.localdate())

    def proven(at: datetime, credited_to: User | None, **fields: Any) -> Case:
        fields = {"outcome": "revised", "state": "closed", "closed_at": at, "due_at": None} | fields
        return make_case(owner=supervisor, proven="revised", proven_at=at, credited_to=credited_to, **fields)

    return {
        "today": proven(today, teammate),
        "yesterday": proven(today - timedelta(minutes=1), teammate),
        "still open": proven(today, agent, outcome="", state="contacted", closed_at=None, due_at=timezone.now()),
        "first day": proven(today - timedelta(days=29), teammate),
        "too old": proven(today - timedelta(days=29, minutes=1), teammate),
        "nobody's": proven(today, None),
        "no complaint": proven(today, agent, outcome="mistaken"),
    }


def test_proven_changes_are_counted_for_whom_they_are_credited_to(
    won: dict[str, Case], agent: User, teammate: User, supervisor: User, sign_in: SignIn
) -> None:
    client = sign_in(supervisor)
    loads = {load.user: load for load in client.get("/team/").context["loads"]}
    figures = {user: (loads[user].won_today, loads[user].won) for user in (agent, teammate, supervisor)}
    assert {user: tuple(each.value for each in pair) for user, pair in figures.items()} == {
        agent: (1, 1),
        teammate: (1, 3),
        supervisor: (0, 0),
    }
    for pair in figures.values():
        for each in pair:
            assert client.get(each.url.split("#")[0]).context["page"].paginator.count == each.value
    listed = client.get(figures[teammate][1].url.split("#")[0]).context["page"]
    assert set(listed) == {won["today"], won["yesterday"], won["first day"]}


def test_another_shops_successes_do_not_count(
    won: dict[str, Case], teammate: User, supervisor: User, other_shop: Shop, sign_in: SignIn
) -> None:
    teammate.shops.add(other_shop)
    supervisor.shops.set([other_shop])
    loads = {load.user: load for load in sign_in(supervisor).get("/team/").context["loads"]}
    assert loads[teammate].won.value == 0


@pytest.mark.usefixtures("won")
def test_agents_are_sorted_by_what_they_won_back(
    agent: User, teammate: User, supervisor: User, sign_in: SignIn
) -> None:
    client = sign_in(supervisor)

    def order(address: str) -> list[User]:
        page = client.get(address)
        return [load.user for load in page.context["loads"] if load.user != supervisor]

    assert order("/team/?show=open") == [agent, teammate]
    assert order("/team/?show=open&sort=won") == [teammate, agent]
    page = client.get("/team/?show=open&sort=won").content.decode()
    assert 'href="?show=open#board"' in page
    assert 'aria-sort="descending"' in page
    assert '<input type="hidden" name="sort" value="won"' in page, "the filter of the list keeps it"
    assert 'href="?show=open&amp;sort=won#board"' in client.get("/team/?show=open").content.decode()
