"""What the worker runs for this app. A job fetches by id and calls a service."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from reviewdesk import queue
from reviews import totals
from reviews.ingest import forgetting
from reviews.ingest.reception import discard
from reviews.ingest.running import queue_import, run
from reviews.ingest.staging import forget_given_up
from reviews.learning import challenging, refreshing
from reviews.models import FittingRun, ImportBatch, TagRefresh
from reviews.text_search import entries

QUIET = timedelta(seconds=60)
"""An import without a sign of life for this long has lost its worker, or its job."""


LEFT_WAITING = timedelta(days=30)
"""An upload that nobody confirmed for this long is discarded: its rows tell of people."""


def run_import(batch_id: int) -> None:
    run(batch_id, takes_turns=True)


@transaction.atomic
def resume_stalled_imports() -> int:
    """Queue imports that have gone quiet once more; how many. One that is merely slow is left alone by its locks."""
    now = timezone.now()
    quiet = ImportBatch.objects.filter(Q(beat_at__lt=now - QUIET) | Q(beat_at=None), status__in=ImportBatch.RUNNING)
    # Whoever holds the row is at work: an undo does for as long as it takes, and the other imports cannot wait for it.
    stalled = list(quiet.select_for_update(skip_locked=True).values_list("pk", flat=True))
    # Once a minute at most, however many sweeps run.
    ImportBatch.objects.filter(pk__in=stalled).update(beat_at=now)
    for batch_id in stalled:
        queue_import(batch_id)
    return len(stalled)


def clear_given_up_imports() -> int:
    """Forget what was read of imports that are given up, refused, or left waiting for a month; how many they were."""
    Status = ImportBatch.Status
    for batch in ImportBatch.objects.filter(status=Status.READY, phase_at__lt=timezone.now() - LEFT_WAITING):
        discard(batch)
    over = Q(status=Status.DISCARDED) | Q(status=Status.FAILED, failed_during="")
    given_up = list(ImportBatch.objects.filter(over, parts__isnull=False).distinct())
    for batch in given_up:
        forget_given_up(batch)
    return len(given_up)


def forget_import_files() -> int:
    """Daily: delete the files of imports that ended long ago; of how many."""
    return forgetting.forget_files(now=timezone.now())


def fit_challenger(run_id: int) -> None:
    challenging.carry_out(FittingRun.objects.get(pk=run_id), timezone.now())


def learn_daily() -> None:
    challenging.carry_out(FittingRun.objects.create(requested_at=timezone.now()), timezone.now())


def refresh_tags(refresh_id: int) -> None:
    refreshing.run(refresh_id)


def make_searchable() -> int:
    return entries.make_searchable(yields=True)


def count_stale_days() -> int:
    return totals.count_stale_days()


def resume_stalled_refresh() -> int:
    """Queue a refresh of tags that has gone quiet once more; how many (0 or 1)."""
    now = timezone.now()
    with transaction.atomic():
        quiet = TagRefresh.objects.filter(status=TagRefresh.Status.RUNNING, beat_at__lt=now - QUIET)
        refresh_id = quiet.values_list("pk", flat=True).first()
        if refresh_id is None or not quiet.filter(pk=refresh_id).update(beat_at=now):
            return 0
        queue.enqueue(refreshing.JOB, refresh_id)
    return 1
