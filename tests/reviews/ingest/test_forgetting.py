"""The file of an import goes some months after its end, and what was stored of it stays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone

from reviews.ingest import running
from reviews.ingest.forgetting import forget_files
from reviews.ingest.rejections import rejections_csv
from reviews.ingest.storing import identical
from reviews.models import ImportBatch, Review, Shop
from tests.reviews.ingest.exports import HEADINGS, ROWS, counts, csv_bytes, imported
from tests.reviews.ingest.files import xlsx

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("classifier")]

FILE = csv_bytes([*ROWS, ("1.2E+17", *ROWS[0][1:])])
LATER = timedelta(days=91)
Status = ImportBatch.Status


@pytest.fixture
def batch(shop: Shop) -> ImportBatch:
    """Done, with one refused row."""
    return imported(shop, FILE)


def is_stored(name: str | None) -> bool:
    return default_storage.exists(name or "")


def test_the_file_goes_and_what_was_stored_stays(batch: ImportBatch) -> None:
    name, before, reviews = batch.file.name, counts(batch), Review.objects.count()
    assert forget_files(now=timezone.now() + LATER) == 1
    batch.refresh_from_db()
    assert not is_stored(name)
    assert (batch.file.name, batch.samples, counts(batch)) == ("", {}, before)
    assert Review.objects.count() == reviews
    assert forget_files(now=timezone.now() + LATER) == 0


def test_a_refused_row_keeps_its_line_and_reason(batch: ImportBatch) -> None:
    forget_files(now=timezone.now() + LATER)
    refused = batch.rejections.get()
    assert (refused.value, refused.cells) == ("", [])
    assert (refused.line, refused.column, refused.reason) == (len(ROWS) + 2, "订单号", "damaged_number")
    assert "1.2E+17" not in "".join(rejections_csv(batch))


def test_what_nobody_noted_of_it_goes_along(batch: ImportBatch) -> None:
    stray = default_storage.save(batch.file.name.replace(".csv", "-1234.csv"), ContentFile(b"left by a killed worker"))
    forget_files(now=timezone.now() + LATER)
    assert not is_stored(stray)


def test_it_is_kept_until_then(batch: ImportBatch) -> None:
    assert forget_files(now=timezone.now() + timedelta(days=89)) == 0
    assert is_stored(batch.file.name)


@pytest.mark.parametrize(
    ("changes", "goes"),
    [
        ({"status": Status.UNDONE}, True),
        ({"status": Status.DISCARDED}, True),
        ({"status": Status.FAILED}, True),
        ({"status": Status.FAILED, "failed_during": Status.MERGING}, False),
        ({"status": Status.READY, "finished_at": None}, False),
        ({"status": Status.STAGING, "finished_at": None}, False),
    ],
)
def test_what_may_go_on_keeps_its_file(batch: ImportBatch, changes: dict[str, Any], goes: bool) -> None:
    ImportBatch.objects.filter(pk=batch.pk).update(**changes)
    assert forget_files(now=timezone.now() + LATER) == goes
    assert is_stored(batch.file.name) is not goes


def test_a_workbook_of_two_tables_goes_with_the_last_of_them(shop: Shop) -> None:
    grid = [HEADINGS, *ROWS]
    first = imported(shop, xlsx({"一": grid, "二": grid}), name="两张.xlsx")
    second = ImportBatch.objects.get(upload=first)
    ImportBatch.objects.filter(pk=second.pk).update(status=Status.READY)
    workbook, table = first.file.name, first.table.name
    assert forget_files(now=timezone.now() + LATER) == 1
    assert (is_stored(workbook), is_stored(table)) == (True, False)
    ImportBatch.objects.filter(pk=second.pk).update(status=Status.DONE)
    assert forget_files(now=timezone.now() + LATER) == 1
    assert not is_stored(workbook)


def test_the_same_file_is_read_again_where_its_refused_rows_are_forgotten(
    shop: Shop, batch: ImportBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    forget_files(now=timezone.now() + LATER)
    monkeypatch.setattr(running, "settle_identical", identical.settle_identical)
    again = imported(shop, FILE)
    assert counts(again) == counts(batch) | {"created": 0, "unchanged": len(ROWS)}
    assert again.rejections.get().value == "1.2E+17"


def test_the_page_says_so(batch: ImportBatch, sign_in: Callable[[User], Client], admin: User) -> None:
    client = sign_in(admin)
    assert "文件已删除" not in client.get(batch.get_absolute_url()).content.decode()
    forget_files(now=timezone.now() + LATER)
    assert "文件已删除" in client.get(batch.get_absolute_url()).content.decode()
