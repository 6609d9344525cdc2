"""What search knows follows the imports."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from reviewdesk import queue
from reviews.ingest.storing.undoing import undo_import
from reviews.jobs import make_searchable as make_searchable_job
from reviews.models import ImportBatch, Review, SearchEntry, Shop
from reviews.text_search import entries
from reviews.text_search.entries import make_searchable
from reviews.text_search.query import saying
from tests.reviews.ingest.exports import ROWS, csv_bytes, imported

MakeReview = Callable[..., Review]


def found(q: str) -> list[Review]:
    return list(Review.objects.filter(saying(q)))


def test_an_import_becomes_searchable_once(shop: Shop) -> None:
    batch = imported(shop, csv_bytes())
    word = ROWS[0][3][:3]
    assert found(word) == []
    assert make_searchable() == batch.created
    assert found(word)
    assert make_searchable() == 0


def test_a_changed_text_is_found_by_its_new_words_only(shop: Shop) -> None:
    imported(shop, csv_bytes())
    make_searchable()
    imported(shop, csv_bytes([(*ROWS[0][:3], "全新的话语", *ROWS[0][4:])]))
    make_searchable()
    assert len(found("全新的话")) == 1
    assert SearchEntry.objects.count() == Review.objects.count()


def test_undoing_an_import_gives_the_old_words_back(shop: Shop, admin: User) -> None:
    imported(shop, csv_bytes())
    changing = imported(shop, csv_bytes([(*ROWS[0][:3], "全新的话语", *ROWS[0][4:])]))
    make_searchable()
    undo_import(batch=changing, actor=admin, now=timezone.now())
    make_searchable()
    assert found("全新的话") == []
    assert found(ROWS[0][3][:3])


def test_a_large_import_is_written_in_stretches_and_taken_up_where_it_was_left(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entries, "WRITTEN_AT_ONCE", 1)
    batch = imported(shop, csv_bytes())
    monkeypatch.setattr(queue, "is_anyone_waiting", lambda: True)
    assert make_searchable_job() == 1
    batch.refresh_from_db()
    assert batch.searchable_at is None
    monkeypatch.setattr(queue, "is_anyone_waiting", lambda: False)
    assert make_searchable_job() == batch.created - 1
    assert SearchEntry.objects.count() == batch.created


def test_imports_under_way_wait(shop: Shop) -> None:
    batch = imported(shop, csv_bytes())
    ImportBatch.objects.filter(pk=batch.pk).update(status=ImportBatch.Status.MERGING)
    assert make_searchable() == 0


def test_without_redis_the_sweep_does_it(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, caplog: Any, django_capture_on_commit_callbacks: Any
) -> None:
    def away(*_: Any) -> None:
        raise queue.RedisError

    monkeypatch.setattr(queue, "enqueue", away)
    with django_capture_on_commit_callbacks(execute=True):
        entries.queue_search()
    assert "make_searchable waits for its sweep" in caplog.text
