"""Imports that are killed, fail, run twice or overlap: always the state of one clean import."""

from __future__ import annotations

import gc
import random
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import django_rq
import pytest
from django.db import OperationalError, connection, connections
from django.utils import timezone

from reviewdesk import queue
from reviews.ingest import running, staging
from reviews.ingest.reading import recognition
from reviews.ingest.reception import choose_columns, discard, go_on
from reviews.ingest.running import queue_import, run
from reviews.ingest.storing import merging
from reviews.jobs import resume_stalled_imports, run_import
from reviews.models import ImportBatch, Review, Shop, StagedRow
from tests.reviews.ingest.exports import HEADINGS, ROWS, counts, csv_bytes, imported, looked_at, received, substance

pytestmark = pytest.mark.usefixtures("classifier")
Status = ImportBatch.Status


class Killed(BaseException):
    """What no `except Exception` catches, like the end of the process."""


@contextmanager
def killed_at(statement: int) -> Iterator[None]:
    """Die right before the given SQL statement, counted from 0. What the server does by itself when a client is gone,
    rolling back and dropping locks, still happens.
    """
    left = statement

    def count(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal left
        if "SAVEPOINT" not in sql and "pg_advisory_unlock" not in sql:
            left -= 1
            if left == -1:
                raise Killed
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        yield


@pytest.fixture
def many() -> bytes:
    """Sixty rows: good ones, refused ones, and lines about the same review."""
    rows = [(f"{number % 40}", *ROWS[number % 5][1:]) for number in range(50)]
    refused = [("1.2E+17", *ROWS[0][1:])] * 5 + [ROWS[0][:3]] * 5
    return csv_bytes(rows[:30] + refused + rows[30:])


@pytest.fixture
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reviews.ingest.staging.PART_ROWS", 7)


@pytest.mark.django_db
@pytest.mark.usefixtures("_small_chunks")
def test_killed_at_any_statement_it_ends_like_a_clean_import(shop: Shop, other_shop: Shop, many: bytes) -> None:
    clean = imported(other_shop, many)
    batch = received(shop, many)
    moment = random.Random(20261120)
    deaths = 0
    while batch.status != Status.DONE:
        try:
            with killed_at(moment.randrange(45)):
                run(batch.pk)
        except Killed:
            deaths += 1
        batch.refresh_from_db()
    assert deaths > 10
    assert substance(shop) == substance(other_shop)
    assert counts(batch) == counts(clean)
    assert (batch.negative, batch.cases_opened) == (clean.negative, clean.cases_opened)
    assert list(batch.rejections.values_list("line", "reason")) == list(clean.rejections.values_list("line", "reason"))


@pytest.mark.django_db
@pytest.mark.usefixtures("_small_chunks")
def test_the_counts_always_add_up(shop: Shop, many: bytes) -> None:
    batch = imported(shop, many)
    assert counts(batch) == {"rows": 60, "created": 40, "updated": 0, "unchanged": 10, "rejected": 10}
    assert batch.rejections.count() == 10
    again = imported(shop, many)
    assert counts(again) == {"rows": 60, "created": 0, "updated": 0, "unchanged": 50, "rejected": 10}


@pytest.mark.django_db
@pytest.mark.usefixtures("_small_chunks")
def test_a_file_that_breaks_off_in_the_middle_imports_nothing(shop: Shop) -> None:
    batch = received(shop, csv_bytes(ROWS * 4))
    with batch.file.open("r+b") as stored:
        stored.seek(-4, 2)
        stored.write(b"\xff\xff\xff\n")
    run(batch.pk)
    batch.refresh_from_db()
    assert batch.status == Status.FAILED
    assert "21" in batch.error, "the line is named"
    assert not Review.objects.exists()
    assert not StagedRow.objects.exists()
    assert counts(batch) == {"rows": 0, "created": 0, "updated": 0, "unchanged": 0, "rejected": 0}


@pytest.mark.django_db
@pytest.mark.usefixtures("_small_chunks")
def test_a_failed_import_goes_on_where_it_stopped(
    shop: Shop, other_shop: Shop, many: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported(other_shop, many)
    batch = received(shop, many)
    with monkeypatch.context() as broken:
        broken.setattr("reviews.ingest.storing.merging.store_orders", lambda *_: 1 / 0)
        run(batch.pk)
    batch.refresh_from_db()
    assert batch.status == Status.FAILED
    assert "ZeroDivisionError" in batch.error
    assert go_on(batch)
    run(batch.pk)
    batch.refresh_from_db()
    assert (batch.status, batch.error) == (Status.DONE, "")
    assert substance(shop) == substance(other_shop)


@pytest.mark.django_db
def test_one_that_failed_between_reading_and_storing_goes_on_with_reading(
    shop: Shop, other_shop: Shop, many: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    clean = imported(other_shop, many)
    batch = received(shop, many)
    with monkeypatch.context() as broken:
        broken.setattr("reviews.ingest.running.compare_with_stored", lambda *_: 1 / 0)
        run(batch.pk)
    batch.refresh_from_db()
    assert (batch.status, batch.failed_during) == (Status.FAILED, Status.STAGING)
    assert go_on(batch)
    run(batch.pk)
    batch.refresh_from_db()
    assert (batch.status, counts(batch)) == (Status.DONE, counts(clean))
    assert substance(shop) == substance(other_shop)


@pytest.mark.django_db
def test_a_database_that_goes_away_leaves_the_import_to_a_later_run(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> None:
        raise OperationalError("server closed the connection")

    batch = received(shop, csv_bytes())
    with monkeypatch.context() as broken:
        broken.setattr("reviews.ingest.running.merge_parts", gone)
        with pytest.raises(OperationalError):
            run(batch.pk)
    batch.refresh_from_db()
    assert batch.status == Status.MERGING
    run(batch.pk)
    assert Review.objects.count() == 5


@pytest.mark.django_db
@pytest.mark.parametrize("status", [Status.READY, Status.DONE, Status.FAILED, Status.DISCARDED, Status.UNDONE])
def test_only_an_import_under_way_is_run(shop: Shop, status: str) -> None:
    batch = received(shop, csv_bytes())
    ImportBatch.objects.update(status=status)
    run_import(batch.pk)
    batch.refresh_from_db()
    assert batch.status == status
    assert not Review.objects.exists()


def in_another_connection(work: Callable[[], None]) -> threading.Thread:
    def do() -> None:
        try:
            work()
        finally:
            connections.close_all()

    thread = threading.Thread(target=do)
    thread.start()
    return thread


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


@pytest.mark.django_db(transaction=True)
def test_an_import_gone_quiet_is_queued_again_once_a_minute(shop: Shop) -> None:
    quiet, lively, done = (received(shop, csv_bytes()) for _ in range(3))
    now = timezone.now()
    ImportBatch.objects.filter(pk=quiet.pk).update(beat_at=now - timedelta(seconds=61))
    ImportBatch.objects.filter(pk=lively.pk).update(status=Status.MERGING, beat_at=now - timedelta(seconds=20))
    ImportBatch.objects.filter(pk=done.pk).update(status=Status.DONE, beat_at=now - timedelta(days=1))
    assert resume_stalled_imports() == 1
    assert resume_stalled_imports() == 0
    assert queue.state().waiting == 1
    run_import(quiet.pk)
    quiet.refresh_from_db()
    assert quiet.status == Status.DONE


@pytest.mark.django_db(transaction=True)
def helpers_called() -> int:
    """Jobs of an import that wait; the one that makes its reviews searchable is none."""
    jobs = django_rq.get_queue(queue.DEFAULT).get_jobs()
    return sum(job.func_name == running.JOB for job in jobs)


def test_a_small_import_asks_nobody_for_help(shop: Shop) -> None:
    run_import(received(shop, csv_bytes()).pk)
    assert helpers_called() == 0


@pytest.mark.django_db
def test_a_future_date_is_judged_by_when_the_file_came(shop: Shop) -> None:
    batch = received(shop, csv_bytes([("1", "甲", "", "好", "2026-11-20", "杯子", "")], HEADINGS))
    ImportBatch.objects.filter(pk=batch.pk).update(uploaded_at=timezone.make_aware(datetime(2026, 11, 1)))
    run(batch.pk)
    assert batch.rejections.get().reason == "future_date"


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


@pytest.mark.django_db
def test_what_is_given_up_while_it_is_looked_at_stays_so(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = received(shop, csv_bytes())
    look = recognition.recognise_layout

    def late(*arguments: Any) -> Any:
        assert discard(batch)
        return look(*arguments)

    monkeypatch.setattr(recognition, "recognise_layout", late)
    run(batch.pk)
    batch.refresh_from_db()
    assert batch.status == Status.DISCARDED
    assert not StagedRow.objects.exists()


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


@pytest.mark.django_db
@pytest.mark.usefixtures("_small_chunks")
def test_nobody_looks_for_garbage_within_a_part_and_everybody_may_after_it(
    shop: Shop, many: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    looking: list[bool] = []

    def noting(work: Callable[..., Any]) -> Callable[..., Any]:
        def part(*arguments: Any) -> Any:
            looking.append(gc.isenabled())
            return work(*arguments)

        return part

    monkeypatch.setattr(staging, "_store", noting(staging._store))
    monkeypatch.setattr(merging, "_store_reviews", noting(merging._store_reviews))
    ask = running._ask_for_help
    monkeypatch.setattr(running, "_ask_for_help", lambda batch: (looking.append(gc.isenabled()), ask(batch)))
    run(received(shop, many).pk, takes_turns=True)
    assert set(looking[::2]) == {False}
    assert set(looking[1::2]) == {True}
    with monkeypatch.context() as broken:
        broken.setattr(merging, "store_orders", lambda *_: 1 / 0)
        run(received(shop, many).pk)
    assert gc.isenabled()


def test_what_a_part_left_in_cycles_is_gone_after_it() -> None:
    left: list[weakref.ref[ImportBatch]] = []

    def parts() -> Iterator[None]:
        batch = ImportBatch()
        batch.upload = batch
        left.append(weakref.ref(batch))
        del batch
        yield

    gc.collect()
    assert running._is_one_done(parts())
    assert left[0]() is None
