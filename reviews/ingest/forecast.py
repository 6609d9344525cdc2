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


def forecast_of(cursor: CursorWrapper, batch: ImportBatch) -> dict[str, int]:
    """Counts that add up to the rows of `batch`, as of now: another import may come in between."""
    cursor.execute(
        f"""
        SELECT count(*) FILTER (WHERE r.id IS NULL), count(*) FILTER (WHERE r.id IS NOT NULL AND ({_DIFFERS})), count(*)
        FROM {KNOWN} LEFT JOIN reviews_product p ON p.id = r.product_id WHERE s.batch_id = %s
        """,  # noqa: S608 - only names of our own columns are put into SQL text.
        [batch.pk],
    )
    created, updated, staged = cursor.fetchone()
    unchanged = staged - created - updated + batch.unchanged
    return {"created": created, "updated": updated, "unchanged": unchanged, "rejected": batch.rejected}
