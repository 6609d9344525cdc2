"""What an export tells besides the reviews: which products there are, and the facts of orders."""

# ruff: noqa: S608 - only names of our own columns are put into SQL text; values are parameters.

from __future__ import annotations

from typing import NamedTuple

from django.db.backends.utils import CursorWrapper

from reviews.models.shop import OrderFacts

PART = "s.batch_id = %(batch)s AND s.line BETWEEN %(first)s AND %(last)s"
"""The staged rows `s` of the part at hand."""


class PartLines(NamedTuple):
    """Which part: lines `first` to `last` of the file of `batch`, of `shop` (ids)."""

    batch: int
    shop: int
    first: int
    last: int


class StoredOrders(NamedTuple):
    """Numbers of the orders that a part told of first, and of known ones that it told something new of."""

    created: list[str]
    updated: list[str]


_FACTS = {fact.name: fact.null for fact in OrderFacts._meta.local_fields} | {"buyer_name": False}
"""Fact of an order -> whether null says "not told"; the others say it by an empty text."""


def store_products(cursor: CursorWrapper, part: PartLines) -> None:
    """Make sure every product of the part exists, and give each staged row the title its product goes by.

    A platform item id is the stronger name: titles are edited for search. An item never named goes by its id.
    Of several lines (categories) that are told of a product the last one counts, but none against a person's choice.
    """
    cursor.execute(
        f"""
        UPDATE reviews_stagedrow s SET product_title = named.title
        FROM (
            SELECT s.item_id, coalesce(
                (SELECT p.title FROM reviews_product p WHERE p.shop_id = %(shop)s AND p.item_id = s.item_id
                 ORDER BY p.id LIMIT 1),
                (array_agg(s.product_title ORDER BY s.line) FILTER (WHERE s.product_title <> ''))[1],
                s.item_id) AS title
            FROM reviews_stagedrow s WHERE {PART} AND s.item_id <> '' GROUP BY s.item_id
        ) AS named
        WHERE {PART} AND s.item_id = named.item_id AND s.product_title <> named.title
        """,
        part._asdict(),
    )
    cursor.execute(
        f"""
        -- Known products without news are left out: locked, they would let every other worker of the shop wait.
        INSERT INTO reviews_product AS known (shop_id, title, item_id, line, is_promoted)
        SELECT %(shop)s, s.product_title,
            coalesce((array_agg(s.item_id ORDER BY s.line) FILTER (WHERE s.item_id <> ''))[1], ''),
            coalesce((array_agg(s.product_line ORDER BY s.line DESC) FILTER (WHERE s.product_line <> ''))[1], ''), false
        FROM reviews_stagedrow s LEFT JOIN LATERAL (
            SELECT p.item_id, p.line, p.is_line_chosen FROM reviews_product p
            WHERE p.shop_id = %(shop)s AND p.title = s.product_title OFFSET 0
        ) AS p ON true
        WHERE {PART} AND s.product_title <> '' AND (p.item_id IS NULL OR p.item_id = '' AND s.item_id <> ''
            OR s.product_line NOT IN ('', p.line) AND NOT p.is_line_chosen)
        GROUP BY s.product_title ORDER BY s.product_title
        ON CONFLICT (shop_id, title) DO UPDATE SET
            item_id = coalesce(nullif(known.item_id, ''), EXCLUDED.item_id),
            line = CASE WHEN known.is_line_chosen OR EXCLUDED.line = '' THEN known.line ELSE EXCLUDED.line END
        WHERE known.item_id = '' AND EXCLUDED.item_id <> ''
            OR EXCLUDED.line NOT IN ('', known.line) AND NOT known.is_line_chosen
        """,
        part._asdict(),
    )


