"""Periods of whole calendar days in the site's time zone: what "7 November" means, wherever the server stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

EARLIEST = date(2000, 1, 1)
LATEST = date(2100, 1, 1)
"""Bounds of a day that a filter may name: earlier or later ones only overflow date arithmetic."""


def start_of(day: date) -> datetime:
    """The first instant of `day` in the site's time zone."""
    return datetime.combine(day, time.min, tzinfo=timezone.get_default_timezone())


def end_of(day: date) -> datetime:
    """The instant at which `day` is over, that is, the next one begins."""
    return start_of(day + timedelta(days=1))


@dataclass(frozen=True)
class Period:
    """The days from `first` to `last`, both included."""

    first: date
    last: date

    @classmethod
    def of_days(cls, days: int, last: date) -> Period:
        """The `days` days that end with `last`."""
        return cls(last - timedelta(days=days - 1), last)

    def __iter__(self) -> Iterator[date]:
        return (self.first + timedelta(days=number) for number in range(self.days))

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def starts_at(self) -> datetime:
        return start_of(self.first)

    @property
    def ends_at(self) -> datetime:
        """The first instant that no longer belongs to the period."""
        return end_of(self.last)

    @property
    def previous(self) -> Period:
        """The period of the same length that ends the day before this one starts."""
        return Period.of_days(self.days, self.first - timedelta(days=1))
