"""Playbooks: what may stand in them, who writes them, and how an earlier one comes back."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.utils.translation import override

from cases.models import Playbook, RuleChange, Step
from cases.rulebook.editing import ChangedMeanwhile, Edit, state_of
from cases.rulebook.playbooks import KEYS, Content, content_of, objections, save_playbook
from tests.conftest import NOW

SHIPPED = json.loads((Path(__file__).resolve().parents[3] / "fixtures" / "playbooks.json").read_text(encoding="utf-8"))
FIRST = {"zh": "您好,我是{shop}的售后{agent},非常抱歉让您久等了。", "en": "Hello, {agent} of {shop}: I am very sorry."}


def content(*, step: Step = Step.APOLOGISE, script: dict[str, str] | None = None) -> Content:
    """Four steps with a goal each; `script` in one of them."""
    steps: list[dict[str, Any]] = [
        {"key": KEYS[each], "goal_zh": "说清楚", "goal_en": "Be clear", "scripts": []} for each in Step
    ]
    steps[step - 1]["scripts"].append(script or FIRST)
    return Content("先道歉", "Apologise first", steps)


def save(actor: User, kept: Content, seen: int | None = None) -> RuleChange | None:
    known = state_of(shop=None, subject="playbook", topic="courier") if seen is None else seen
    return save_playbook(cause="courier", content=kept, edit=Edit(actor, NOW, known))


@pytest.mark.parametrize("book", SHIPPED, ids=lambda book: book["fields"]["cause"])
def test_nothing_speaks_against_the_playbooks_a_shop_starts_with(book: dict[str, Any]) -> None:
    fields = book["fields"]
    assert objections(fields["cause"], Content(fields["guidance_zh"], fields["guidance_en"], fields["steps"])) == []


@pytest.mark.parametrize(
    ("zh", "words"),
    [
        ("您好,{nick},非常抱歉。", "{nick}"),
        ("您好,{buyer,非常抱歉。", "brace"),
        ("非常抱歉,改成好评的话给您返5元红包。", "tied to a review"),
        ("非常抱歉,这是快递的问题,跟我们店没关系。", "courier"),
        ("非常抱歉,麻烦您把评价修改一下。", "last step only"),
    ],
)
def test_what_cannot_be_said_is_refused_in_words(zh: str, words: str) -> None:
    with override("en"):
        found = objections("courier", content(step=Step.FIND_CAUSE, script={"zh": zh, "en": "We are very sorry."}))
    assert found
    assert {(each.step, each.script, each.language) for each in found} == {(Step.FIND_CAUSE, 0, "zh")}
    assert any(words in each.message for each in found)


@pytest.mark.parametrize("step", list(Step)[:-1])
def test_the_way_to_change_a_review_is_told_in_the_last_step_only(step: Step) -> None:
    told = {"zh": "非常抱歉。您方便的话可以修改一下评价。", "en": "We are very sorry."}
    assert objections("courier", content(step=step, script=told))
    assert not objections("courier", content(step=Step.CLOSE, script=told))


def test_a_playbook_with_objections_is_not_kept(admin: User) -> None:
    with pytest.raises(ValueError, match="objections"):
        save(admin, content(script={"zh": "{who}您好,抱歉", "en": "Sorry"}))
    assert not Playbook.objects.exists()


def test_a_change_keeps_what_it_replaced(admin: User) -> None:
    save(admin, content())
    second = content(script={"zh": "真的非常抱歉。", "en": "We are truly sorry."})
    change = save(admin, second)
    assert change is not None
    assert change.replaced is not None
    assert change.changes == {
        "Apologise sincerely · Script · 1 · Chinese": [FIRST["zh"], "真的非常抱歉。"],
        "Apologise sincerely · Script · 1 · English": [FIRST["en"], "We are truly sorry."],
    }
    assert Content(**change.replaced) == content()
    save(admin, Content(**change.replaced))
    assert content_of(Playbook.objects.get()) == content()
    assert RuleChange.objects.filter(topic="courier").count() == 3


def test_the_same_playbook_again_is_no_change(admin: User) -> None:
    save(admin, content())
    assert save(admin, deepcopy(content())) is None


def test_the_later_of_two_editors_is_told(admin: User) -> None:
    save(admin, content())
    with pytest.raises(ChangedMeanwhile):
        save(admin, content(step=Step.CLOSE), seen=0)


def test_supervisors_write_no_playbooks_for_they_hold_for_all_shops(supervisor: User) -> None:
    with pytest.raises(PermissionDenied):
        save(supervisor, content())
