"""What buyers complained of in a period, counted in SQL. docs/statistics.md says what every figure means.

A day is a calendar day of the site's time zone, and a review belongs to the day it was written on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from reviews.causes import Cause, TopCause, full_name, top_of
from reviews.models import CauseCount, RatingCount, Review
from reviews.models.review import Rating
from reviews.period import Period
from reviews.scope import Number, Scope, change_percent
from reviews.search import RATED_AS, RatingFilter

PRODUCTS_SHOWN = 12
"""Rows of the product x cause table: the products with most negative reviews."""
HEAT_LEVELS = 5


@dataclass(frozen=True)
class Totals:
    """Reviews of a period: how many are negative, carry a rating, and carry a good one."""

    negative: Number
    rated: Number
    good: Number

    @property
    def good_percent(self) -> float | None:
        """好评率: good ratings among all ratings, None without any."""
        return 100 * self.good.value / self.rated.value if self.rated.value else None


@dataclass(frozen=True)
class CauseRow:
    """Reviews with one cause, of either level. A review counts once for each of its causes."""

    code: str
    reviews: Number
    primary: Number
    previous: Number
    percent: float
    """Of the negative reviews of the period; the rows add up to more than 100, for a review may have several causes."""

    @property
    def name(self) -> str:
        return str(TopCause(self.code).label if self.is_top else Cause(self.code).label)

    @property
    def full_name(self) -> str:
        return full_name(self.code)

    @property
    def top(self) -> TopCause:
        return top_of(self.code)

    @property
    def is_top(self) -> bool:
        return self.code in TopCause.values

    @property
    def change(self) -> float | None:
        return change_percent(self.reviews.value, self.previous.value)


class DayRow(NamedTuple):
    """Negative reviews of a day, and how many of them name each top cause, in the order of `TopCause`."""

    day: date
    negative: Number
    causes: list[Number]


class HeatCell(NamedTuple):
    number: Number
    level: int
    """0 for none, else 1 to `HEAT_LEVELS` by the share of the largest cell."""


class ProductRow(NamedTuple):
    """Negative reviews of a product, and how many of them name each top cause."""

    title: str
    negative: Number
    causes: list[HeatCell]


@dataclass(frozen=True)
class ReviewStatistics:
    totals: Totals
    previous: Totals
    causes: list[CauseRow]
    """Top causes, most frequent first, each followed by its sub-causes likewise; only those that occurred."""
    days: list[DayRow]
    products: list[ProductRow]

    @property
    def pareto(self) -> list[CauseRow]:
        """The finest causes of the period, most frequent first."""
        finest = [row for row in self.causes if not row.is_top or row.code == TopCause.OTHER]
        return [row for row in _most_first(finest) if row.reviews.value]


def review_statistics(scope: Scope) -> ReviewStatistics:
    """All figures about reviews of `scope`, in five queries."""
    by_day = _reviews_by_day(scope)
    causes_by_day = _causes_by_day(scope)
    totals = _totals(scope, scope.period, by_day)
    return ReviewStatistics(
        totals=totals,
        previous=_totals(scope, scope.period.previous, by_day),
        causes=_cause_rows(scope, causes_by_day, totals.negative.value),
        days=[_day_row(scope, day, by_day, causes_by_day) for day in scope.period],
        products=_product_rows(scope),
    )


CountsByDay = dict[date, dict[str, int]]


def _reviews_by_day(scope: Scope) -> CountsByDay:
    """Day -> counts of `Totals`, over both periods."""
    rows: Iterable[Mapping[str, Any]]
    if scope.product is None:
        days = RatingCount.objects.filter(scope.days_of(scope.both_periods)).values("day")
        rows = days.annotate(negatives=Sum("negative"), ratings=Sum("rated"), goods=Sum("good"))
    else:
        reviews = Review.objects.filter(scope.condition(scope.both_periods))
        rows = reviews.values(day=TruncDate("reviewed_at", tzinfo=timezone.get_default_timezone())).annotate(
            negatives=Count("pk", filter=Q(is_negative=True)),
            ratings=Count("pk", filter=RATED_AS[RatingFilter.RATED]),
            goods=Count("pk", filter=RATED_AS[Rating.GOOD]),
        )
    return {row["day"]: {"negative": row["negatives"], "rated": row["ratings"], "good": row["goods"]} for row in rows}


def _causes_by_day(scope: Scope) -> CountsByDay:
    """Day -> top cause -> reviews that name it, over both periods."""
    named = _counts(scope, scope.both_periods).filter(code__in=TopCause.values)
    found: CountsByDay = {}
    for row in named.values("day", "code").annotate(count=Sum("reviews")):
        found.setdefault(row["day"], {})[row["code"]] = row["count"]
    return found


def _counts(scope: Scope, period: Period) -> QuerySet[CauseCount]:
    """What is counted of the negative reviews written in `period`."""
    counts = CauseCount.objects.filter(scope.days_of(period))
    return counts if scope.product is None else counts.filter(product=scope.product)


def _totals(scope: Scope, period: Period, by_day: CountsByDay) -> Totals:
    def sum_of(name: str) -> int:
        return sum(counts[name] for day, counts in by_day.items() if day in period)

    return Totals(
        negative=scope.number(sum_of("negative"), period, negative=True),
        rated=scope.number(sum_of("rated"), period, rating=RatingFilter.RATED),
        good=scope.number(sum_of("good"), period, rating=Rating.GOOD.value),
    )


class _Counts(NamedTuple):
    """Reviews with a cause: in the period, in the period as primary cause, in the period before."""

    now: int
    primary: int
    before: int


def _cause_rows(scope: Scope, causes_by_day: CountsByDay, negative: int) -> list[CauseRow]:
    by_code = _counts_by_code(scope)

    def row_of(code: str, counts: _Counts) -> CauseRow:
        return CauseRow(
            code=code,
            reviews=scope.number(counts.now, negative=True, cause=code),
            primary=scope.number(counts.primary, negative=True, cause=code, is_primary=True),
            previous=scope.number(counts.before, scope.period.previous, negative=True, cause=code),
            percent=100 * counts.now / negative if negative else 0,
        )

    def counts_of(top: TopCause) -> _Counts:
        # A review with two sub-causes of a top cause counts once there, so the sub-causes' own counts cannot be added
        # up; a review has one day, so the days' counts can. And it has one primary cause.
        days = [(day in scope.period, counts.get(top, 0)) for day, counts in causes_by_day.items()]
        return _Counts(
            now=sum(count for is_now, count in days if is_now),
            primary=sum(counts.primary for code, counts in by_code.items() if top_of(code) is top),
            before=sum(count for is_now, count in days if not is_now),
        )

    subs = _most_first(row_of(code, counts) for code, counts in by_code.items() if code not in TopCause.values)
    rows: list[CauseRow] = []
    for row in _most_first(row_of(top.value, counts_of(top)) for top in TopCause):
        if row.reviews.value or row.previous.value:
            rows += [row, *(sub for sub in subs if sub.top is row.top)]
    return rows


def _counts_by_code(scope: Scope) -> dict[str, _Counts]:
    is_current = Q(day__gte=scope.period.first)
    rows = (
        _counts(scope, scope.both_periods)
        .filter(code__in=Cause.values)
        .values("code")
        .annotate(
            now=Sum("reviews", filter=is_current, default=0),
            first=Sum("primary", filter=is_current, default=0),
            before=Sum("reviews", filter=~is_current, default=0),
        )
    )
    return {row["code"]: _Counts(row["now"], row["first"], row["before"]) for row in rows}


def _most_first(rows: Iterable[CauseRow]) -> list[CauseRow]:
    return sorted(rows, key=lambda row: (-row.reviews.value, -row.previous.value, row.code))


def _day_row(scope: Scope, day: date, by_day: CountsByDay, causes_by_day: CountsByDay) -> DayRow:
    only = Period(day, day)
    counts = causes_by_day.get(day, {})
    return DayRow(
        day,
        scope.number(by_day.get(day, {}).get("negative", 0), only, negative=True),
        [scope.number(counts.get(top, 0), only, negative=True, cause=top.value) for top in TopCause],
    )


def _product_rows(scope: Scope) -> list[ProductRow]:
    counts = _counts(scope, scope.period)
    products = list(
        counts.filter(code="", product__isnull=False)
        .values("product", "product__title")
        .annotate(negative=Sum("reviews"))
        .order_by("-negative", "product__title")[:PRODUCTS_SHOWN]
    )
    shown = [row["product"] for row in products]
    cells = {
        (row["product"], row["code"]): row["count"]
        for row in counts.filter(code__in=TopCause.values, product__in=shown)
        .values("product", "code")
        .annotate(count=Sum("reviews"))
    }
    largest = max(cells.values(), default=1)

    def cell(product: int, top: TopCause) -> HeatCell:
        count = cells.get((product, top.value), 0)
        number = scope.number(count, product=product, negative=True, cause=top.value)
        return HeatCell(number, -(-HEAT_LEVELS * count // largest))

    return [
        ProductRow(
            row["product__title"],
            scope.number(row["negative"], product=row["product"], negative=True),
            [cell(row["product"], top) for top in TopCause],
        )
        for row in products
    ]
