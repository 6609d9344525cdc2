"""Many cases at once: what is foreseen is what is done, each case by its own rules, and taken back as one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import django_rq
import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases import jobs
from cases.bulk import running
from cases.bulk.choosing import choose, ticked
from cases.bulk.running import carry_out, look_ahead, resume_quiet, take_back
from cases.flow import Refused, choose_tier
from cases.models import Agent, BulkAct, BulkItem, Case, CaseChange, ContactEntry, Notice
from cases.taking_back import LASTS, fields_of
from reviews.models import Shop
from tests.conftest import NOW
from tests.connections import Killed

MakeCase = Callable[..., Case]
Chosen = Callable[..., BulkAct]


@pytest.fixture(autouse=True)
def _afternoon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


def chosen(kind: str, actor: User, *cases: Case) -> BulkAct:
    return choose(cases=ticked(actor, [case.pk for case in cases]), kind=kind, actor=actor, now=NOW)


def foreseen(kind: str, actor: User, *cases: Case, **details: object) -> BulkAct:
    act = chosen(kind, actor, *cases)
    look_ahead(act=act, details=details, now=NOW)
    return act


def states(act: BulkAct) -> dict[int, str]:
    return dict(act.items.values_list("case", "status"))


def stored(case: Case) -> dict[str, Any]:
    return fields_of(Case.objects.get(pk=case.pk))


def talked(case: Case, actor: User) -> Case:
    ContactEntry.objects.create(case=case, at=NOW, actor=actor, channel="chat", result="reached", said="您好")
    return case


def test_looking_ahead_tells_each_case_and_changes_nothing(
    agent: User, teammate: User, supervisor: User, make_case: MakeCase
) -> None:
    fits, silent, foreign = talked(make_case(owner=agent), agent), make_case(owner=agent), make_case(owner=teammate)
    nobodys = make_case()
    before = [stored(case) for case in (fits, silent, foreign, nobodys)]
    act = foreseen("close", agent, fits, silent, foreign, nobodys, outcome="satisfied", comment="")
    assert act.status == "foreseen"
    assert states(act) == {fits.pk: "will", silent.pk: "will_not", foreign.pk: "will_not", nobodys.pk: "will_not"}
    assert [stored(case) for case in (fits, silent, foreign, nobodys)] == before
    assert not CaseChange.objects.exists()
    reasons = dict(act.items.values_list("case", "reason"))
    assert reasons[fits.pk] == ""
    assert "teammate" in reasons[foreign.pk]
    assert len({reasons[case.pk] for case in (silent, foreign, nobodys)}) == 3


@pytest.mark.django_db(transaction=True)
def test_nobody_is_told_of_what_is_only_foreseen(agent: User, supervisor: User, make_case: MakeCase) -> None:
    case = make_case(owner=agent, tier="priority")
    act = foreseen("release", agent, case)
    assert states(act) == {case.pk: "will"}
    assert not Notice.objects.exists()
    assert django_rq.get_queue("default").count == 0
    carry_out(act=act, now=NOW)
    assert Notice.objects.exists()
    assert django_rq.get_queue("default").count == 1


@pytest.mark.parametrize(
    ("kind", "details", "line"),
    [
        ("claim", {}, "claimed"),
        ("release", {}, "released"),
        ("tier", {"tier": "disputed"}, "tier"),
        ("close", {"outcome": "refused", "comment": "不愿再谈"}, "closed"),
        ("escalate", {"question": "可以整批补发吗?"}, "escalated"),
    ],
)
def test_every_kind_goes_through_the_service_of_a_single_case(
    agent: User, make_case: MakeCase, kind: str, details: dict[str, str], line: str
) -> None:
    Agent.objects.update(is_on_duty=False)
    owner = None if kind == "claim" else agent
    cases = [talked(make_case(owner=owner), agent) for _ in range(2)]
    act = foreseen(kind, agent, *cases, **details)
    carry_out(act=act, now=NOW)
    assert act.status == "done"
    assert set(states(act).values()) == {"done"}
    lines = CaseChange.objects.filter(actor=agent).values_list("case", "kind")
    assert set(lines) == {(case.pk, line) for case in cases}


def test_a_supervisor_gives_cases_away_and_an_agent_does_not(
    supervisor: User, agent: User, teammate: User, make_case: MakeCase
) -> None:
    case, his = make_case(owner=agent), make_case(owner=teammate)
    act = foreseen("give", supervisor, case, his, to=teammate.pk)
    assert states(act) == {case.pk: "will", his.pk: "will_not"}
    carry_out(act=act, now=NOW)
    case.refresh_from_db()
    assert case.owner == teammate
    assert set(states(foreseen("give", agent, case, to=agent.pk)).values()) == {"will_not"}


@pytest.mark.parametrize("part", [2, 20])
def test_claiming_ends_where_the_agent_has_no_room_left(
    agent: User, make_case: MakeCase, part: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where it is looked at in several parts."""
    monkeypatch.setattr(running, "PART", part)
    Agent.objects.filter(user=agent).update(open_capacity=4)
    make_case(owner=agent)
    late = [make_case(tier="general") for _ in range(4)]
    urgent = make_case(tier="priority")
    act = foreseen("claim", agent, *late, urgent)
    expected = dict.fromkeys([urgent.pk, late[0].pk, late[1].pk], "will") | {
        late[2].pk: "will_not",
        late[3].pk: "will_not",
    }
    assert states(act) == expected
    carry_out(act=act, now=NOW)
    assert Case.objects.filter(owner=agent).count() == 4


