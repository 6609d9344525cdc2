"""The dry run: what storing the staged rows would come to, before anything of it is stored."""

from __future__ import annotations

from django.db.backends.utils import CursorWrapper

from reviews.models import ImportBatch

from .reconciling import KNOWN, TELLS_OTHERWISE

_TITLE = "coalesce(nullif(s.product_title, ''), s.item_id)"
_OF_ANOTHER_PRODUCT = f"""
    {_TITLE} <> '' AND {_TITLE} IS DISTINCT FROM p.title
    AND NOT coalesce(s.item_id <> '' AND s.item_id = p.item_id, false)
"""
_DIFFERS = f"coalesce({TELLS_OTHERWISE}, false) OR {_OF_ANOTHER_PRODUCT}"


KINDS = ("created", "updated", "unchanged")
SAMPLES = 8
"""Rows of each kind whose lines are kept, to show them."""


def foresee(cursor: CursorWrapper, batch: ImportBatch) -> tuple[dict[str, int], dict[str, list[int]]]:
    """Counts that add up to the rows of `batch`, and the first lines of each kind but the rejected.

    As of now: another import may come in between.
    """
    cursor.execute(
        f"""
        SELECT kind, lines, ARRAY(SELECT line FROM unnest(told.all_lines) AS line ORDER BY line LIMIT %(samples)s)
        FROM (
            SELECT kind, count(*) AS lines, array_agg(line) AS all_lines FROM (
                SELECT s.line, CASE WHEN r.id IS NULL THEN 'created' WHEN {_DIFFERS} THEN 'updated' ELSE 'unchanged' END
                    AS kind
                FROM {KNOWN} LEFT JOIN reviews_product p ON p.id = r.product_id WHERE s.batch_id = %(batch)s
            ) AS row GROUP BY kind
        ) AS told
        """,  # noqa: S608 - only names of our own columns are put into SQL text.
        {"batch": batch.pk, "samples": SAMPLES},
    )
    found = {kind: (count, lines) for kind, count, lines in cursor.fetchall()}
    counts = {kind: found.get(kind, (0, []))[0] for kind in KINDS}
    counts["unchanged"] += batch.unchanged
    return counts | {"rejected": batch.rejected}, {kind: lines for kind, (_count, lines) in found.items()}
