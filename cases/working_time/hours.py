"""The working time of a shop: it runs while any of its shifts runs, and stands still in a pause."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from .calendar import is_working_day
from .spans import DAY, Span

SHANGHAI = ZoneInfo("Asia/Shanghai")
HORIZON_DAYS = 4000
"""Further ahead nobody looks for working time: hours that hold none until then hold none."""


class NoWorkingTime(ValueError):
    """The hours never run, or not for as long as was asked."""


class DayKind(TextChoices):
    EVERY = "every", _("Every day")
    WORKING = "working", _("Working days (public holidays off, make-up days on)")
    REST = "rest", _("Days off (weekends and public holidays, not make-up days)")
    WEEKDAYS = "weekdays", _("Chosen days of the week, holidays or not")


class Period(NamedTuple):
    """A stretch of time; it ends before `end`."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Pattern:
    """The spans of a shift and the days on which they start. `weekdays` counts from Monday, 0, for chosen days."""

    spans: tuple[Span, ...]
    days: str = DayKind.EVERY
    weekdays: frozenset[int] = frozenset()

    def starts_on(self, day: date) -> bool:
        if self.days == DayKind.WEEKDAYS:
            return day.weekday() in self.weekdays
        return self.days == DayKind.EVERY or is_working_day(day) == (self.days == DayKind.WORKING)


@dataclass(frozen=True)
class Hours:
    """Shifts and pauses of a shop. Two of the same shifts and pauses are equal."""

    patterns: tuple[Pattern, ...]
    pauses: tuple[Period, ...] = ()
    _days: dict[date, tuple[Period, ...]] = field(default_factory=dict, init=False, compare=False, repr=False)

    def deadline(self, start: datetime, length: timedelta) -> datetime:
        """The moment at which `length` of working time has passed since `start`; for none, when work next goes on.

        In Shanghai time. Raises NoWorkingTime, and ValueError for a naive `start`.
        """
        for begins, ends in self._from(start):
            if length <= ends - begins:
                return begins + length
            length -= ends - begins
        raise NoWorkingTime("No working time lies ahead.")

    def elapsed(self, start: datetime, end: datetime) -> timedelta:
        """The working time between two moments, none where `end` is the earlier. Raises ValueError for naive ones."""
        end = _in_shanghai(end)
        passed = timedelta(0)
        for begins, ends in self._from(start):
            if begins >= end:
                break
            passed += min(ends, end) - begins
        return passed

    def runs_at(self, now: datetime) -> bool:
        moment = _in_shanghai(now)
        return any(start <= moment < end for start, end in self._periods(moment.date()))

    def _from(self, start: datetime) -> Iterator[Period]:
        """The working time from `start` on."""
        moment = _in_shanghai(start)
        for number in range(HORIZON_DAYS):
            for begins, ends in self._periods(moment.date() + timedelta(days=number)):
                if ends > moment:
                    yield Period(max(begins, moment), ends)

    def _periods(self, day: date) -> tuple[Period, ...]:
        """The working time of a calendar day, also where it began the evening before."""
        if day not in self._days:
            spans = [span for pattern in self.patterns if pattern.starts_on(day) for span in pattern.spans]
            evening = day - timedelta(days=1)
            night = [span for pattern in self.patterns if pattern.starts_on(evening) for span in pattern.spans]
            spans += [Span(max(span.start - DAY, 0), span.end - DAY) for span in night if span.end > DAY]
            midnight = datetime.combine(day, time(0), SHANGHAI)
            periods = [
                Period(midnight + timedelta(minutes=start), midnight + timedelta(minutes=min(end, DAY)))
                for start, end in _joined(spans)
            ]
            self._days[day] = tuple(self._outside_pauses(periods))
        return self._days[day]

    def _outside_pauses(self, periods: Iterable[Period]) -> Iterator[Period]:
        for start, end in periods:
            begins = start
            for pause in sorted(self.pauses):
                if begins < pause.start < end:
                    yield Period(begins, pause.start)
                if pause.start < end:
                    begins = max(begins, pause.end)
            if begins < end:
                yield Period(begins, end)


DEFAULT_HOURS = Hours((Pattern((Span(9 * 60, 22 * 60),)),))
"""Of a shop without shifts of its own: 9:00 to 22:00, every day."""


def _in_shanghai(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("A moment must say its time zone.")
    return moment.astimezone(SHANGHAI)


def _joined(spans: Iterable[Span]) -> list[Span]:
    """The same time without overlaps, in order."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(end, joined[-1].end))
        else:
            joined.append(Span(start, end))
    return joined
