"""Working time, and the windows of the platforms."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.deadlines import SHANGHAI, Granted, NextWindow, OrderTimes, Window, next_window, windows, working_deadline

NINE, TEN_AT_NIGHT = time(9), time(22)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def deadline(start: datetime, minutes: int = 30) -> datetime:
    return working_deadline(start, minutes=minutes, day_starts=NINE, day_ends=TEN_AT_NIGHT)


@pytest.mark.parametrize(
    ("start", "minutes", "due"),
    [
        ("2026-11-20 14:00", 30, "2026-11-20 14:30"),
        ("2026-11-20 03:12", 30, "2026-11-20 09:30"),
        ("2026-11-20 23:40", 30, "2026-11-21 09:30"),
        ("2026-11-20 21:45", 30, "2026-11-21 09:15"),
        ("2026-11-20 21:30", 30, "2026-11-20 22:00"),
        ("2026-11-20 22:00", 30, "2026-11-21 09:30"),
        ("2026-12-31 21:59", 30, "2027-01-01 09:29"),
        ("2026-11-20 09:00", 13 * 60, "2026-11-20 22:00"),
        ("2026-11-20 14:00", 8 * 60 + 13 * 60, "2026-11-21 22:00"),
        ("2026-11-20 14:00", 8 * 60 + 13 * 60 + 1, "2026-11-22 09:01"),
        ("2026-11-20 14:00", 0, "2026-11-20 14:00"),
        ("2026-11-20 23:00", 0, "2026-11-21 09:00"),
    ],
)
def test_only_working_time_counts(start: str, minutes: int, due: str) -> None:
    assert deadline(at(start), minutes) == at(due)


def test_the_working_day_is_that_of_shanghai_whatever_zone_the_start_is_told_in() -> None:
    evening_in_shanghai = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
    assert deadline(evening_in_shanghai) == at("2026-11-21 09:30")


def test_a_working_day_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ValueError, match="must end"):
        working_deadline(at("2026-11-20 14:00"), minutes=30, day_starts=TEN_AT_NIGHT, day_ends=NINE)


def test_a_start_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        deadline(datetime(2026, 11, 20, 14, 0))


def _working_minutes(start: datetime, end: datetime) -> int:
    """Counted minute by minute, as one would on a clock face."""
    minutes = (start + timedelta(minutes=n) for n in range(int((end - start) / timedelta(minutes=1))))
    return sum(NINE <= minute.timetz().replace(tzinfo=None) < TEN_AT_NIGHT for minute in minutes)


@given(
    offset=st.integers(0, 3 * 24 * 60),
    minutes=st.integers(1, 3 * 13 * 60),
)
def test_exactly_the_minutes_asked_for_lie_between_start_and_deadline(offset: int, minutes: int) -> None:
    start = at("2026-11-20 00:00") + timedelta(minutes=offset)
    due = deadline(start, minutes)
    assert _working_minutes(start, due) == minutes
    assert NINE < due.time() <= TEN_AT_NIGHT


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
