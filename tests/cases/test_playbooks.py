"""The playbooks the shop starts with: complete, and true to the rules they are there for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command

from cases.models import Playbook
from cases.replies import Rule, check_reply
from cases.replies.draft import Draft
from cases.replies.review_requests import wanted_reviews
from reviews.causes import TopCause

PLAYBOOKS = Path(__file__).resolve().parents[2] / "fixtures" / "playbooks.json"


def scripts() -> Iterator[tuple[str, str, str]]:
    """Cause, step and text of every script in both languages."""
    for entry in json.loads(PLAYBOOKS.read_text(encoding="utf-8")):
        for step in entry["fields"]["steps"]:
            for script in step["scripts"]:
                yield from ((entry["fields"]["cause"], step["key"], script[language]) for language in ("zh", "en"))


@pytest.mark.django_db
def test_every_top_cause_has_a_playbook_of_four_steps() -> None:
    call_command("loaddata", PLAYBOOKS, verbosity=0)
    books = list(Playbook.objects.order_by("pk"))
    assert [book.cause for book in books] == TopCause.values
    for book in books:
        book.full_clean()
        assert [step["key"] for step in book.steps] == ["apologise", "find_cause", "remedy", "close"]
        assert all(2 <= len(step["scripts"]) <= 3 and step["goal_zh"] and step["goal_en"] for step in book.steps)


@pytest.mark.parametrize(("cause", "step", "text"), list(scripts()))
def test_scripts_keep_the_rules_they_are_there_for(cause: str, step: str, text: str) -> None:
    verdict = check_reply(text, cause=cause)
    objections = {finding.rule for finding in verdict.findings}
    expected = {Rule.UNFILLED_PLACEHOLDER, Rule.NO_APOLOGY, Rule.NOT_SPECIFIC}
    assert objections - expected <= ({Rule.ASKS_BEFORE_APOLOGY} if step == "close" else set())
    assert step != "apologise" or Rule.NO_APOLOGY not in objections
    assert step == "close" or not list(wanted_reviews(Draft(text)))
    assert set(re.findall(r"{(.*?)}", text)) <= {"buyer", "shop", "product", "order", "agent"}
