from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from reviewdesk import queue
from reviews.ingest.running import run
from reviews.models import ImportBatch, Review, Shop
from tests.reviews.ingest.exports import HEADINGS, ROWS, counts, csv_bytes, imported, received

IMPORTS = "/imports/"
Status = ImportBatch.Status


@pytest.fixture
def page(admin: User, sign_in: Callable[[User], Client]) -> Client:
    client = sign_in(admin)
    client.cookies["django_language"] = "en"
    return client


def upload(page: Client, shop: Shop, content: bytes, name: str = "export.csv") -> Any:
    return page.post(IMPORTS, {"shop": shop.pk, "file": SimpleUploadedFile(name, content)})


def body(response: Any) -> str:
    return str(response.content.decode())


def columns(*fields: str) -> dict[str, str]:
    return {f"column_{index}": field for index, field in enumerate(fields)}


CHOSEN = columns("order_number", "buyer_name", "rating", "content", "reviewed_at", "product_title", "sku")


def test_an_upload_leads_to_its_preview_and_stores_no_review(page: Client, shop: Shop, admin: User) -> None:
    response = upload(page, shop, csv_bytes(encoding="gb18030", delimiter="\t"), "九月评价.csv")
    batch = ImportBatch.objects.get()
    assert response.url == f"/imports/{batch.pk}/"
    assert (batch.status, batch.uploaded_by, batch.file_name) == (Status.UPLOADED, admin, "九月评价.csv")
    shown = body(page.get(response.url))
    for what in (
        "GB18030",
        "tab",
        "Taobao seller tools",
        "等了九天,物流太慢",
        "2026-11-02 10:00",
        "All of them can be stored",
    ):
        assert what in shown
    assert not Review.objects.exists()


def test_the_preview_tells_which_rows_would_be_rejected_and_why(page: Client, shop: Shop) -> None:
    batch = received(shop, csv_bytes([*ROWS, ("6", "甲", "", "好", "昨天", "杯子", "")]))
    shown = body(page.get(batch.get_absolute_url()))
    assert "Rejected among the first 6 rows: 1" in shown
    assert "昨天" in shown
    assert "not a date" in shown


def test_confirming_queues_the_import(page: Client, shop: Shop, django_capture_on_commit_callbacks: Any) -> None:
    batch = received(shop, csv_bytes())
    with django_capture_on_commit_callbacks(execute=True):
        response = page.post(f"/imports/{batch.pk}/confirm/", CHOSEN)
    assert response.url == batch.get_absolute_url()
    batch.refresh_from_db()
    assert batch.status == Status.QUEUED
    assert queue.state().waiting == 1
    shown = body(page.get(response.url))
    assert 'role="progressbar"' in shown
    assert "Waiting for a worker" in shown


@pytest.mark.usefixtures("classifier")
def test_the_mapping_chosen_in_the_preview_is_used(page: Client, shop: Shop) -> None:
    batch = received(shop, csv_bytes(headings=("a", "b", "c", "d", "e", "f", "g")))
    assert batch.mapping == {}
    assert "No column was recognised for" in body(page.get(batch.get_absolute_url()))
    assert page.post(f"/imports/{batch.pk}/confirm/", CHOSEN).status_code == 302
    run(batch.pk)
    batch.refresh_from_db()
    assert counts(batch)["created"] == 5
    assert Review.objects.get(order_number="1001").content == ROWS[0][3]


def test_looking_again_keeps_the_choice_and_starts_nothing(page: Client, shop: Shop) -> None:
    batch = received(shop, csv_bytes())
    chosen = CHOSEN | {"column_6": "", "preview": "1"}
    assert page.post(f"/imports/{batch.pk}/confirm/", chosen).url == batch.get_absolute_url()
    batch.refresh_from_db()
    assert batch.status == Status.UPLOADED
    assert "sku" not in batch.mapping


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"column_6": "content"}, "is already taken from the column"),
        ({"column_4": ""}, "No column is chosen for: Time of the review"),
        ({"column_2": "", "column_3": ""}, "No column is chosen for: Review text"),
        ({"column_3": "password"}, "password"),
    ],
)
def test_a_mapping_that_makes_no_sense_is_explained(
    page: Client, shop: Shop, change: dict[str, str], message: str
) -> None:
    batch = received(shop, csv_bytes())
    response = page.post(f"/imports/{batch.pk}/confirm/", CHOSEN | change)
    assert response.status_code == 422
    assert message in body(response)
    batch.refresh_from_db()
    assert batch.status == Status.UPLOADED


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The file is empty"),
        (b"PK\x03\x04....", "Excel workbook (.xlsx)"),
        (csv_bytes() + b"\xff\xff", "Line 7 has bytes that are not valid UTF-8"),
        ("今天天气很好\n".encode(), "No heading row"),
    ],
)
def test_a_file_that_cannot_be_read_is_explained_and_not_kept(
    page: Client, shop: Shop, content: bytes, message: str
) -> None:
    response = upload(page, shop, content)
    assert response.status_code == 422
    assert message in body(response)
    assert not ImportBatch.objects.exists()


