"""Imports that are killed, fail, run twice or are looked after: always the state of one clean import."""

from __future__ import annotations

import gc
import random
import weakref
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from reviewdesk import queue
from reviews.ingest import running, staging
from reviews.ingest.reading import recognition
from reviews.ingest.reception import discard, go_on
from reviews.ingest.running import run
from reviews.ingest.storing import merging
from reviews.jobs import resume_stalled_imports, run_import
from reviews.models import ImportBatch, Review, Shop, StagedRow
from tests.connections import Killed, killed_at
from tests.reviews.ingest.exports import HEADINGS, ROWS, counts, csv_bytes, imported, received, substance

pytestmark = pytest.mark.usefixtures("classifier")
Status = ImportBatch.Status


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


@pytest.mark.django_db
def test_a_future_date_is_judged_by_when_the_file_came(shop: Shop) -> None:
    batch = received(shop, csv_bytes([("1", "甲", "", "好", "2026-11-20", "杯子", "")], HEADINGS))
    ImportBatch.objects.filter(pk=batch.pk).update(uploaded_at=timezone.make_aware(datetime(2026, 11, 1)))
    run(batch.pk)
    assert batch.rejections.get().reason == "future_date"


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
