"""The clocks of a case as a person reads them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils.translation import override

from cases.models import Case, State
from cases.priority import Rule
from cases.views.dues import Due, dues_of, next_of, place_in_words
from reviews.models import Review
from tests.conftest import NOW

MakeCase = Callable[..., Case]
MakeReview = Callable[..., Review]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def _in_english() -> Any:
    with override("en"):
        yield


def dues(case: Case) -> dict[str, Due]:
    case.refresh_from_db()
    return {due.label: due for due in dues_of(case, None, minutes=30, now=NOW)}


def test_a_running_first_contact_says_by_which_rule(make_case: MakeCase) -> None:
    first = dues(make_case(due_at=NOW + HOUR, first_contact_due_at=NOW + HOUR))["First contact"]
    assert first.clock is not None
    assert (first.clock.text, first.rule) == ("60 min left", "30 minutes of working time, by the rules of the shop.")


@pytest.mark.parametrize(
    ("contacted_at", "met"),
    [
        (NOW - HOUR - timedelta(minutes=12), "met 12 min before time"),
        (NOW - HOUR, "met just in time"),
        (NOW, "met 60 min late"),
    ],
)
def test_a_first_contact_that_was_made_stops_its_clock(make_case: MakeCase, contacted_at: Any, met: str) -> None:
    found = dues(make_case(due_at=None, first_contact_due_at=NOW - HOUR, first_contacted_at=contacted_at))
    assert (found["First contact"].clock, found["First contact"].met) == (None, met)
    assert "Next contact" not in found


def test_a_promised_contact_is_told_from_one_that_is_due_again(make_case: MakeCase) -> None:
    promised = {"due_at": NOW + HOUR, "next_contact_at": NOW + HOUR, "first_contacted_at": NOW}
    assert dues(make_case(**promised))["Next contact"].rule == "As promised to the buyer."
    again = dues(make_case(due_at=NOW + HOUR, first_contacted_at=NOW))["Next contact"]
    assert again.rule == "30 minutes of working time, by the rules of the shop."


def test_a_case_that_was_reopened_untouched_runs_by_its_new_deadline(make_case: MakeCase) -> None:
    first = dues(make_case(due_at=NOW + HOUR, first_contact_due_at=NOW - DAY))["First contact"]
    assert first.clock is not None
    assert first.clock.state == "ahead"


def test_closing_stops_the_contact_and_a_change_of_the_review_its_window(make_case: MakeCase) -> None:
    closed = {"state": State.CLOSED, "closed_at": NOW, "due_at": None, "outcome": "revised"}
    found = dues(make_case(**closed))
    assert found["First contact"].clock is None
    assert "closing the case stopped the clock" in found["First contact"].note
    assert found["Review can be changed"].met == "met 30 d before time"


def test_an_explanation_stops_its_window_also_where_an_import_shows_it(
    make_case: MakeCase, make_review: MakeReview
) -> None:
    assert dues(make_case(explained_at=NOW + DAY))["Explanation can be written"].met == "met 29 d before time"
    shown = dues(make_case(make_review(reply="亲，已补发")))["Explanation can be written"]
    assert shown.met == "met: the platform shows a reply"


def test_each_window_names_its_rule(make_case: MakeCase) -> None:
    assert {label: due.rule for label, due in dues(make_case()).items() if label != "First contact"} == {
        "Review can be changed": "30 days after the review.",
        "Explanation can be written": "30 days after the review, or until a follow-up.",
        "Buyer can follow up": "180 days after the review.",
        "Virtual number valid": "15 days after the order was complete.",
    }


def test_the_next_is_the_first_of_those_that_run(make_case: MakeCase) -> None:
    case = make_case(due_at=NOW + 20 * DAY, next_contact_at=NOW + 20 * DAY, first_contacted_at=NOW)
    nearest = next_of(list(dues(case).values()))
    assert nearest is not None
    assert nearest.label == "Virtual number valid"
    assert next_of([]) is None


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (
            {"tier": "priority", "tier_reasons": ["loyal"], "due_at": NOW + HOUR},
            "Priority: The buyer has bought here before, and complains for the first time · "
            "First of its clocks: the contact with the buyer, 60 min left",
        ),
        (
            {"tier_reasons": ["三天内第二次投诉"], "due_at": None, "window_at": NOW + DAY, "window_by": "explanation"},
            "General: 三天内第二次投诉 · First of its clocks: the time for a public reply, 24 h left",
        ),
        (
            {"is_tier_chosen": True, "due_at": None},
            "General: chosen by a person · Behind those with a clock: none runs for it",
        ),
        (
            {"answered_at": NOW, "due_at": NOW + HOUR},
            "General · On top, since the supervisor has answered · "
            "First of its clocks: the contact with the buyer, 60 min left",
        ),
        (
            {"is_tier_chosen": True, "state": State.CLOSED, "closed_at": NOW, "due_at": None},
            "General: chosen by a person",
        ),
    ],
)
def test_one_line_says_why_a_case_stands_where_it_stands(
    make_case: MakeCase, fields: dict[str, Any], words: str
) -> None:
    case = make_case(**fields)
    case.refresh_from_db()
    assert place_in_words(case, NOW) == words


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("rule", Rule)
def test_no_part_of_the_line_ends_in_a_full_stop(make_case: MakeCase, rule: Rule, language: str) -> None:
    for due_at in (NOW + HOUR, None):
        make_case(tier_reasons=[rule], answered_at=NOW, due_at=due_at)
    with override(language):
        lines = [place_in_words(case, NOW) for case in Case.objects.all()]
        assert len({line.count(" · ") for line in lines}) == 1
        assert [part for line in lines for part in line.split(" · ") if part.endswith((".", "。"))] == []
        assert all(str(rule.label).rstrip(".。") in line for line in lines)
