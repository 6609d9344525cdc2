"""Taking back what was done last: which acts, how long, by whom, and what history keeps of it."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import translation

from cases.assignment import claim_case, reassign_case, release_case
from cases.flow import Refused, choose_tier
from cases.models import Agent, Case, ContactEntry, RuleChange
from cases.outcomes import close_case, reopen_case
from cases.settling.escalations import Suggested, agree, escalate_case
from cases.taking_back import Act, act_upon, fields_of, take_back
from tests.conftest import NOW

MakeCase = Callable[..., Case]

CONTACTED = {"first_contacted_at": NOW, "steps_done": 1}
CLOSED = {"state": "closed", "outcome": "refused", "closed_at": NOW, "due_at": None}


def done(case: Case, act: Callable[..., object], actor: User) -> Act | None:
    before = fields_of(Case.objects.get(pk=case.pk))
    act(case=case, actor=actor, now=NOW)
    return act_upon(case, before=before, actor=actor)


def stored(case: Case) -> dict[str, Any]:
    return fields_of(Case.objects.get(pk=case.pk))


@pytest.mark.parametrize(
    ("act", "fields"),
    [
        (claim_case, {}),
        (release_case, {"owner": "actor"}),
        (partial(choose_tier, tier="priority"), {"owner": "actor"}),
        (partial(close_case, outcome="refused"), {"owner": "actor", **CONTACTED}),
        (partial(reopen_case, comment="so"), {"owner": "actor", **CLOSED}),
    ],
    ids=["claim", "release", "tier", "close", "reopen"],
)
def test_the_case_is_as_it_was_and_history_grows(
    make_case: MakeCase, agent: User, act: Callable[..., object], fields: dict[str, Any]
) -> None:
    Agent.objects.update(is_on_duty=False)
    case = make_case(**{**fields, **({"owner": agent} if fields else {})})
    ContactEntry.objects.create(case=case, at=NOW, actor=agent, channel="chat", result="reached", said="您好")
    before = stored(case)
    undoable = done(case, act, agent)
    assert undoable is not None
    assert stored(case) != before
    line = take_back(case=case, act=Act(**undoable.kept()), actor=agent, now=NOW + timedelta(minutes=9))
    assert stored(case) == before
    assert line.kind == "taken_back"
    assert case.changes.count() == 2


def test_a_hand_over_goes_back_to_who_had_it(
    make_case: MakeCase, agent: User, teammate: User, supervisor: User
) -> None:
    case = make_case(owner=agent)
    act = done(case, partial(reassign_case, to=teammate), supervisor)
    take_back(case=case, act=act, actor=supervisor, now=NOW)
    assert Case.objects.get(pk=case.pk).owner == agent


def test_too_late_changed_since_or_not_ones_own(make_case: MakeCase, agent: User, supervisor: User) -> None:
    case = make_case(owner=agent)
    act = done(case, partial(choose_tier, tier="priority"), agent)
    with pytest.raises(Refused):
        take_back(case=case, act=act, actor=agent, now=NOW + timedelta(minutes=11))
    with pytest.raises(Refused):
        take_back(case=case, act=act, actor=supervisor, now=NOW)
    choose_tier(case=case, tier="disputed", actor=supervisor, now=NOW)
    with pytest.raises(Refused):
        take_back(case=case, act=act, actor=agent, now=NOW)
    assert Case.objects.get(pk=case.pk).tier == "disputed"
    with pytest.raises(Refused):
        take_back(case=case, act=None, actor=agent, now=NOW)


def test_nobody_gets_a_case_back_who_left_the_shop(
    make_case: MakeCase, agent: User, teammate: User, supervisor: User
) -> None:
    case = make_case(owner=agent)
    act = done(case, partial(reassign_case, to=teammate), supervisor)
    agent.shops.clear()
    with pytest.raises(Refused):
        take_back(case=case, act=act, actor=supervisor, now=NOW)
    assert Case.objects.get(pk=case.pk).owner == teammate


def test_what_reached_somebody_cannot_be_taken_back(make_case: MakeCase, agent: User) -> None:
    case = make_case(owner=agent)
    assert done(case, partial(escalate_case, question="?"), agent) is None


def test_what_somebody_else_changed_in_between_is_not_overwritten(
    make_case: MakeCase, agent: User, supervisor: User
) -> None:
    case = make_case(owner=agent)
    before = fields_of(case)
    choose_tier(case=case, tier="disputed", actor=supervisor, now=NOW)
    choose_tier(case=case, tier="priority", actor=agent, now=NOW + timedelta(seconds=1))
    assert act_upon(case, before=before, actor=agent) is None


def test_only_the_last_act_counts(make_case: MakeCase, agent: User) -> None:
    case = make_case(owner=agent)
    first = done(case, partial(choose_tier, tier="priority"), agent)
    last = done(case, partial(choose_tier, tier="disputed"), agent)
    with pytest.raises(Refused):
        take_back(case=case, act=first, actor=agent, now=NOW)
    take_back(case=case, act=last, actor=agent, now=NOW)
    assert Case.objects.get(pk=case.pk).tier == "priority"


@pytest.mark.parametrize(("suggestion", "kind"), [("refuse", "closed"), ("hand_over", "assigned")])
def test_an_answer_has_reached_its_asker(
    make_case: MakeCase, agent: User, supervisor: User, suggestion: str, kind: str
) -> None:
    case = make_case(owner=agent, **CONTACTED)
    ContactEntry.objects.create(case=case, at=NOW, actor=agent, channel="chat", result="reached", said="您好")
    escalate_case(case=case, question="怎么办?", actor=agent, now=NOW, suggested=Suggested(suggestion))
    assert done(case, partial(agree, answer="好"), supervisor) is None
    line = case.changes.first()
    assert line is not None
    assert line.kind == kind


@pytest.mark.parametrize(
    ("subject", "is_refused"), [("tiers", True), ("hours", True), ("limits", True), ("remedies", False)]
)
def test_what_stood_by_other_rules_stays(
    make_case: MakeCase, agent: User, supervisor: User, subject: str, is_refused: bool
) -> None:
    case = make_case(owner=agent)
    act = done(case, partial(choose_tier, tier="priority"), agent)
    RuleChange.objects.create(shop=case.shop, subject=subject, actor=supervisor, at=NOW + timedelta(seconds=1))
    later = NOW + timedelta(minutes=1)
    if is_refused:
        with translation.override("en"), pytest.raises(Refused, match="rules of the shop"):
            take_back(case=case, act=act, actor=agent, now=later)
    else:
        take_back(case=case, act=act, actor=agent, now=later)
    assert stored(case)["tier"] == ("priority" if is_refused else "general")


def test_who_has_a_case_hangs_on_no_rule(make_case: MakeCase, agent: User, supervisor: User) -> None:
    case = make_case()
    act = done(case, claim_case, agent)
    RuleChange.objects.create(shop=case.shop, subject="tiers", actor=supervisor, at=NOW + timedelta(seconds=1))
    take_back(case=case, act=act, actor=agent, now=NOW + timedelta(minutes=1))
    assert stored(case)["owner_id"] is None
