"""Whether buyers complain of other things than they used to, or the model has begun to see other things."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db import connection
from django.utils import timezone

from reviews.causes import TopCause

RECENT_WEEKS, EARLIER_WEEKS = 4, 12
FEWEST_TAGS = 100
"""In each of the two times, for the index to tell a shift from chance."""
FEWEST_OF_A_WEEK = 10
NOTABLE, STRONG = 0.1, 0.25
"""Usual bounds of the population stability index."""


class Week(NamedTuple):
    """Tags of the reviews written in the week from `monday` on, by top cause in the order of `TopCause`."""

    monday: date
    tags: list[int]

    @property
    def total(self) -> int:
        return sum(self.tags)

    @property
    def percents(self) -> list[float | None]:
        """Share of each top cause, None where so few tags were given that shares are chance."""
        return [100 * count / self.total if self.total >= FEWEST_OF_A_WEEK else None for count in self.tags]


class Shift(NamedTuple):
    """Share (percent) of a top cause's tags before and lately."""

    top: TopCause
    before: float
    lately: float

    @property
    def points(self) -> float:
        return self.lately - self.before


class Drift(NamedTuple):
    """`stability` is the population stability index of the last 4 whole weeks against the 12 before, the sum over
    causes of (p - q) ln(p / q); None where there are too few tags for it to mean anything."""

    weeks: list[Week]
    shifts: list[Shift]
    stability: float | None

    @property
    def verdict(self) -> str:
        """One of "unknown", "stable", "notable", "strong"."""
        if self.stability is None:
            return "unknown"
        return "strong" if self.stability >= STRONG else "notable" if self.stability >= NOTABLE else "stable"


def drift_of_causes(now: datetime) -> Drift:
    """Of the model's tags on reviews of the last 16 whole weeks. One query."""
    this_monday = timezone.localtime(now).date()
    this_monday -= timedelta(days=this_monday.weekday())
    mondays = [this_monday - timedelta(weeks=ago) for ago in range(RECENT_WEEKS + EARLIER_WEEKS, 0, -1)]
    counts = _counts(mondays[0], this_monday)
    weeks = [Week(monday, [counts.get((monday, top.value), 0) for top in TopCause]) for monday in mondays]
    before, lately = _sums(weeks[:EARLIER_WEEKS]), _sums(weeks[EARLIER_WEEKS:])
    shifts = [Shift(top, *pair) for top, *pair in zip(TopCause, _shares(before), _shares(lately), strict=True)]
    return Drift(weeks, shifts, stability_index(before, lately))


def stability_index(before: list[int], lately: list[int]) -> float | None:
    """The population stability index of two counts over the same causes; half a tag is added to each, lest a cause
    that did not occur count for ever."""
    if min(sum(before), sum(lately)) < FEWEST_TAGS:
        return None
    pairs = zip(_smoothed(before), _smoothed(lately), strict=True)
    return sum((late - early) * math.log(late / early) for early, late in pairs)


def _smoothed(counts: list[int]) -> list[float]:
    total = sum(counts) + 0.5 * len(counts)
    return [(count + 0.5) / total for count in counts]


def _shares(counts: list[int]) -> list[float]:
    return [100 * count / max(sum(counts), 1) for count in counts]


def _sums(weeks: list[Week]) -> list[int]:
    return [sum(week.tags[at] for week in weeks) for at in range(len(TopCause))]


def _counts(first: date, end: date) -> dict[tuple[date, str], int]:
    """(Monday, top cause) -> tags of the model. Where a person decided, what the model had said counts: else every
    correction would look like a shift."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH written AS (
                SELECT id, date_trunc('week', reviewed_at AT TIME ZONE %(zone)s)::date AS monday
                FROM reviews_review
                WHERE shop_id = ANY(ARRAY(SELECT id FROM reviews_shop)) AND is_negative AND withdrawn_at IS NULL
                    AND reviewed_at >= %(first)s AND reviewed_at < %(end)s
            ), tags AS (
                SELECT w.monday, c.code FROM written w JOIN reviews_reviewcause c ON c.review_id = w.id
                WHERE c.source = 'model'
                UNION ALL
                SELECT d.monday, said ->> 0 FROM (
                    SELECT DISTINCT ON (d.review_id) w.monday, d.said_by_model, d.is_withdrawn
                    FROM written w JOIN reviews_causedecision d ON d.review_id = w.id
                    ORDER BY d.review_id, d.id DESC
                ) AS d, jsonb_array_elements(d.said_by_model) AS said
                WHERE NOT d.is_withdrawn
            )
            SELECT monday, split_part(code, '.', 1), count(*) FROM tags GROUP BY 1, 2
            """,
            {"zone": timezone.get_current_timezone_name(), "first": _midnight(first), "end": _midnight(end)},
        )
        return {(monday, top): count for monday, top, count in cursor.fetchall()}


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, datetime.min.time()))
