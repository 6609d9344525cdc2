"""The dry run: what storing the staged rows would come to, before anything of it is stored."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import NamedTuple

from django.db.backends.utils import CursorWrapper

from reviews.models import ImportBatch

from .catalogue import ORDERS_FORESEEN
from .reconciling import KNOWN, TELLS_OTHERWISE

_TITLE = "coalesce(nullif(s.product_title, ''), s.item_id)"
_OF_ANOTHER_PRODUCT = f"""
    {_TITLE} <> '' AND {_TITLE} IS DISTINCT FROM p.title
    AND NOT coalesce(s.item_id <> '' AND s.item_id = p.item_id, false)
"""
_DIFFERS = f"coalesce({TELLS_OTHERWISE}, false) OR {_OF_ANOTHER_PRODUCT}"
_REVIEWS_FORESEEN = f"""
    SELECT s.line, s.reviewed_at, r.batch_id AS origin,
        CASE WHEN r.id IS NULL THEN 'created' WHEN {_DIFFERS} THEN 'updated' ELSE 'unchanged' END AS kind
    FROM {KNOWN} LEFT JOIN reviews_product p ON p.id = r.product_id WHERE s.batch_id = %(batch)s
"""  # noqa: S608 - only names of our own columns are put into SQL text.
FORESEEN_BY = {ImportBatch.Kind.REVIEWS: _REVIEWS_FORESEEN, ImportBatch.Kind.ORDERS: ORDERS_FORESEEN}


KINDS = ("created", "updated", "unchanged")
SAMPLES = 8
"""Rows of each kind whose lines are kept, to show them."""


FORESEEN = ("forecast", "samples", "first_at", "last_at", "repeats")


class _Told(NamedTuple):
    """Rows of one kind about what one import (id, None for none known) brought: number, first lines, span of time."""

    kind: str
    origin: int | None
    rows: int
    lines: list[int]
    first_at: datetime | None
    last_at: datetime | None


def foresee(cursor: CursorWrapper, batch: ImportBatch) -> None:
    """Set the fields `FORESEEN` of `batch`: counts that add up to its rows, first lines of each kind, span of time, and
    whose reviews or orders it repeats.

    As of now: another import may come in between.
    """
    found = _told(cursor, batch)
    counts = {kind: sum(told.rows for told in found if told.kind == kind) for kind in KINDS}
    counts["unchanged"] += batch.unchanged
    lines = {kind: sorted(line for told in found if told.kind == kind for line in told.lines) for kind in KINDS}
    batch.forecast = counts | {"rejected": batch.rejected}
    batch.samples = {kind: first[:SAMPLES] for kind, first in lines.items() if first}
    batch.first_at = min((told.first_at for told in found if told.first_at), default=None)
    batch.last_at = max((told.last_at for told in found if told.last_at), default=None)
    batch.repeats = _repeats(batch, found)


def count_repeats(cursor: CursorWrapper, batch: ImportBatch) -> dict[str, int]:
    """The field `repeats` of `batch` as of now, while its staged rows are there."""
    return _repeats(batch, _told(cursor, batch))


def _told(cursor: CursorWrapper, batch: ImportBatch) -> list[_Told]:
    cursor.execute(
        f"""
        SELECT kind, origin, told.lines,
            ARRAY(SELECT line FROM unnest(all_lines) AS line ORDER BY line LIMIT %(samples)s), first_at, last_at
        FROM (
            SELECT kind, origin, count(*) AS lines, array_agg(line) AS all_lines,
                min(reviewed_at) AS first_at, max(reviewed_at) AS last_at
            FROM ({FORESEEN_BY[ImportBatch.Kind(batch.kind)]}) AS row GROUP BY kind, origin
        ) AS told
        """,  # noqa: S608 - the same.
        {"batch": batch.pk, "samples": SAMPLES},
    )
    return [_Told(*row) for row in cursor.fetchall()]


def _repeats(batch: ImportBatch, found: list[_Told]) -> dict[str, int]:
    repeats: Counter[str] = Counter()
    for told in found:
        if told.origin not in (None, batch.pk):
            repeats[str(told.origin)] += told.rows
    return dict(repeats)
