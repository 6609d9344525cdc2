"""Figures about cases, counted by hand, and the lists behind them."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection

from cases.models import Agent, Case, ContactEntry
from cases.statistics import CaseFilter, CaseKind, case_totals, contacts_on, listed_cases, open_cases_now
from cases.workload import AgentLoad, agent_loads
from reviews.models import Review, Shop
from reviews.period import Period
from reviews.scope import Scope
from tests.conftest import NOW, SHANGHAI

MakeReview = Callable[..., Review]
MakeCase = Callable[..., Case]
PERIOD = Period(date(2026, 11, 19), date(2026, 11, 20))


def scope_of(*shops: Shop, **chosen: Any) -> Scope:
    return Scope(
        **{"shops": tuple(shop.pk for shop in shops), "shop": None, "product": None, "period": PERIOD, **chosen}
    )


@pytest.fixture
def case_of_day(make_review: MakeReview, make_case: MakeCase) -> Callable[..., Case]:
    """A case of a review written on that day of November, closed if it has an outcome, contacted after `minutes`."""

    def make(day: int, *, outcome: str = "", minutes: int | None = None, **fields: Any) -> Case:
        written = datetime(2026, 11, day, 10, tzinfo=SHANGHAI)
        fields = {"opened_at": written, **fields}
        if outcome:
            fields |= {"outcome": outcome, "state": "closed", "closed_at": NOW, "due_at": None}
        if minutes is not None:
            fields["first_contacted_at"] = fields["opened_at"] + timedelta(minutes=minutes)
        return make_case(make_review(reviewed_at=written), **fields)

    return make


def test_saved_share_counts_closed_cases_of_the_periods_reviews(case_of_day: Callable[..., Case], shop: Shop) -> None:
    for outcome in ("revised", "deleted", "praised", "satisfied", "refused", "unreachable", "upheld", "rejected"):
        case_of_day(20, outcome=outcome)
    case_of_day(19)
    case_of_day(18, outcome="revised")
    now, before = case_totals(scope_of(shop))
    assert (now.saved.value, now.closed.value) == (3, 8)
    assert now.saved_percent == 37.5
    assert (before.saved.value, before.closed.value, before.saved_percent) == (1, 1, 100)


def test_what_is_proven_is_counted_apart_from_what_is_stated(case_of_day: Callable[..., Case], shop: Shop) -> None:
    case_of_day(20, outcome="revised")
    case_of_day(20, outcome="revised", proven="revised", proven_at=NOW)
    proven = case_of_day(20, outcome="satisfied", proven="praised", proven_at=NOW)
    case_of_day(20, outcome="mistaken", proven="revised", proven_at=NOW)
    case_of_day(20, proven="praised", proven_at=NOW)
    now, before = case_totals(scope_of(shop))
    assert (now.saved.value, now.proven.value, now.closed.value) == (2, 2, 3)
    assert now.proven_percent == pytest.approx(66.67, abs=0.01)
    assert before.proven_percent is None
    listed = listed_cases(Case.objects.all(), CaseFilter(kind="proven"), NOW)
    assert proven in listed
    assert listed.count() == now.proven.value


@pytest.mark.parametrize(("waits", "median"), [([], None), ([30], 30), ([5, 10, 600], 10), ([10, 20], 15)])
def test_median_of_the_contacted(
    case_of_day: Callable[..., Case], shop: Shop, waits: list[int], median: float | None
) -> None:
    case_of_day(20)
    for minutes in waits:
        case_of_day(20, minutes=minutes)
    case_of_day(18, minutes=1)
    now, before = case_totals(scope_of(shop))
    assert now.median_minutes == median
    assert now.contacted.value == len(waits)
    assert before.median_minutes == 1


def test_no_cases_no_shares(shop: Shop) -> None:
    now, before = case_totals(scope_of(shop))
    assert now.saved_percent is None
    assert before.median_hours is None


@pytest.fixture
def desk(
    make_case: MakeCase, make_review: MakeReview, other_shop: Shop, agent: User, teammate: User, outsider: User
) -> dict[str, Case]:
    """One case of each fate at NOW, all of the first shop but "foreign"."""
    minutes = timedelta(minutes=1)
    closed = {"state": "closed", "due_at": None, "outcome": "refused"}
    return {
        "late": make_case(owner=agent, due_at=NOW - minutes),
        "late and unassigned": make_case(due_at=NOW - 30 * minutes),
        "due now": make_case(owner=agent, due_at=NOW),
        "due in 59 minutes": make_case(owner=agent, due_at=NOW + 59 * minutes),
        "due in 60 minutes": make_case(owner=teammate, due_at=NOW + 60 * minutes),
        "unassigned": make_case(due_at=NOW + 90 * minutes),
        "nothing promised": make_case(owner=teammate, due_at=None, first_contacted_at=NOW),
        "settled today": make_case(owner=agent, closed_at=NOW.replace(hour=0), **closed),
        "settled yesterday": make_case(owner=agent, closed_at=NOW.replace(hour=0) - minutes, **closed),
        "escalated": make_case(owner=agent, state="escalated", due_at=None, first_contacted_at=NOW),
        "foreign": make_case(make_review(shop=other_shop), owner=outsider, due_at=NOW - minutes),
    }


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("attention", {"late", "late and unassigned", "unassigned"}),
        ("unassigned", {"late and unassigned", "unassigned"}),
        ("overdue", {"late", "late and unassigned"}),
        ("escalated", {"escalated"}),
        ("due_soon", {"due now", "due in 59 minutes"}),
        (
            "open",
            {
                "late",
                "late and unassigned",
                "due now",
                "due in 59 minutes",
                "due in 60 minutes",
                "unassigned",
                "nothing promised",
                "escalated",
            },
        ),
        ("settled_today", {"settled today"}),
        ("contacted", {"nothing promised", "escalated"}),
        ("closed", {"settled today", "settled yesterday"}),
        ("saved", set()),
        ("contacted_today", set()),
    ],
)
def test_what_each_list_holds(desk: dict[str, Case], shop: Shop, kind: str, names: set[str]) -> None:
    listed = listed_cases(Case.objects.filter(shop=shop), CaseFilter(kind=kind), NOW)
    assert set(listed) == {desk[name] for name in names}


def test_what_is_due_first_comes_first(desk: dict[str, Case], shop: Shop) -> None:
    listed = list(listed_cases(Case.objects.filter(shop=shop), CaseFilter(kind="open"), NOW))
    assert listed[0] == desk["late and unassigned"]
    assert listed[1] == desk["late"]
    assert listed[-2:] == [desk["nothing promised"], desk["escalated"]]


def test_open_cases_with_their_owners(desk: dict[str, Case], shop: Shop, other_shop: Shop) -> None:
    mine = open_cases_now(scope_of(shop), NOW)
    assert (mine.total.value, mine.unassigned.value, mine.overdue.value, mine.escalated.value) == (8, 2, 2, 1)
    assert [(load.name, load.open.value) for load in mine.by_owner] == [("agent", 4), ("teammate", 2)]
    both = open_cases_now(scope_of(shop, other_shop), NOW)
    assert (both.total.value, both.overdue.value) == (9, 3)
    narrowed = open_cases_now(scope_of(shop, other_shop, shop=other_shop.pk), NOW)
    assert [(load.name, load.open.value) for load in narrowed.by_owner] == [("outsider", 1)]
    assert open_cases_now(scope_of(shop, product=0), NOW).total.value == 0


def contact(case: Case, actor: User, at: datetime = NOW) -> None:
    ContactEntry.objects.create(case=case, actor=actor, at=at, channel="phone", result="reached", said="谈过了")


def counts(load: AgentLoad) -> tuple[str, int, int, int, int, int]:
    numbers = (load.open, load.due_soon, load.overdue, load.settled_today, load.contacted_today)
    return (load.user.username, *(number.value for number in numbers))  # type: ignore[return-value]


def test_loads_of_agents(desk: dict[str, Case], shop: Shop, agent: User, teammate: User) -> None:
    contact(desk["late"], agent)
    contact(desk["late"], agent)
    contact(desk["due now"], teammate)
    contact(desk["due in 60 minutes"], teammate, at=NOW.replace(hour=0))
    contact(desk["late"], teammate, at=NOW.replace(hour=0) - timedelta(seconds=1))
    assert [counts(load) for load in agent_loads([shop], NOW)] == [
        ("agent", 4, 2, 1, 1, 1),
        ("teammate", 2, 0, 0, 0, 2),
    ]


def test_an_agent_of_two_shops_is_listed_once_with_the_cases_of_both(
    desk: dict[str, Case], shop: Shop, other_shop: Shop, outsider: User
) -> None:
    other_shop.members.add(*shop.members.all())
    loads = {load.user: load for load in agent_loads([shop, other_shop], NOW)}
    assert len(loads) == 3
    assert loads[outsider].open.value == 1


def test_whoever_owns_cases_is_listed_agent_or_not(make_case: MakeCase, shop: Shop, supervisor: User) -> None:
    make_case(owner=supervisor)
    (load,) = agent_loads([shop], NOW)
    assert (load.user, load.agent) == (supervisor, None)


def test_every_number_leads_to_as_many_cases(desk: dict[str, Case], shop: Shop, agent: User, teammate: User) -> None:
    contact(desk["late"], teammate)
    for load in agent_loads([shop], NOW):
        for number, kind in zip(
            load[4:],
            ("open", "due_soon", "overdue", "settled_today", "contacted_today", "won_today", "won"),
            strict=True,
        ):
            wanted = CaseFilter(kind=kind, agent=load.user.pk)
            assert number.url == wanted.address
            assert listed_cases(Case.objects.filter(shop=shop), wanted, NOW).count() == number.value


def test_queries(
    desk: dict[str, Case], shop: Shop, agent: User, django_assert_num_queries: Callable[[int], Any]
) -> None:
    for name in ("third", "fourth"):
        user = User.objects.create_user(name)
        shop.members.add(user)
        Agent.objects.create(user=user)
    with django_assert_num_queries(8):
        agent_loads([shop], NOW)
    with django_assert_num_queries(1):
        case_totals(scope_of(shop))
    with django_assert_num_queries(2):
        open_cases_now(scope_of(shop), NOW)


def test_an_address_names_the_list(db: None) -> None:
    wanted = CaseFilter(kind=CaseKind.SAVED.value, shop=4, first=date(2026, 11, 1), last=date(2026, 11, 20))
    assert wanted.address == "/team/?show=saved&shop=4&from=2026-11-01&to=2026-11-20#cases"


@pytest.mark.django_db
def test_the_contacts_of_a_day_are_found_by_their_time() -> None:
    with connection.cursor() as cursor:
        # So few rows would be read one by one.
        cursor.execute("set local enable_seqscan = off")
    assert "contact_by_time" in contacts_on(NOW.date()).explain()
