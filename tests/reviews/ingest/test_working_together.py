"""Several workers at one import, and imports beside each other: always the state of one clean import."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import django_rq
import pytest

from reviewdesk import queue
from reviews.ingest import running, staging
from reviews.ingest.reception import choose_columns, discard
from reviews.ingest.running import queue_import, run
from reviews.ingest.storing import merging
from reviews.jobs import run_import
from reviews.models import ImportBatch, Review, Shop, StagedRow
from tests.connections import in_another_connection
from tests.reviews.ingest.exports import ROWS, counts, csv_bytes, imported, looked_at, received, substance

pytestmark = pytest.mark.usefixtures("classifier")
Status = ImportBatch.Status


def run_by_two(batch: ImportBatch) -> None:
    """Bring `batch` to its end by two workers at once."""

    def work() -> None:
        while ImportBatch.objects.get(pk=batch.pk).is_running:
            run(batch.pk)

    for thread in [in_another_connection(work) for _ in range(2)]:
        thread.join(60)
    batch.refresh_from_db()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_small_chunks")
def test_workers_share_one_import(shop: Shop, other_shop: Shop, many: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    clean = imported(other_shop, many)
    batch = received(shop, many)
    at_work: list[set[int]] = [set(), set()]
    both = threading.Barrier(2, timeout=20)

    def shared(work: Callable[..., Any], phase: int) -> Callable[..., Any]:
        def part(*arguments: Any) -> Any:
            if threading.get_ident() not in at_work[phase]:
                at_work[phase].add(threading.get_ident())
                both.wait()
            return work(*arguments)

        return part

    monkeypatch.setattr(staging, "_store", shared(staging._store, 0))
    monkeypatch.setattr(merging, "_store_reviews", shared(merging._store_reviews, 1))

    run_by_two(batch)
    assert batch.status == Status.DONE
    assert [len(workers) for workers in at_work] == [2, 2], "each worker was inside a part while the other was"
    assert counts(batch) == counts(clean)
    assert substance(shop) == substance(other_shop)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_small_chunks")
def test_a_big_import_lets_others_in(shop: Shop, many: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reviews.ingest.running.TURN_SECONDS", 0)
    big, small = received(shop, many), received(shop, csv_bytes())
    queue_import(small.pk)
    run_import(big.pk)
    big.refresh_from_db()
    assert (big.status, big.rows) == (Status.STAGING, 7), "one part, and then the other one's turn"
    assert queue.state().waiting == 2
    run(small.pk)
    run(big.pk)
    big.refresh_from_db()
    assert big.status == Status.DONE


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_small_chunks")
def test_overlapping_files_at_once_store_each_review_once(shop: Shop, other_shop: Shop) -> None:
    rows = [(str(number), *ROWS[number % 5][1:]) for number in range(90)]
    files = [csv_bytes(rows[:60]), csv_bytes(rows[30:][::-1])]
    for content in files:
        imported(other_shop, content)
    batches = [received(shop, content) for content in files]
    threads = [in_another_connection(lambda pk=batch.pk: run(pk)) for batch in batches]  # type: ignore[misc]
    for thread in threads:
        thread.join(60)
    assert substance(shop) == substance(other_shop)
    for batch in batches:
        batch.refresh_from_db()
        assert (batch.status, batch.error) == (Status.DONE, "")
        assert batch.rows == batch.created + batch.unchanged == 60
    assert sum(batch.created for batch in batches) == 90
    assert sum(batch.cases_opened for batch in batches) == Review.objects.filter(shop=shop, is_negative=True).count()


@pytest.mark.django_db(transaction=True)
def test_confirming_twice_at_once_queues_one_job(shop: Shop) -> None:
    batch = looked_at(shop, csv_bytes())
    assert choose_columns(batch, batch.mapping, is_confirmed=True)
    assert not choose_columns(batch, batch.mapping, is_confirmed=True)
    assert queue.state().waiting == 1


def helpers_called() -> int:
    """Jobs of an import that wait; the one that makes its reviews searchable is none."""
    jobs = django_rq.get_queue(queue.DEFAULT).get_jobs()
    return sum(job.func_name == running.JOB for job in jobs)


def test_a_small_import_asks_nobody_for_help(shop: Shop) -> None:
    run_import(received(shop, csv_bytes()).pk)
    assert helpers_called() == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_small_chunks")
@pytest.mark.parametrize(("is_idle", "called"), [(True, 1), (False, 0)])
def test_an_idle_worker_is_called_to_a_big_import(
    shop: Shop, many: bytes, monkeypatch: pytest.MonkeyPatch, is_idle: bool, called: int
) -> None:
    monkeypatch.setattr(queue, "has_idle_worker", lambda: is_idle and not queue.is_anyone_waiting())
    monkeypatch.setattr("reviews.ingest.running.TURN_SECONDS", 600)
    batch = received(shop, many)
    run_import(batch.pk)
    assert helpers_called() == called
    batch.refresh_from_db()
    assert batch.status == Status.DONE


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("reader_is_slow", [True, False])
def test_an_import_can_be_given_up_while_workers_read_it(
    shop: Shop, many: bytes, monkeypatch: pytest.MonkeyPatch, reader_is_slow: bool
) -> None:
    monkeypatch.setattr(staging, "PART_ROWS", 3)
    store, at_work = staging.stage_records, threading.Event()

    def slow(*arguments: Any) -> None:
        at_work.set()
        time.sleep(0.2 if reader_is_slow else 0)
        store(*arguments)

    monkeypatch.setattr(staging, "stage_records", slow)
    batch = received(shop, many)
    workers = [in_another_connection(lambda: run(batch.pk)) for _ in range(2)]
    assert at_work.wait(20)
    assert discard(batch)
    for worker in workers:
        worker.join(20)
    batch.refresh_from_db()
    assert (batch.status, batch.error) == (Status.DISCARDED, "")
    assert not StagedRow.objects.exists()
    assert not batch.parts.exists()
    assert not Review.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_small_chunks")
def test_workers_do_not_wait_for_each_others_products(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    imported(shop, csv_bytes())
    batch = received(shop, csv_bytes((str(number), *ROWS[number % 5][1:]) for number in range(28)))
    both = threading.Barrier(2, timeout=5)
    announce, announced = merging._announce, set[int]()

    def together(*arguments: Any) -> int:
        if threading.get_ident() not in announced:
            announced.add(threading.get_ident())
            both.wait()
        return announce(*arguments)

    monkeypatch.setattr(merging, "_announce", together)

    run_by_two(batch)
    assert (batch.status, len(announced)) == (Status.DONE, 2), "each stored a part while the other was at one"
