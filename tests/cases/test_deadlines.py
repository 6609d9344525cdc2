"""The windows of the platforms."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from cases.deadlines import Granted, NextWindow, OrderTimes, Window, next_window, windows
from tests.conftest import SHANGHAI


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


REVIEWED = at("2026-11-01 12:00")


def by_key(**given: Any) -> dict[str, Window]:
    now = given.pop("now", REVIEWED)
    return {window.key: window for window in windows(granted(**given), now=now)}


def granted(**given: Any) -> Granted:
    return Granted(**{"platform": "taobao", "reviewed_at": REVIEWED, **given})


def days_later(days: int) -> datetime:
    return REVIEWED + timedelta(days=days)


@pytest.mark.parametrize(
    ("key", "days"), [("edit", 30), ("explanation", 30), ("follow_up", 180), ("virtual_phone", 15)]
)
def test_each_window_closes_after_its_days(key: str, days: int) -> None:
    assert by_key()[key].closes_at == days_later(days)
    assert by_key(now=days_later(days) - timedelta(seconds=1))[key].is_open
    assert not by_key(now=days_later(days))[key].is_open


def test_tmall_reviews_are_never_changed() -> None:
    edit = by_key(platform="tmall")["edit"]
    assert (edit.closes_at, edit.is_open) == (None, False)
    assert edit.note


def test_no_figure_is_made_up_where_the_rule_is_not_known() -> None:
    unknown, tmall = by_key(platform="jd")["edit"], by_key(platform="tmall")["edit"]
    assert (unknown.closes_at, unknown.is_open) == (None, False)
    assert unknown.note != tmall.note


def test_a_follow_up_closes_the_explanation_window_early() -> None:
    explanation = by_key(append_at=days_later(4), now=days_later(4))["explanation"]
    assert (explanation.closes_at, explanation.is_open) == (days_later(4), False)


def test_a_late_follow_up_does_not_stretch_the_explanation_window() -> None:
    assert by_key(append_at=days_later(90))["explanation"].closes_at == days_later(30)


def test_the_virtual_number_may_be_dead_before_the_latest_end_where_the_order_is_old() -> None:
    fresh = by_key(order=OrderTimes(days_later(-2)), now=days_later(1))["virtual_phone"]
    old = by_key(order=OrderTimes(days_later(-20)), now=days_later(1))["virtual_phone"]
    assert fresh.closes_at == old.closes_at == days_later(15)
    assert fresh.note != old.note


@pytest.mark.parametrize("ordered_at", [None, days_later(-20)])
def test_the_virtual_number_dies_by_the_completion_of_the_order_where_that_is_known(
    ordered_at: datetime | None,
) -> None:
    window = by_key(order=OrderTimes(ordered_at, days_later(-3)), now=days_later(12))["virtual_phone"]
    assert (window.closes_at, window.is_open, window.note) == (days_later(12), False, "")


@pytest.mark.parametrize(
    ("told", "is_explained", "now", "key", "days"),
    [
        ({}, False, 0, "virtual_phone", 15),
        ({}, False, 15, "edit", 30),
        ({"platform": "tmall"}, False, 15, "explanation", 30),
        ({"platform": "jd"}, True, 15, "", None),
        ({"append_at": days_later(4)}, False, 0, "explanation", 4),
        ({"append_at": days_later(4)}, True, 0, "virtual_phone", 15),
        ({"append_at": days_later(4)}, False, 4, "virtual_phone", 15),
        ({"order": OrderTimes(None, days_later(-10))}, False, 0, "virtual_phone", 5),
        ({"order": OrderTimes(None, days_later(-10))}, False, 5, "edit", 30),
        ({}, True, 30, "", None),
    ],
)
def test_the_next_window_is_the_first_to_close_of_those_that_ask_something_of_the_shop(
    told: dict[str, Any], is_explained: bool, now: int, key: str, days: int | None
) -> None:
    expected = NextWindow(days_later(days) if days is not None else None, key)
    assert next_window(granted(**told), is_explained=is_explained, now=days_later(now)) == expected
