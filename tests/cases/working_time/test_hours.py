"""Working time: shifts, breaks, nights, holidays, pauses."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.working_time import DEFAULT_HOURS, DayKind, Hours, NoWorkingTime, Pattern, Period, Span, read_spans
from cases.working_time.hours import SHANGHAI


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def shift(spans: str, days: DayKind = DayKind.EVERY, weekdays: str = "") -> Pattern:
    return Pattern(read_spans(spans), days, frozenset(int(day) for day in weekdays))


def pause(start: str, end: str) -> Period:
    return Period(at(start), at(end))


OFFICE = Hours((shift("09:00-12:00, 13:00-18:00", DayKind.WORKING),))
SPLIT = Hours((shift("10:00-14:00, 19:00-22:00"),))
NIGHT = Hours((shift("22:00-02:00"),))
FRIDAY_NIGHT = Hours((shift("20:00-04:00", DayKind.WEEKDAYS, "4"),))
THINNER = Hours((shift("09:00-21:00", DayKind.WORKING), shift("10:00-16:00", DayKind.REST)))
OVERLAPPING = Hours((shift("09:00-15:00"), shift("12:00-20:00"), shift("20:00-21:00")))
ROUND_THE_CLOCK = Hours((shift("00:00-24:00"),))
STOCKTAKING = Hours(DEFAULT_HOURS.patterns, (pause("2026-11-20 15:00", "2026-11-22 10:00"),))
EVERYTHING = Hours(
    (*OFFICE.patterns, *FRIDAY_NIGHT.patterns, *SPLIT.patterns),
    (pause("2026-11-18 11:30", "2026-11-18 11:31"), pause("2026-11-20 20:00", "2026-11-21 01:00")),
)


@pytest.mark.parametrize(
    ("hours", "start", "minutes", "due"),
    [
        (DEFAULT_HOURS, "2026-11-20 14:00", 30, "2026-11-20 14:30"),
        (DEFAULT_HOURS, "2026-11-20 03:12", 30, "2026-11-20 09:30"),
        (DEFAULT_HOURS, "2026-11-20 21:45", 30, "2026-11-21 09:15"),
        (DEFAULT_HOURS, "2026-11-20 21:30", 30, "2026-11-20 22:00"),
        (DEFAULT_HOURS, "2026-11-20 22:00", 30, "2026-11-21 09:30"),
        (DEFAULT_HOURS, "2026-12-31 21:59", 30, "2027-01-01 09:29"),
        (DEFAULT_HOURS, "2026-11-20 14:00", 8 * 60 + 13 * 60, "2026-11-21 22:00"),
        (DEFAULT_HOURS, "2026-11-20 14:00", 8 * 60 + 13 * 60 + 1, "2026-11-22 09:01"),
        (DEFAULT_HOURS, "2026-11-20 14:00", 0, "2026-11-20 14:00"),
        (DEFAULT_HOURS, "2026-11-20 23:00", 0, "2026-11-21 09:00"),
        # A break, and a day that is split.
        (OFFICE, "2026-11-20 11:45", 30, "2026-11-20 13:15"),
        (OFFICE, "2026-11-20 12:20", 30, "2026-11-20 13:30"),
        (SPLIT, "2026-11-20 13:50", 30, "2026-11-20 19:20"),
        (SPLIT, "2026-11-20 21:50", 30, "2026-11-21 10:20"),
        # Past midnight: the morning belongs to the shift of the evening before.
        (NIGHT, "2026-11-20 23:50", 30, "2026-11-21 00:20"),
        (NIGHT, "2026-11-21 01:50", 30, "2026-11-21 22:20"),
        (FRIDAY_NIGHT, "2026-11-21 03:50", 30, "2026-11-27 20:20"),
        (FRIDAY_NIGHT, "2026-11-21 21:00", 30, "2026-11-27 20:30"),
        (ROUND_THE_CLOCK, "2026-11-20 23:50", 30, "2026-11-21 00:20"),
        # A weekend, and Sundays and Saturdays that make up for a holiday.
        (OFFICE, "2026-11-20 17:50", 30, "2026-11-23 09:20"),
        (OFFICE, "2026-09-20 09:00", 30, "2026-09-20 09:30"),
        (OFFICE, "2026-10-09 17:50", 30, "2026-10-10 09:20"),
        # Spring Festival 2026, 15 to 23 February; Saturday the 14th and the 28th are worked.
        (OFFICE, "2026-02-13 17:50", 30, "2026-02-14 09:20"),
        (OFFICE, "2026-02-14 17:50", 30, "2026-02-24 09:20"),
        (OFFICE, "2026-02-27 17:50", 30, "2026-02-28 09:20"),
        # National Day 2026, 1 to 7 October.
        (OFFICE, "2026-09-30 17:45", 30, "2026-10-08 09:15"),
        (THINNER, "2026-09-30 20:50", 30, "2026-10-01 10:20"),
        (THINNER, "2026-10-07 15:50", 30, "2026-10-08 09:20"),
        (THINNER, "2026-02-14 20:00", 30, "2026-02-14 20:30"),
        # Beyond the announced years, New Year's Day 2027 is a plain Friday.
        (OFFICE, "2026-12-31 17:45", 30, "2027-01-01 09:15"),
        # Several shifts at once count once.
        (OVERLAPPING, "2026-11-20 14:50", 30, "2026-11-20 15:20"),
        (OVERLAPPING, "2026-11-20 09:00", 12 * 60, "2026-11-20 21:00"),
        # A pause stands in the middle, and one over a start.
        (STOCKTAKING, "2026-11-20 14:50", 30, "2026-11-22 10:20"),
        (STOCKTAKING, "2026-11-21 12:00", 30, "2026-11-22 10:30"),
        (STOCKTAKING, "2026-11-20 14:20", 30, "2026-11-20 14:50"),
    ],
)
def test_only_working_time_counts(hours: Hours, start: str, minutes: int, due: str) -> None:
    length = timedelta(minutes=minutes)
    assert hours.deadline(at(start), length) == at(due)
    assert hours.elapsed(at(start), at(due)) == length


ANY_HOURS = st.sampled_from(
    [DEFAULT_HOURS, OFFICE, SPLIT, NIGHT, FRIDAY_NIGHT, THINNER, OVERLAPPING, ROUND_THE_CLOCK, STOCKTAKING, EVERYTHING]
)
STARTS = st.datetimes(datetime(2025, 12, 20), datetime(2027, 1, 20), timezones=st.sampled_from([UTC, SHANGHAI]))


@given(hours=ANY_HOURS, start=STARTS, seconds=st.integers(0, 60 * 60 * 60))
def test_exactly_the_time_asked_for_lies_between_start_and_deadline(
    hours: Hours, start: datetime, seconds: int
) -> None:
    length = timedelta(seconds=seconds)
    due = hours.deadline(start, length)
    assert due >= start
    assert hours.elapsed(start, due) == length


@given(hours=ANY_HOURS, start=STARTS, first=st.integers(0, 3 * 24 * 60), second=st.integers(0, 3 * 24 * 60))
def test_time_that_passed_adds_up(hours: Hours, start: datetime, first: int, second: int) -> None:
    between = start + timedelta(minutes=first)
    end = between + timedelta(minutes=second)
    assert hours.elapsed(start, between) + hours.elapsed(between, end) == hours.elapsed(start, end)


def _runs(hours: Hours, moment: datetime) -> bool:
    """As one would tell it from a roster."""
    if any(start <= moment < end for start, end in hours.pauses):
        return False
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return any(
        midnight - timedelta(days=back) + timedelta(minutes=span.start)
        <= moment
        < midnight - timedelta(days=back) + timedelta(minutes=span.end)
        for pattern in hours.patterns
        for back in (0, 1)
        if pattern.starts_on((midnight - timedelta(days=back)).date())
        for span in pattern.spans
    )


@given(hours=ANY_HOURS, day=st.integers(0, 360), minutes=st.integers(1, 36 * 60))
def test_it_agrees_with_counting_on_the_clock_face(hours: Hours, day: int, minutes: int) -> None:
    start = at("2026-01-01 07:00") + timedelta(days=day)
    counted = sum(_runs(hours, start + timedelta(minutes=n)) for n in range(minutes))
    assert hours.elapsed(start, start + timedelta(minutes=minutes)) == timedelta(minutes=counted)
    assert hours.runs_at(start) == _runs(hours, start)


def test_nothing_passes_backwards() -> None:
    assert DEFAULT_HOURS.elapsed(at("2026-11-20 15:00"), at("2026-11-20 14:00")) == timedelta(0)


def test_the_working_day_is_that_of_shanghai_whatever_zone_the_start_is_told_in() -> None:
    evening_in_shanghai = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
    assert DEFAULT_HOURS.deadline(evening_in_shanghai, timedelta(minutes=30)) == at("2026-11-21 09:30")


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        DEFAULT_HOURS.deadline(datetime(2026, 11, 20, 14, 0), timedelta(minutes=30))
    with pytest.raises(ValueError, match="time zone"):
        DEFAULT_HOURS.elapsed(at("2026-11-20 14:00"), datetime(2026, 11, 20, 15, 0))


@pytest.mark.parametrize("hours", [Hours(()), Hours((Pattern((Span(0, 60),), DayKind.WEEKDAYS),))])
def test_hours_that_never_run_give_no_deadline(hours: Hours) -> None:
    with pytest.raises(NoWorkingTime):
        hours.deadline(at("2026-11-20 14:00"), timedelta(minutes=1))
    assert hours.elapsed(at("2026-11-20 14:00"), at("2026-12-20 14:00")) == timedelta(0)
