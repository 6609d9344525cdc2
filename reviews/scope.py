"""What a page of statistics is about, and numbers that know the list behind them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Q

from reviews.period import Period
from reviews.search import ReviewFilter


class Number(NamedTuple):
    """A count, and the address of the list that shows exactly what was counted."""

    value: int
    url: str


@dataclass(frozen=True)
class Scope:
    """What is counted: reviews of `shops` (ids), or of the one `shop` and `product` chosen, within `period`."""

    shops: tuple[int, ...]
    shop: int | None
    product: int | None
    period: Period

    @property
    def both_periods(self) -> Period:
        """The period together with the one before it."""
        return Period(self.period.previous.first, self.period.last)

    @property
    def chosen_shops(self) -> tuple[int, ...]:
        return self.shops if self.shop is None else (self.shop,)

    def condition(self, period: Period, prefix: str = "") -> Q:
        """Reviews of the scope written in `period`; `prefix` leads from what is filtered to the review."""
        wanted: dict[str, Any] = {"reviewed_at__gte": period.starts_at, "reviewed_at__lt": period.ends_at}
        wanted["withdrawn_at"] = None
        wanted["shop__in"] = self.chosen_shops
        if self.product is not None:
            wanted["product"] = self.product
        return Q(**{prefix + name: value for name, value in wanted.items()})

    def days_of(self, period: Period) -> Q:
        """Figures by day (`reviews.models.totals`) of the scope in `period`."""
        return Q(shop__in=self.chosen_shops, day__range=(period.first, period.last))

    def number(self, value: int, period: Period | None = None, **filters: Any) -> Number:
        """`value` with a link to the reviews of the scope that `filters` (see `ReviewFilter`) describe."""
        period = period or self.period
        chosen = {"shop": self.shop, "product": self.product, "first": period.first, "last": period.last, **filters}
        return Number(value, ReviewFilter(**chosen).address)


def change_percent(value: float, before: float) -> float | None:
    """Change from `before` to `value` in percent, None where there was nothing before."""
    return 100 * (value - before) / before if before else None
