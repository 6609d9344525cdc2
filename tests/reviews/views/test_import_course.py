"""The page of an import under way and at its end: progress, result, rejected rows, undoing."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from reviews.ingest.running import run
from reviews.models import ImportBatch, Review, Shop
from tests.reviews.ingest.exports import HEADINGS, ROWS, counts, csv_bytes, imported, looked_at, received
from tests.reviews.views.import_page import BAD_DATE, CHOSEN, body, shown

Status = ImportBatch.Status


@pytest.mark.parametrize("action", ["confirm", "go-on", "discard"])
@pytest.mark.usefixtures("classifier")
def test_who_comes_too_late_is_told_so(page: Client, shop: Shop, action: str) -> None:
    batch = imported(shop, csv_bytes())
    response = page.post(f"/imports/{batch.pk}/{action}/", CHOSEN, follow=True)
    assert "the import has moved on" in body(response)
    batch.refresh_from_db()
    assert batch.status == Status.DONE


@pytest.mark.usefixtures("classifier")
def test_the_result_leads_to_what_came_of_it(page: Client, shop: Shop) -> None:
    batch = imported(shop, csv_bytes([*ROWS, BAD_DATE]))
    text = shown(page, batch)
    for link in (
        f"/imports/{batch.pk}/rejected.csv",
        f"/reviews/?batch={batch.pk}&amp;negative=1",
        f"/desk/?batch={batch.pk}",
    ):
        assert link in text
    assert f'hx-get="{batch.get_absolute_url()}"' not in text, "what is done is not polled"
    assert "not a date" in text


@pytest.mark.parametrize(("rows", "tells"), [(999, False), (1000, True)])
def test_the_speed_is_told_of_files_long_enough_to_have_one(page: Client, shop: Shop, rows: int, tells: bool) -> None:
    batch = received(shop, csv_bytes())
    started = timezone.now()
    times = {"started_at": started, "finished_at": started + timedelta(seconds=2)}
    ImportBatch.objects.update(status=Status.DONE, rows=rows, **times)
    assert ("rows/s" in shown(page, batch)) == tells


def test_htmx_gets_the_state_alone_and_polls_while_it_runs(page: Client, shop: Shop) -> None:
    batch = received(shop, csv_bytes())
    ImportBatch.objects.update(status=Status.STAGING, table_bytes=1000, bytes_read=500, rows=2)
    fragment = body(page.get(batch.get_absolute_url(), headers={"HX-Request": "true"}))
    assert fragment.lstrip().startswith('<div id="import-state"')
    assert 'hx-trigger="every 1s"' in fragment
    assert 'aria-valuenow="50"' in fragment
    assert "<html" in shown(page, batch)


def test_the_poll_ends_with_the_preview(page: Client, shop: Shop) -> None:
    batch = looked_at(shop, csv_bytes())
    fragment = body(page.get(batch.get_absolute_url(), headers={"HX-Request": "true"}))
    assert fragment.lstrip().startswith('<div id="import-state"')
    assert "hx-trigger" not in fragment
    assert "Import 5 rows" in fragment


def test_a_file_that_cannot_be_read_is_explained_and_does_not_go_on(page: Client, shop: Shop) -> None:
    batch = looked_at(shop, csv_bytes() + b"\xff\xff")
    text = shown(page, batch)
    assert "UTF-8" in batch.error
    assert batch.error in text
    assert "Upload another file" in text
    assert "Go on" not in text


def test_an_import_that_stopped_says_why_and_goes_on(page: Client, shop: Shop) -> None:
    batch = looked_at(shop, csv_bytes())
    ImportBatch.objects.update(status=Status.FAILED, error="It <broke>.", failed_during=Status.MERGING)
    text = shown(page, batch)
    assert "It &lt;broke&gt;." in text
    assert "Go on" in text
    page.post(f"/imports/{batch.pk}/go-on/")
    batch.refresh_from_db()
    assert (batch.status, batch.error) == (Status.MERGING, "")


REFUSED = [
    ("=2+5", "-甲", "", "+好", "昨天", "@杯子", ""),
    ("8", "乙", "6", "一般", "2026-11-02", "杯子", ""),
    ("9", "丙", "好评"),
    ("10", "丁", "好评", "多", "2026-11-02", "杯子", "", "多余"),
]


@pytest.mark.usefixtures("classifier")
def test_the_rejected_rows_download_safely_with_their_reasons(page: Client, shop: Shop) -> None:
    batch = looked_at(shop, csv_bytes([*ROWS, *REFUSED]))
    response = page.get(f"/imports/{batch.pk}/rejected.csv")
    content = b"".join(response.streaming_content)
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert rows[0] == ["Line", "Column", "Value", "Reason", *HEADINGS]
    assert [row[0] for row in rows[1:]] == ["7", "8", "9", "10"]
    assert rows[1][1:3] == ["评价时间", "昨天"]
    assert rows[2][1:4] == ["评价结果", "6", "This is not a rating: use 好评, 中评, 差评, good, neutral, bad or 1 to 5"]
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)


@pytest.mark.usefixtures("classifier")
def test_the_rejected_rows_can_be_corrected_and_uploaded_again(page: Client, shop: Shop) -> None:
    batch = imported(shop, csv_bytes([*ROWS, *REFUSED]))
    content = b"".join(page.get(f"/imports/{batch.pk}/rejected.csv").streaming_content).decode()
    corrected = imported(shop, content.replace(",昨天,'@", ",2026-11-02,'@").replace(",6,一般", ",2,一般").encode())
    assert counts(corrected) == {"rows": 4, "created": 2, "updated": 0, "unchanged": 0, "rejected": 2}
    assert set(corrected.rejections.values_list("reason", flat=True)) == {"too_few_cells", "too_many_cells"}
    review = Review.objects.get(content="+好")
    assert review.buyer_name == "-甲"
    assert review.order_number == "=2+5"


@pytest.mark.usefixtures("classifier")
def test_an_import_is_undone_from_its_page(page: Client, shop: Shop) -> None:
    batch = imported(shop, csv_bytes())
    assert "<dt>Reviews withdrawn</dt><dd>5</dd>" in shown(page, batch)
    page.post(f"/imports/{batch.pk}/undo/")
    assert "Taking the import back" in shown(page, batch)
    run(batch.pk)
    text = shown(page, batch)
    assert "Undone on" in text
    assert "by admin. Importing the file again starts afresh." in text
    assert not Review.objects.exists()


@pytest.mark.usefixtures("classifier")
def test_what_keeps_an_import_from_being_undone_is_said(page: Client, shop: Shop) -> None:
    first = imported(shop, csv_bytes())
    later = imported(shop, csv_bytes())
    text = shown(page, first)
    assert "It cannot be undone as things stand:" in text
    assert f"#{later.pk}" in text
    assert "undo/" not in text
    response = page.post(f"/imports/{first.pk}/undo/", follow=True)
    assert "A later import holds the same reviews" in body(response)
    first.refresh_from_db()
    assert first.status == Status.DONE


def test_the_tables_of_one_upload_lead_to_each_other(page: Client, shop: Shop) -> None:
    first, second, alone = (
        ImportBatch.objects.create(shop=shop, file_name=name, file_bytes=1, table="x.csv", status=Status.FAILED)
        for name in ("a.xlsx › 九月", "a.xlsx › 十月", "b.xlsx")
    )
    ImportBatch.objects.filter(pk=second.pk).update(upload=first)
    assert second.get_absolute_url() in shown(page, first)
    assert first.get_absolute_url() in shown(page, second)
    assert "Other tables of this upload" not in shown(page, alone)


def test_tables_found_while_somebody_looks_on_are_named_at_once(page: Client, shop: Shop) -> None:
    first = ImportBatch.objects.create(shop=shop, file_name="a.zip › 九月", file_bytes=1, table="x.csv")
    second = ImportBatch.objects.create(shop=shop, file_name="a.zip › 十月", file_bytes=1, table="x.csv", upload=first)
    fragment = body(page.get(first.get_absolute_url(), headers={"HX-Request": "true"}))
    assert second.get_absolute_url() in fragment


def test_phones_are_masked_in_whatever_cell_was_refused(page: Client, shop: Shop) -> None:
    row = (*ROWS[0][:4], "电话 13812345678", *ROWS[0][5:])
    text = shown(page, looked_at(shop, csv_bytes([row])))
    assert "电话 138****5678" in text
    assert "13812345678" not in text
