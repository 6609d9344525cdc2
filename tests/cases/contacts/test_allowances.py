"""Budgets over a running time, and hours that go over midnight."""

from datetime import datetime, time, timedelta

import pytest

from cases.contacts.allowances import DAY, WEEK, allowance, quiet_until
from tests.conftest import NOW, SHANGHAI

LIMITS = [(2, DAY), (4, WEEK)]


def made(*hours_ago: float) -> list[datetime]:
    return [NOW - timedelta(hours=hours) for hours in hours_ago]


@pytest.mark.parametrize(
    ("hours_ago", "counts", "free_in"),
    [
        ([], (0, 0), None),
        ([1], (1, 1), None),
        ([1, 5], (2, 2), 19),
        ([5, 1], (2, 2), 19),
        ([1, 5, 6], (3, 3), 19),
        ([24, 1], (1, 2), None),
        ([30, 60, 90, 120], (0, 4), 48),
        ([1, 2, 60, 90], (2, 4), 78),
        ([168, 100, 90, 80], (0, 3), None),
    ],
)
def test_budget(hours_ago: list[float], counts: tuple[int, int], free_in: int | None) -> None:
    found = allowance(LIMITS, made(*hours_ago), NOW)
    assert tuple(use.made for use in found.uses) == counts
    assert found.free_at == (None if free_in is None else NOW + timedelta(hours=free_in))


def test_the_moment_it_names_is_free_and_the_one_before_is_not() -> None:
    contacts = made(1, 5)
    free_at = allowance(LIMITS, contacts, NOW).free_at
    assert free_at is not None
    assert allowance(LIMITS, contacts, free_at).free_at is None
    assert allowance(LIMITS, contacts, free_at - timedelta(microseconds=1)).free_at == free_at


@pytest.mark.parametrize(
    ("starts", "ends", "clock", "until"),
    [
        (21, 9, (20, 59), None),
        (21, 9, (21, 0), (21, 9)),
        (21, 9, (23, 59), (21, 9)),
        (21, 9, (0, 0), (20, 9)),
        (21, 9, (8, 59), (20, 9)),
        (21, 9, (9, 0), None),
        (12, 14, (11, 59), None),
        (12, 14, (12, 0), (20, 14)),
        (12, 14, (14, 0), None),
        (0, 0, (3, 0), None),
        (9, 9, (9, 0), None),
    ],
)
def test_quiet_hours(starts: int, ends: int, clock: tuple[int, int], until: tuple[int, int] | None) -> None:
    moment = datetime(2026, 11, 20, *clock, tzinfo=SHANGHAI)
    expected = datetime(2026, 11, until[0], until[1], tzinfo=SHANGHAI) if until else None
    assert quiet_until(moment, starts=time(starts), ends=time(ends)) == expected