def test_a_shop_is_chosen_by_a_person_unless_there_is_only_one(page: Client, shop: Shop, other_shop: Shop) -> None:
    assert '<option value="" selected>Choose a shop</option>' in body(page.get(IMPORTS))
    response = page.post(IMPORTS, {"file": SimpleUploadedFile("export.csv", csv_bytes())})
    assert "Choose the shop that the reviews belong to." in body(response)
    other_shop.delete()
    assert '<option value="">' not in body(page.get(IMPORTS))


def test_the_preview_names_the_shop_and_warns_of_another_platforms_file(
    page: Client, shop: Shop, other_shop: Shop
) -> None:
    right = body(page.get(received(shop, csv_bytes()).get_absolute_url()))
    assert "Import into 第一小店 (Taobao)" in right
    assert "Make sure that the file belongs to this shop" not in right
    wrong = body(page.get(received(other_shop, csv_bytes()).get_absolute_url()))
    assert "Import into 第二小店 (JD)" in wrong
    assert "“Taobao seller tools”, but 第二小店 is a shop on JD" in wrong
    own = received(other_shop, csv_bytes(headings=("order_number", *"bcd", "reviewed_at", *"fg")))
    assert "Make sure that the file belongs to this shop" not in body(page.get(own.get_absolute_url()))


def test_a_file_without_rows_cannot_be_started(page: Client, shop: Shop) -> None:
    batch = received(shop, csv_bytes([]))
    shown = body(page.get(batch.get_absolute_url()))
    assert "There are no rows below the headings." in shown
    assert "Import into" not in shown
    response = page.post(f"/imports/{batch.pk}/confirm/", CHOSEN)
    assert response.status_code == 422
    assert body(response).count("There are no rows below the headings.") == 1
    batch.refresh_from_db()
    assert batch.status == Status.UPLOADED


def test_no_file_and_a_file_above_the_limit(page: Client, shop: Shop, settings: Any) -> None:
    assert "Choose the file to import" in body(page.post(IMPORTS, {"shop": shop.pk}))
    settings.UPLOAD_LIMIT_MB = 1
    response = upload(page, shop, csv_bytes(ROWS * 6000))
    assert response.status_code == 422
    assert "at most 1.0\xa0MB" in body(response)


@pytest.mark.usefixtures("classifier")
def test_the_result_leads_to_what_came_of_it(page: Client, shop: Shop) -> None:
    batch = imported(shop, csv_bytes([*ROWS, ("6", "甲", "", "好", "昨天", "杯子", "")]))
    shown = body(page.get(batch.get_absolute_url()))
    for link in (
        f"/imports/{batch.pk}/rejected.csv",
        f"/reviews/?batch={batch.pk}&amp;negative=1",
        f"/desk/?batch={batch.pk}",
    ):
        assert link in shown
    assert "hx-get" not in shown, "what is done is not polled"


@pytest.mark.usefixtures("classifier")
def test_the_result_tells_the_first_reasons_of_what_was_rejected(page: Client, shop: Shop) -> None:
    bad = [(str(number), "甲", "", "好", f"第{number}天", "杯子", "") for number in range(6)]
    batch = imported(shop, csv_bytes([*ROWS, *bad]))
    shown = body(page.get(batch.get_absolute_url()))
    assert "Done, 6 rejected" in shown
    assert shown.count("not a date") == 5
    assert "第4天" in shown
    assert "第5天" not in shown
    assert "Done, 6 rejected" in body(page.get(IMPORTS))
    clean = body(page.get(imported(shop, csv_bytes(), "clean.csv").get_absolute_url()))
    assert '<span class="import-status is-done">Done</span>' in clean