def test_what_others_did_meanwhile_stays_and_is_told(agent: User, supervisor: User, make_case: MakeCase) -> None:
    cases = [make_case(owner=agent) for _ in range(3)]
    act = foreseen("tier", agent, *cases, tier="disputed")
    choose_tier(case=cases[1], tier="priority", actor=supervisor, now=NOW)
    carry_out(act=act, now=NOW)
    assert states(act) == {cases[0].pk: "done", cases[1].pk: "refused", cases[2].pk: "done"}
    assert act.items.get(status="refused").reason
    assert [Case.objects.get(pk=case.pk).tier for case in cases] == ["disputed", "priority", "disputed"]


def test_an_act_is_done_once(agent: User, make_case: MakeCase) -> None:
    act = foreseen("tier", agent, make_case(owner=agent), tier="priority")
    same = BulkAct.objects.get()
    carry_out(act=act, now=NOW)
    for again in (carry_out, lambda act, now: look_ahead(act=act, details={"tier": "general"}, now=now)):
        with pytest.raises(Refused):
            again(act=same, now=NOW)
    assert CaseChange.objects.count() == 1


def test_all_of_it_is_taken_back_as_one_but_what_changed_since(
    agent: User, supervisor: User, make_case: MakeCase
) -> None:
    cases = [talked(make_case(owner=agent), agent) for _ in range(3)]
    before = [stored(case) for case in cases]
    act = foreseen("close", agent, *cases, outcome="refused", comment="")
    carry_out(act=act, now=NOW)
    changed = Case.objects.get(pk=cases[2].pk)
    CaseChange.objects.create(case=changed, at=NOW + timedelta(minutes=1), actor=supervisor, kind="noted")
    take_back(act=act, now=NOW + timedelta(minutes=5))
    assert act.status == "undone"
    assert states(act) == {cases[0].pk: "undone", cases[1].pk: "undone", cases[2].pk: "kept"}
    assert [stored(case) for case in cases[:2]] == before[:2]
    assert stored(cases[2])["state"] == "closed"
    assert cases[0].changes.filter(kind="taken_back").count() == 1
    with pytest.raises(Refused):
        take_back(act=act, now=NOW)


def test_questions_and_old_acts_are_not_taken_back(agent: User, make_case: MakeCase) -> None:
    asked = foreseen("escalate", agent, make_case(owner=agent), question="?")
    carry_out(act=asked, now=NOW)
    tiered = foreseen("tier", agent, make_case(owner=agent), tier="priority")
    carry_out(act=tiered, now=NOW)
    for act, now in ((asked, NOW), (tiered, NOW + LASTS + timedelta(seconds=1))):
        with pytest.raises(Refused):
            take_back(act=act, now=now)


