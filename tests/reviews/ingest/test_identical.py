from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from reviews.ingest import running
from reviews.ingest.reading import recognition
from reviews.ingest.reception import request_undo
from reviews.ingest.rejections import rejections_csv
from reviews.ingest.storing import identical
from reviews.models import ImportBatch, Review, Shop
from tests.conftest import NOW
from tests.reviews.ingest.exports import ROWS, FakeClassifier, counts, csv_bytes, imported, looked_at, whole_tables

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("classifier")]

FILE = csv_bytes([*ROWS, ("1.2E+17", *ROWS[0][1:]), ROWS[0]])
"""With a refused line, and one that says the same as another."""


@pytest.fixture(autouse=True)
def _known_files_are_settled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "settle_identical", identical.settle_identical)


@pytest.fixture
def parts_read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry for each import whose rows are read."""
    read: list[int] = []
    stage_parts = running.stage_parts

    def noted(batch: ImportBatch) -> object:
        read.append(batch.pk)
        return stage_parts(batch)

    monkeypatch.setattr(running, "stage_parts", noted)
    return read


def read_anew(shop: Shop, content: bytes, monkeypatch: pytest.MonkeyPatch) -> ImportBatch:
    with monkeypatch.context() as context:
        context.setattr(running, "settle_identical", lambda batch: False)
        return imported(shop, content)


def test_it_ends_as_if_it_had_been_read_without_being_read(
    shop: Shop, parts_read: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = imported(shop, FILE)
    read = read_anew(shop, FILE, monkeypatch)
    stored = whole_tables()
    settled = imported(shop, FILE)
    assert parts_read == [first.pk, read.pk]
    assert settled.status == ImportBatch.Status.DONE
    assert counts(settled) == counts(read) == {"rows": 7, "created": 0, "updated": 0, "unchanged": 6, "rejected": 1}
    assert (settled.negative, settled.cases_opened, settled.repeats) == (read.negative, read.cases_opened, read.repeats)
    assert "".join(rejections_csv(settled)) == "".join(rejections_csv(read))
    assert whole_tables() == stored
    assert settled.finished_at is not None


def test_it_stands_in_the_way_of_undoing_the_first(shop: Shop, admin: User) -> None:
    first = imported(shop, FILE)
    settled = imported(shop, FILE)
    with pytest.raises(running.UndoRefused, match=f"#{settled.pk}"):
        request_undo(first, admin)


def test_a_file_that_changed_something_in_between_has_it_read(shop: Shop, parts_read: list[int]) -> None:
    imported(shop, FILE)
    other = imported(shop, csv_bytes([(*ROWS[0][:3], "等了十天", *ROWS[0][4:])]))
    again = imported(shop, FILE)
    assert again.pk in parts_read
    assert (other.updated, again.updated) == (1, 1)
    assert Review.objects.get(order_number="1001").content == ROWS[0][3]


def test_what_was_undone_is_read(shop: Shop, admin: User, parts_read: list[int]) -> None:
    first = imported(shop, FILE)
    later = imported(shop, FILE)
    for batch in (later, first):
        assert request_undo(batch, admin)
        running.run(batch.pk)
    again = imported(shop, FILE)
    assert again.pk in parts_read
    assert again.created == 5


def test_an_undo_of_another_import_has_it_read(shop: Shop, admin: User, parts_read: list[int]) -> None:
    other = imported(shop, csv_bytes([("2001", *ROWS[0][1:])]))
    imported(shop, FILE)
    assert request_undo(other, admin)
    running.run(other.pk)
    assert imported(shop, FILE).pk in parts_read


def test_an_import_that_stores_right_now_has_it_read(shop: Shop, parts_read: list[int]) -> None:
    imported(shop, FILE)
    other = looked_at(shop, csv_bytes([("2001", *ROWS[0][1:])]))
    assert imported(shop, FILE).pk not in parts_read, "what waits for a person has stored nothing"
    ImportBatch.objects.filter(pk=other.pk).update(status=ImportBatch.Status.MERGING)
    assert imported(shop, FILE).pk in parts_read


def test_the_same_file_for_another_shop_is_read(shop: Shop, other_shop: Shop) -> None:
    imported(shop, FILE)
    assert imported(other_shop, FILE).created == 5


def test_rows_that_came_from_the_future_are_read_again(shop: Shop, parts_read: list[int]) -> None:
    tomorrow = timezone.localtime(timezone.now() + timedelta(days=3))
    rows = [*ROWS, ("1006", *ROWS[0][1:4], f"{tomorrow:%F %T}", *ROWS[0][5:])]
    assert imported(shop, csv_bytes(rows)).rejected == 1
    again = imported(shop, csv_bytes(rows))
    assert again.pk in parts_read


def test_code_that_may_read_it_otherwise_reads_it(
    shop: Shop, parts_read: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    imported(shop, FILE)
    monkeypatch.setattr(recognition, "reading_code", lambda: "newer")
    assert imported(shop, FILE).pk in parts_read


def test_a_review_not_seen_elsewhere_loses_its_mark(shop: Shop, parts_read: list[int]) -> None:
    imported(shop, FILE)
    marked = Review.objects.filter(order_number="1001")
    marked.update(not_seen_at=NOW)
    assert imported(shop, FILE).pk in parts_read
    assert not marked.filter(not_seen_at__isnull=False).exists()


def test_an_upload_is_read_for_its_preview(shop: Shop, parts_read: list[int], classifier: FakeClassifier) -> None:
    imported(shop, FILE)
    waiting = looked_at(shop, FILE)
    assert waiting.pk in parts_read
    assert waiting.forecast["unchanged"] == 6
