"""The same review under two names: what came with a number of its own, and comes again without it, stays one review.

A staged row whose identity nobody knows yet takes that of the stored review it must be: one of the same order and
product, written in the same minute, with no number or variant that speaks against it. Where several reviews or several
rows of the file would do, all are left as they are. The stored identity stays what it was: whatever name the review
comes by next, the same look by its order number finds it.
"""

# ruff: noqa: S608 - only names of our own columns are put into SQL text; values are parameters.

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from django.db.backends.utils import CursorWrapper

from reviews.models import ImportBatch

from .catalogue import PART, PartLines

LINES_AT_ONCE = 50_000
"""Bounds memory; each such stretch that has something to join reads the staged rows of its import twice."""

_OF_THE_ORDER = """
    reviews_stagedrow s
    JOIN reviews_importbatch b ON b.id = s.batch_id
    JOIN LATERAL (
        SELECT r.* FROM reviews_review r
        WHERE r.shop_id = b.shop_id AND r.order_number = s.order_number AND r.withdrawn_at IS NULL OFFSET 0
    ) AS r ON s.order_number <> '' AND r.batch_id <> s.batch_id
    LEFT JOIN LATERAL (SELECT p.* FROM reviews_product p WHERE p.id = r.product_id OFFSET 0) AS p ON true
"""
"""Staged rows `s`, and each review `r` of their order that another import brought, with its product `p`.

The fences keep it at one look into an index for a row; see `reconciling.KNOWN`.
"""
_SAME_PRODUCT = """(
    coalesce(nullif(s.product_title, ''), s.item_id) = coalesce(p.title, '')
    OR s.item_id <> '' AND s.item_id = p.item_id
)"""
_FITS = f"""(
    {_SAME_PRODUCT}
    AND (s.sku = r.sku OR s.sku = '' OR r.sku = '')
    AND (s.platform_review_id = r.platform_review_id OR s.platform_review_id = '' OR r.platform_review_id = '')
    AND (s.sub_order_id = r.sub_order_id OR s.sub_order_id = '' OR r.sub_order_id = '')
    AND s.reviewed_at > r.reviewed_at - interval '1 minute' AND s.reviewed_at < r.reviewed_at + interval '1 minute'
)"""


def join_staged(cursor: CursorWrapper, batch: ImportBatch) -> None:
    """Join the rows of `batch` to the reviews stored by now, once all are staged."""
    if batch.kind != ImportBatch.Kind.REVIEWS:
        return
    for stretch in _stretches(batch):
        _join(cursor, stretch, "true")


def join_new(cursor: CursorWrapper, part: PartLines, new: Sequence[int], created: Collection[str]) -> bool:
    """Join the rows at the lines `new`, which no stored review has the identity of; whether any was.

    `created` are numbers of orders that this transaction has stored: no review refers to them. Those of the others are
    locked until it ends. Whoever stores a review of the same order at the same moment by another name comes before, and
    is found here, or after, and finds what is stored here.
    """
    cursor.execute(
        f"SELECT s.line, s.order_number FROM reviews_stagedrow s"
        f" WHERE {PART} AND s.line = ANY(%(lines)s) AND s.order_number <> ALL(%(without)s)",
        {**part._asdict(), "lines": list(new), "without": ["", *created]},
    )
    orders = dict(cursor.fetchall())
    if not orders:
        return False
    _lock_orders(cursor, part.shop, set(orders.values()))
    return _join(cursor, part, "s.line = ANY(%(lines)s)", list(orders))


def _stretches(batch: ImportBatch) -> Iterator[PartLines]:
    for before in range(0, batch.lines_read, LINES_AT_ONCE):
        yield PartLines(batch.pk, batch.shop_id, before + 1, before + LINES_AT_ONCE)


def _lock_orders(cursor: CursorWrapper, shop: int, numbers: Collection[str]) -> None:
    """In the order in which `catalogue.store_orders` takes them."""
    cursor.execute(
        """
        SELECT count(*) FROM (SELECT number FROM unnest(%(numbers)s::text[]) AS n (number) ORDER BY number) AS wanted,
            LATERAL (
                SELECT o.id FROM reviews_order o WHERE o.shop_id = %(shop)s AND o.number = wanted.number
                FOR NO KEY UPDATE
            ) AS locked
        """,
        {"shop": shop, "numbers": list(numbers)},
    )


def _join(cursor: CursorWrapper, part: PartLines, which: str, lines: Sequence[int] = ()) -> bool:
    """Join what can be of the staged rows of `part` that meet the condition `which`."""
    values = {**part._asdict(), "lines": lines}
    cursor.execute(
        f"SELECT DISTINCT s.order_number FROM {_OF_THE_ORDER}"
        f" WHERE {PART} AND {which} AND r.identity <> s.identity AND {_FITS}",
        values,
    )
    orders = [number for (number,) in cursor.fetchall()]
    pairs = _pairs(cursor, values | {"orders": orders}) if orders else []
    if not pairs:
        return False
    cursor.execute(
        """
        UPDATE reviews_stagedrow s SET identity = r.identity, reviewed_at = r.reviewed_at
        FROM unnest(%(lines)s::int[], %(reviews)s::bigint[]) AS pair (line, review)
        JOIN reviews_review r ON r.id = pair.review
        WHERE s.batch_id = %(batch)s AND s.line = pair.line
        """,
        {"batch": part.batch, "lines": [line for line, _ in pairs], "reviews": [review for _, review in pairs]},
    )
    return True


def _pairs(cursor: CursorWrapper, values: dict[str, Any]) -> list[tuple[int, int]]:
    """(line, review id) of rows and reviews that fit nothing but each other, in the whole file and of all stored."""
    cursor.execute(
        f"""
        SELECT line, review, stored FROM (
            SELECT s.line, s.identity, r.id AS review, r.identity AS stored,
                count(*) OVER (PARTITION BY s.line) AS reviews, count(*) OVER (PARTITION BY r.id) AS rows
            FROM {_OF_THE_ORDER}
            WHERE s.batch_id = %(batch)s AND s.order_number = ANY(%(orders)s) AND (r.identity = s.identity OR {_FITS})
        ) AS pair
        WHERE reviews = 1 AND rows = 1 AND line BETWEEN %(first)s AND %(last)s AND identity <> stored AND NOT EXISTS (
            SELECT FROM reviews_review k WHERE k.shop_id = %(shop)s AND k.identity = pair.identity OFFSET 0
        )
        """,
        values,
    )
    found = cursor.fetchall()
    cursor.execute(
        "SELECT s.identity FROM reviews_stagedrow s WHERE s.batch_id = %(batch)s AND s.identity = ANY(%(stored)s)",
        {**values, "stored": [stored for _line, _review, stored in found]},
    )
    named = {identity for (identity,) in cursor.fetchall()}
    return [(line, review) for line, review, stored in found if stored not in named]
