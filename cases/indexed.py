"""Rows of shops by one of their values, a look into the index for each: for imports into a shop that is still new.

As long as the statistics of the tables are from before the shop had rows, the planner takes it for empty, and reads all
that it has by now for every part of an import.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from django.db.models import Model
from django.db.models.query import RawQuerySet

T = TypeVar("T", bound=Model)


def rows_with(model: type[T], column: str, wanted: Iterable[tuple[int, str]], condition: str = "true") -> list[T]:
    """Rows of `model` whose shop (id) and `column`, which have an index, are one of `wanted`, and meet `condition`."""
    pairs = sorted(set(wanted))
    if not pairs:
        return []
    # OFFSET 0 keeps the planner from making a join of it.
    statement = f"""
        SELECT found.* FROM unnest(%s::bigint[], %s::text[]) AS wanted (shop, value), LATERAL (
            SELECT * FROM {model._meta.db_table}
            WHERE shop_id = wanted.shop AND {column} = wanted.value AND {condition} OFFSET 0
        ) AS found
    """  # noqa: S608 - only names of our own columns are put into SQL text; values are parameters.
    shops, values = [shop for shop, _value in pairs], [value for _shop, value in pairs]
    return list(RawQuerySet(statement, model=model, params=(shops, values)))