_TELLS_OTHERWISE = " OR ".join(
    f"s.{fact} IS NOT NULL AND s.{fact} IS DISTINCT FROM o.{fact}"
    if is_null
    else f"s.{fact} <> '' AND s.{fact} <> o.{fact}"
    for fact, is_null in _FACTS.items()
)
_SEAL = "CASE WHEN EXCLUDED.phone IN ('', known.phone) THEN known.phone_sealed ELSE EXCLUDED.phone_sealed END"
"""A seal looks different each time: it goes with its mask, so that one whose time is over does not come back."""
_KNOWN = """
    reviews_stagedrow s JOIN reviews_importbatch b ON b.id = s.batch_id
    LEFT JOIN LATERAL (
        SELECT o.* FROM reviews_order o WHERE o.shop_id = b.shop_id AND o.number = s.order_number OFFSET 0
    ) AS o ON true
"""
"""Staged rows `s` and the known order `o` that each is about; see `reconciling.KNOWN` for the fence."""


def store_orders(cursor: CursorWrapper, part: PartLines) -> StoredOrders:
    """Create the part's orders and fill in what it tells of known ones. Of several lines the last to tell counts."""
    facts = ", ".join(_FACTS)
    cursor.execute(
        f"""
        WITH told AS (
            -- Writing over an order what it says already would cost as much as a change.
            SELECT DISTINCT s.order_number FROM {_KNOWN}
            WHERE {PART} AND s.order_number <> '' AND (o.id IS NULL OR {_TELLS_OTHERWISE})
        ), stored AS (
            INSERT INTO reviews_order AS known (shop_id, batch_id, number, phone_sealed, {facts})
            SELECT %(shop)s, %(batch)s, s.order_number, {_last_told("phone_sealed")},
                {", ".join(map(_last_told, _FACTS))}
            FROM reviews_stagedrow s WHERE {PART} AND s.order_number IN (SELECT order_number FROM told)
            GROUP BY s.order_number ORDER BY s.order_number
            ON CONFLICT (shop_id, number)
                DO UPDATE SET {", ".join(f"{fact} = {_told_or_known(fact)}" for fact in _FACTS)},
                    phone_sealed = {_SEAL}
                WHERE ({", ".join(f"known.{fact}" for fact in _FACTS)})
                    IS DISTINCT FROM ({", ".join(map(_told_or_known, _FACTS))})
            -- Only a row that was there before has been locked, and says by whom.
            RETURNING known.number, known.xmax = 0 AS is_new
        )
        SELECT coalesce(array_agg(number) FILTER (WHERE is_new), '{{}}'),
            coalesce(array_agg(number) FILTER (WHERE NOT is_new), '{{}}')
        FROM stored
        """,
        part._asdict(),
    )
    return StoredOrders(*cursor.fetchone())


def repeated_orders(cursor: CursorWrapper, part: PartLines) -> dict[str, int]:
    """How many rows of the part are about orders that each other import (id) had brought."""
    cursor.execute(
        f"""
        SELECT o.batch_id, count(*) FROM {_KNOWN} WHERE {PART} AND o.batch_id <> %(batch)s GROUP BY o.batch_id
        """,
        part._asdict(),
    )
    return {str(batch_id): rows for batch_id, rows in cursor.fetchall()}


def _last_told(fact: str) -> str:
    if _FACTS.get(fact):
        return f"(array_agg(s.{fact} ORDER BY s.line DESC) FILTER (WHERE s.{fact} IS NOT NULL))[1]"
    return f"coalesce((array_agg(s.{fact} ORDER BY s.line DESC) FILTER (WHERE s.{fact} <> ''))[1], '')"


def _told_or_known(fact: str) -> str:
    told = f"EXCLUDED.{fact}" if _FACTS[fact] else f"nullif(EXCLUDED.{fact}, '')"
    return f"coalesce({told}, known.{fact})"


ORDERS_FORESEEN = f"""
    SELECT s.line, s.reviewed_at, CASE WHEN o.id IS NULL THEN 'created'
        WHEN {_TELLS_OTHERWISE} THEN 'updated' ELSE 'unchanged' END AS kind
    FROM {_KNOWN} WHERE s.batch_id = %(batch)s
"""
"""What each staged row about an order would come to."""