@pytest.mark.parametrize(("rows", "tells"), [(999, False), (1000, True)])
def test_the_speed_is_told_of_files_long_enough_to_have_one(page: Client, shop: Shop, rows: int, tells: bool) -> None:
    batch = received(shop, csv_bytes())
    started = timezone.now()
    times = {"started_at": started, "finished_at": started + timedelta(seconds=2)}
    ImportBatch.objects.update(status=Status.DONE, rows=rows, **times)
    assert ("rows/s" in body(page.get(batch.get_absolute_url()))) == tells


def test_htmx_gets_the_state_alone_and_polls_while_it_runs(page: Client, shop: Shop) -> None:
    batch = received(shop, csv_bytes())
    ImportBatch.objects.update(status=Status.STAGING, bytes_read=batch.file_bytes // 2, rows=2)
    fragment = body(page.get(batch.get_absolute_url(), headers={"HX-Request": "true"}))
    assert fragment.lstrip().startswith('<section id="import-state"')
    assert 'hx-trigger="every 1s"' in fragment
    assert 'aria-valuenow="49"' in fragment or 'aria-valuenow="50"' in fragment
    assert "<html" in body(page.get(batch.get_absolute_url()))


def test_a_failed_import_says_why_and_goes_on(page: Client, shop: Shop) -> None:
    batch = received(shop, csv_bytes())
    ImportBatch.objects.update(status=Status.FAILED, error="It <broke>.")
    shown = body(page.get(batch.get_absolute_url()))
    assert "It &lt;broke&gt;." in shown
    assert "Go on" in shown
    page.post(f"/imports/{batch.pk}/confirm/")
    batch.refresh_from_db()
    assert (batch.status, batch.error) == (Status.QUEUED, "")


@pytest.mark.usefixtures("classifier")
def test_the_same_file_again_is_noticed_and_works(page: Client, shop: Shop) -> None:
    imported(shop, csv_bytes())
    again = received(shop, csv_bytes())
    assert "A file of this name and size" in body(page.get(again.get_absolute_url()))
    assert page.post(f"/imports/{again.pk}/confirm/", CHOSEN).status_code == 302


REFUSED = [
    ("=cmd|' /C calc'!A0", "-甲", "", "+好", "昨天", "@杯子", ""),
    ("8", "乙", "6", "一般", "2026-11-02", "杯子", ""),
    ("9", "丙", "好评"),
    ("10", "丁", "好评", "多", "2026-11-02", "杯子", "", "多余"),
]


@pytest.mark.usefixtures("classifier")
def test_the_rejected_rows_download_safely_with_their_reasons(page: Client, shop: Shop) -> None:
    batch = imported(shop, csv_bytes([*ROWS, *REFUSED]))
    assert batch.rejected == 4
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
    assert review.order_number == "=cmd|' /C calc'!A0"


@pytest.mark.usefixtures("classifier")
def test_the_list_takes_the_same_queries_for_any_number_of_imports(
    page: Client, shop: Shop, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(3):
        imported(shop, csv_bytes())
    page.get(IMPORTS)
    # Session, user, groups, presence in the header, the shops of the form, count and page of the imports.
    with django_assert_num_queries(7):
        shown = body(page.get(IMPORTS))
    assert shown.count(f'href="/imports/{ImportBatch.objects.first().pk}/"') == 1  # type: ignore[union-attr]


@pytest.mark.parametrize("role", ["agent", "supervisor"])
def test_only_admins_import(role: str, shop: Shop, sign_in: Callable[[User], Client], request: Any) -> None:
    client = sign_in(request.getfixturevalue(role))
    batch = received(shop, csv_bytes())
    for url in (IMPORTS, batch.get_absolute_url(), reverse("reviews:rejections", args=[batch.pk])):
        assert client.get(url).status_code == 403
    assert client.post(IMPORTS, {}).status_code == 403
    assert client.post(reverse("reviews:confirm_import", args=[batch.pk])).status_code == 403
    batch.refresh_from_db()
    assert batch.status == Status.UPLOADED


def test_strangers_sign_in_first_and_unknown_imports_are_404(page: Client, client: Client) -> None:
    assert client.get(IMPORTS).status_code == 302
    assert page.get("/imports/999999/").status_code == 404
    assert page.post("/imports/999999/confirm/").status_code == 404
    assert page.get("/imports/999999/rejected.csv").status_code == 404


def test_confirming_is_a_post(page: Client, shop: Shop) -> None:
    batch = received(shop, csv_bytes())
    assert page.get(f"/imports/{batch.pk}/confirm/").status_code == 405
