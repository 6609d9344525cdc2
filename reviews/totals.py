"""Writes what is counted of reviews by day: see `reviews.models.totals`."""

# ruff: noqa: S608 - only names of our own tables are put into SQL text; values are parameters.

from __future__ import annotations

from django.db import connection, transaction

from reviews.ingest.locks import alone_on_totals
from reviews.models import StaleDay

DAYS = "unnest(%s::bigint[], %s::date[]) AS counted (shop_id, day)"
FORGET = f"DELETE FROM {{table}} USING {DAYS} WHERE {{table}}.shop_id = counted.shop_id AND {{table}}.day = counted.day"
WRITE = f"INSERT INTO {{table}} ({{columns}}) SELECT {{columns}} FROM {{view}} JOIN {DAYS} USING (shop_id, day)"
TOTALS = (
    ("reviews_ratingtotal", "reviews_ratingcount", "shop_id, day, negative, rated, good"),
    ("reviews_causetotal", "reviews_causecount", 'shop_id, day, product_id, code, reviews, "primary"'),
)


def count_stale_days() -> int:
    """Write the totals of the days that are stale; how many, each shop's for itself. One process at a time does it."""
    with alone_on_totals() as is_mine:
        return _count_stale_days() if is_mine else 0


@transaction.atomic
def _count_stale_days() -> int:
    # What is counted is at least what these marks tell of. A change that commits later has a mark of its own, which
    # stays, and with it the day is stale.
    marks = list(StaleDay.objects.values_list("pk", "shop", "day"))
    days = sorted({(shop, day) for _pk, shop, day in marks})
    if not days:
        return 0
    told = [list(column) for column in zip(*days, strict=True)]
    with connection.cursor() as cursor:
        for table, view, columns in TOTALS:
            cursor.execute(FORGET.format(table=table), told)
            cursor.execute(WRITE.format(table=table, view=view, columns=columns), told)
        cursor.execute("DELETE FROM reviews_staleday WHERE id = ANY(%s)", [[pk for pk, _shop, _day in marks]])
    return len(days)
