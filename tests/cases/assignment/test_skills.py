"""Skills and capacity, set with their history."""

from dataclasses import replace

import pytest
from django.contrib.auth.models import User

from cases.assignment.skills import Skills, lines_of, set_skills
from cases.models import Agent, RuleChange
from cases.rulebook.editing import ChangedMeanwhile, Edit
from reviews.models import Product, Shop
from tests.conftest import NOW


def test_what_changes_is_kept_with_who_changed_it(agent: User, supervisor: User) -> None:
    skills = Skills(causes=["price", "other"], lines=["shoes"], open_capacity=60, daily_capacity=40)
    set_skills(agent=agent.agent, skills=skills, edit=Edit(supervisor, NOW, 0))
    assert Skills.of(Agent.objects.get(user=agent)) == skills
    line = RuleChange.objects.get()
    assert (line.subject, line.topic, line.actor, line.at, line.shop) == (
        "skills",
        str(agent.pk),
        supervisor,
        NOW,
        None,
    )
    assert line.changes == {
        "causes": ["", "Price, Other"],
        "product lines": ["", "shoes"],
        "new cases a day at most": [100, 40],
    }


def test_nobody_writes_over_what_another_supervisor_just_set(agent: User, supervisor: User, admin: User) -> None:
    mine, theirs = (replace(Skills.of(agent.agent), daily_capacity=number) for number in (10, 20))
    set_skills(agent=agent.agent, skills=theirs, edit=Edit(admin, NOW, 0))
    with pytest.raises(ChangedMeanwhile) as meanwhile:
        set_skills(agent=agent.agent, skills=mine, edit=Edit(supervisor, NOW, 0))
    assert Skills.of(Agent.objects.get(user=agent)) == theirs
    set_skills(agent=agent.agent, skills=mine, edit=Edit(supervisor, NOW, meanwhile.value.change.pk))
    assert Skills.of(Agent.objects.get(user=agent)) == mine


def test_the_same_again_is_no_change(agent: User, supervisor: User) -> None:
    assert set_skills(agent=agent.agent, skills=Skills.of(agent.agent), edit=Edit(supervisor, NOW, 0)) is None
    assert not RuleChange.objects.exists()


def test_lines_are_those_of_the_shops(shop: Shop, other_shop: Shop) -> None:
    products = [(shop, "shoes"), (shop, "bags"), (shop, "bags"), (other_shop, "hats"), (shop, "")]
    for number, (place, line) in enumerate(products):
        Product.objects.create(shop=place, title=str(number), line=line)
    assert lines_of([shop]) == ["bags", "shoes"]