def test_only_what_one_may_see_can_be_chosen(
    agent: User, other_shop: Shop, make_review: Callable[..., Any], make_case: MakeCase
) -> None:
    foreign = make_case(make_review(shop=other_shop))
    with pytest.raises(Case.DoesNotExist):
        ticked(agent, [make_case().pk, foreign.pk])


def test_at_most_a_thousand_are_chosen(agent: User, make_case: MakeCase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cases.bulk.choosing.AT_MOST", 2)
    cases = [make_case(owner=agent) for _ in range(3)]
    act = chosen("release", agent, *cases)
    assert act.is_cut
    assert act.items.count() == 2


def test_many_are_left_to_a_worker_and_a_killed_one_is_gone_on_from(
    agent: User, make_case: MakeCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "AT_ONCE", 3)
    monkeypatch.setattr(running, "PART", 2)
    cases = [make_case(owner=agent) for _ in range(5)]
    act = foreseen("tier", agent, *cases, tier="priority")
    assert BulkAct.objects.get().status == "looking"
    jobs.carry_bulk_act(act.pk)
    assert BulkAct.objects.get().status == "foreseen"
    carry_out(act=act, now=NOW)
    assert not CaseChange.objects.exists()
    kill_in_part(2, act, monkeypatch)
    assert CaseChange.objects.count() == 2
    assert BulkItem.objects.filter(status="done").count() == 2
    assert resume_quiet(now=NOW + timedelta(seconds=59)) == 0
    assert resume_quiet(now=NOW + timedelta(seconds=61)) == 1
    assert resume_quiet(now=NOW + timedelta(seconds=62)) == 0
    jobs.carry_bulk_act(act.pk)
    jobs.carry_bulk_act(act.pk)
    assert BulkAct.objects.get().status == "done"
    assert sorted(CaseChange.objects.values_list("case", flat=True)) == [case.pk for case in cases]


def kill_in_part(number: int, act: BulkAct, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker dies once it has done the cases of part `number`, before that part is stored."""

    parts = 0
    original = running.PARTS[BulkAct.Status.DOING]

    def do(*args: Any) -> None:
        nonlocal parts
        original(*args)
        parts += 1
        if parts == number:
            raise Killed

    with monkeypatch.context() as patched:
        patched.setitem(running.PARTS, BulkAct.Status.DOING, do)
        with pytest.raises(Killed):
            jobs.carry_bulk_act(act.pk)


def test_what_cannot_go_on_is_marked(agent: User, make_case: MakeCase) -> None:
    act = foreseen("tier", agent, make_case(owner=agent), tier="no such tier")
    assert act.status == "failed"
    assert resume_quiet(now=NOW + timedelta(days=1)) == 0


@pytest.mark.parametrize(("kind", "looking", "doing"), [("tier", 7, 10), ("close", 8, 11), ("claim", 9, 12)])
def test_each_case_costs_the_same(agent: User, make_case: MakeCase, kind: str, looking: int, doing: int) -> None:
    details = {"tier": {"tier": "disputed"}, "close": {"outcome": "refused", "comment": ""}, "claim": {}}[kind]
    owner = None if kind == "claim" else agent

    def queries(count: int) -> tuple[int, int]:
        act = chosen(kind, agent, *(talked(make_case(owner=owner), agent) for _ in range(count)))
        with CaptureQueriesContext(connection) as looked:
            look_ahead(act=act, details=details, now=NOW)
        with CaptureQueriesContext(connection) as done:
            carry_out(act=act, now=NOW)
        return len(looked), len(done)

    few, more = queries(3), queries(8)
    assert [(b - a) / 5 for a, b in zip(few, more, strict=True)] == [looking, doing]


def test_acts_are_forgotten_after_a_month(agent: User, make_case: MakeCase) -> None:
    foreseen("tier", agent, make_case(owner=agent), tier="priority")
    running.forget_old(now=NOW + timedelta(days=29))
    assert BulkAct.objects.exists()
    running.forget_old(now=NOW + timedelta(days=31))
    assert not BulkAct.objects.exists()
