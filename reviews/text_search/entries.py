"""What search looks through, kept in step with the reviews: written in the background after each import.

Writing it as part of the import would make that several times as slow; see docs/desk.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db import connection, transaction
from django.db.models import Exists, F, Max, Min, OuterRef, Q
from django.utils import timezone

from reviewdesk import queue
from reviews.ingest.locks import alone_on_search
from reviews.ingest.storing.bulk import copy_rows
from reviews.models import ImportBatch, Review, ReviewRevision, SearchEntry

from .folding import folded

JOB = "reviews.jobs.make_searchable"
WRITTEN_AT_ONCE = 5_000
FIELDS = ("content", "append_content", "buyer_name")
WORTH_STATISTICS = 20_000
"""After so many new entries the planner is told what they hold at once."""

Status = ImportBatch.Status
ENDED = Q(status__in=(Status.DONE, Status.FAILED, Status.UNDONE), kind=ImportBatch.Kind.REVIEWS)
STALE = (
    Q(searchable_at=None) | Q(searchable_at__lt=F("finished_at")) | Q(searchable_at__lt=F("undone_at"))
)  # An import that failed may go on, and one that is done may be undone.


def queue_search() -> None:
    """Have what was imported made searchable once the transaction has committed; else the sweep does it."""
    queue.ask_for(JOB)


def make_searchable(*, yields: bool = False) -> int:
    """Write the entries of imports that ended since; how many entries. Only one process does it at a time.

    One that `yields` queues itself again when other jobs wait.
    """
    written = 0
    with alone_on_search() as is_mine:
        if not is_mine:
            return 0
        for batch in ImportBatch.objects.filter(ENDED & STALE).order_by("pk"):
            begun_at = timezone.now()
            for ids in _unwritten(batch):
                write_entries(ids)
                written += len(ids)
                if yields and queue.is_anyone_waiting():
                    queue_search()
                    return written
            ImportBatch.objects.filter(pk=batch.pk).update(searchable_at=begun_at)
    if written >= WORTH_STATISTICS:
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE reviews_searchentry")
    return written


def write_entries(review_ids: Sequence[int]) -> None:
    """Write the entries of these reviews anew. Call it where nobody else writes entries: under `alone_on_search`."""
    reviews = Review.with_withdrawn.filter(pk__in=review_ids)
    with transaction.atomic():
        rows = reviews.values_list("pk", *FIELDS, "order_number", "product_id")
        told = [(pk, "\n".join(map(folded, fields)), folded(order), product) for pk, *fields, order, product in rows]
        SearchEntry.objects.filter(pk__in=review_ids).delete()
        copy_rows(SearchEntry, ("review", "text", "order_number", "product"), told)


def _unwritten(batch: ImportBatch) -> Iterator[list[int]]:
    """Ids of the reviews that `batch` brought and that have no entry yet, then of those it changed, in stretches.

    What an import brought lies side by side, so going by id reads little else.
    """
    brought = Review.with_withdrawn.filter(batch=batch)
    ends = brought.aggregate(first=Min("pk"), last=Max("pk"))
    lacking = brought.exclude(Exists(SearchEntry.objects.filter(pk=OuterRef("pk"))))
    if ends["first"] is not None:
        for start in range(ends["first"], ends["last"] + 1, WRITTEN_AT_ONCE):
            stretch = lacking.filter(pk__gte=start, pk__lt=start + WRITTEN_AT_ONCE)
            if ids := list(stretch.values_list("pk", flat=True)):
                yield ids
    changed = sorted(set(ReviewRevision.objects.filter(batch=batch).values_list("review", flat=True)))
    for start in range(0, len(changed), WRITTEN_AT_ONCE):
        yield changed[start : start + WRITTEN_AT_ONCE]
