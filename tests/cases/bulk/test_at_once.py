"""Acts upon many cases beside one another, and beside people who work on the same cases."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from django.contrib.auth.models import User

from cases.assignment import claim_case
from cases.bulk import running
from cases.bulk.choosing import choose, ticked
from cases.bulk.running import look_ahead
from cases.flow import Refused
from cases.models import Agent, BulkAct, BulkItem, Case, CaseChange
from tests.conftest import NOW
from tests.connections import together

pytestmark = pytest.mark.django_db(transaction=True)
Kind = CaseChange.Kind


@pytest.fixture
def cases(make_case: Callable[..., Case], monkeypatch: pytest.MonkeyPatch) -> list[Case]:
    monkeypatch.setattr(running, "PART", 3)
    return [make_case() for _ in range(12)]


def begun(kind: str, actor: User, cases: list[Case]) -> BulkAct:
    act = choose(cases=ticked(actor, [case.pk for case in cases]), kind=kind, actor=actor, now=NOW)
    look_ahead(act=act, details={}, now=NOW)
    BulkAct.objects.filter(pk=act.pk).update(status=BulkAct.Status.DOING, beat_at=NOW)
    return act


def test_two_who_claim_the_same_cases_get_each_case_once(
    agent: User, teammate: User, supervisor: User, cases: list[Case]
) -> None:
    """And so does one who claims them one by one, the last first."""

    def claim_singly() -> None:
        for case in reversed(cases):
            try:
                claim_case(case=Case.objects.get(pk=case.pk), actor=supervisor, now=NOW)
            except Refused:
                continue

    acts = [begun("claim", actor, cases) for actor in (agent, teammate)]
    together(*(partial(running.run, act.pk) for act in acts), claim_singly)
    assert {act.status for act in BulkAct.objects.all()} == {"done"}
    lines = CaseChange.objects.filter(kind=Kind.CLAIMED)
    assert sorted(lines.values_list("case", flat=True)) == [case.pk for case in cases]
    for act in acts:
        done = set(act.items.filter(status=BulkItem.Status.DONE).values_list("case", flat=True))
        assert done == set(Case.objects.filter(owner=act.actor).values_list("pk", flat=True))


def test_two_workers_with_the_same_act_do_it_once(agent: User, cases: list[Case]) -> None:
    Agent.objects.filter(user=agent).update(open_capacity=10)
    act = begun("claim", agent, cases)
    together(*[partial(running.run, act.pk)] * 3)
    assert CaseChange.objects.count() == 10
    assert act.items.filter(status=BulkItem.Status.DONE).count() == 10
