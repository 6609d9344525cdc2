"""What holds a lock for long must not hold up what has nothing to do with it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from reviews.ingest.running import run
from reviews.jobs import resume_stalled_imports
from reviews.models import ImportBatch, Shop
from tests.connections import in_another_connection
from tests.reviews.ingest.exports import csv_bytes, received

pytestmark = pytest.mark.usefixtures("classifier")
Status = ImportBatch.Status


@contextmanager
def held_elsewhere(hold: Callable[[Callable[[], None]], None]) -> Iterator[None]:
    """While `hold`, in another connection, waits inside the function that it is given."""
    is_held, is_over = threading.Event(), threading.Event()

    def wait() -> None:
        is_held.set()
        is_over.wait(20)

    thread = in_another_connection(lambda: hold(wait))
    assert is_held.wait(20)
    try:
        yield
    finally:
        is_over.set()
        thread.join(20)


@contextmanager
def without_waiting() -> Iterator[None]:
    """Fail instead of waiting for a lock."""
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout TO '1s'")
        yield
        cursor.execute("RESET lock_timeout")


@pytest.mark.django_db(transaction=True)
def test_a_sweep_does_not_wait_for_an_import_that_somebody_holds(shop: Shop) -> None:
    held, stalled = (received(shop, csv_bytes()) for _ in range(2))
    ImportBatch.objects.update(beat_at=timezone.now() - timedelta(seconds=61))

    def hold(wait: Callable[[], None]) -> None:
        with transaction.atomic():
            ImportBatch.objects.select_for_update().get(pk=held.pk)
            wait()

    with held_elsewhere(hold), without_waiting():
        assert resume_stalled_imports() == 1
    stalled.refresh_from_db()
    assert timezone.now() - stalled.beat_at < timedelta(seconds=20)
    assert resume_stalled_imports() == 1


@pytest.mark.django_db(transaction=True)
def test_an_import_that_waits_holds_up_no_other_shop(shop: Shop, other_shop: Shop) -> None:
    waiting, other = received(shop, csv_bytes()), received(other_shop, csv_bytes())

    def hold(wait: Callable[[], None]) -> None:
        with pytest.MonkeyPatch.context() as slow:
            compared = iter([wait])
            slow.setattr("reviews.ingest.running.compare_with_stored", lambda *_: next(compared, lambda: None)())
            run(waiting.pk)

    with held_elsewhere(hold), without_waiting():
        run(other.pk)
    other.refresh_from_db()
    assert other.status == Status.DONE
