"""The dry run: what storing the staged rows would come to, before anything of it is stored."""

from __future__ import annotations

from django.db.backends.utils import CursorWrapper

from reviews.models import ImportBatch

from .storing.catalogue import ORDERS_FORESEEN
from .storing.reconciling import KNOWN, TELLS_OTHERWISE

_TITLE = "coalesce(nullif(s.product_title, ''), s.item_id)"
_OF_ANOTHER_PRODUCT = f"""
    {_TITLE} <> '' AND {_TITLE} IS DISTINCT FROM p.title
    AND NOT coalesce(s.item_id <> '' AND s.item_id = p.item_id, false)
"""
_DIFFERS = f"coalesce({TELLS_OTHERWISE}, false) OR {_OF_ANOTHER_PRODUCT}"
_REVIEWS_FORESEEN = f"""
    SELECT s.line, s.reviewed_at,
        CASE WHEN r.id IS NULL THEN 'created' WHEN {_DIFFERS} THEN 'updated' ELSE 'unchanged' END AS kind
    FROM {KNOWN} LEFT JOIN reviews_product p ON p.id = r.product_id WHERE s.batch_id = %(batch)s
"""  # noqa: S608 - only names of our own columns are put into SQL text.
FORESEEN_BY = {ImportBatch.Kind.REVIEWS: _REVIEWS_FORESEEN, ImportBatch.Kind.ORDERS: ORDERS_FORESEEN}

KINDS = ("created", "updated", "unchanged")
SAMPLES = 8
"""Rows of each kind whose lines are kept, to show them."""
FORESEEN = ("forecast", "samples", "first_at", "last_at")


def foresee(cursor: CursorWrapper, batch: ImportBatch) -> None:
    """Set the fields `FORESEEN` of `batch`: counts that add up to its rows, first lines of each kind, and span of time.

    As of now: another import may come in between.
    """
    cursor.execute(
        f"""
        SELECT kind, count(*), (array_agg(line ORDER BY line))[:%(samples)s], min(reviewed_at), max(reviewed_at)
        FROM ({FORESEEN_BY[ImportBatch.Kind(batch.kind)]}) AS row GROUP BY kind
        """,  # noqa: S608 - the same.
        {"batch": batch.pk, "samples": SAMPLES},
    )
    found = cursor.fetchall()
    counts = dict.fromkeys(KINDS, 0) | {kind: rows for kind, rows, *_rest in found}
    counts["unchanged"] += batch.unchanged
    batch.forecast = counts | {"rejected": batch.rejected}
    batch.samples = {kind: lines for kind, _rows, lines, *_span in found}
    batch.first_at = min((first for *_told, first, _last in found if first), default=None)
    batch.last_at = max((last for *_told, last in found if last), default=None)
