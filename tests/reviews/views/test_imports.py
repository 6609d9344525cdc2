from __future__ import annotations

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
from reviews.models import ImportBatch, Review, Shop
from tests.reviews.ingest.exports import ROWS, csv_bytes, imported, looked_at, received

IMPORTS = "/imports/"
Source = ImportBatch.Source
Status = ImportBatch.Status


def upload(page: Client, shop: Shop, *contents: bytes, name: str = "export.csv") -> Any:
    return page.post(IMPORTS, {"shop": shop.pk, "file": [SimpleUploadedFile(name, content) for content in contents]})


def body(response: Any) -> str:
    return str(response.content.decode())


def made(shop: Shop, **fields: Any) -> ImportBatch:
    return ImportBatch.objects.create(shop=shop, **{"file_name": "export.csv", "file_bytes": 10} | fields)


def listed(page: Client, query: str = "") -> list[str]:
    """Names of the files in the list."""
    return [batch.file_name for batch in page.get(f"{IMPORTS}{query}").context["page"]]


def test_an_upload_is_queued_and_leads_to_its_page(
    page: Client, shop: Shop, admin: User, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        response = upload(page, shop, csv_bytes(), name="九月评价.csv")
    batch = ImportBatch.objects.get()
    assert response.url == f"/imports/{batch.pk}/"
    assert (batch.status, batch.uploaded_by, batch.file_name) == (Status.RECEIVED, admin, "九月评价.csv")
    assert queue.state().waiting == 1
    assert "Looking at the file" in body(page.get(response.url))
    assert not Review.objects.exists()


def test_several_files_become_several_imports(page: Client, shop: Shop) -> None:
    response = upload(page, shop, csv_bytes(), csv_bytes(ROWS[:2]))
    assert response.url == IMPORTS
    assert ImportBatch.objects.count() == 2
    assert "2 files received." in body(page.get(IMPORTS))


def test_one_bad_file_of_several_refuses_all(page: Client, shop: Shop) -> None:
    response = upload(page, shop, csv_bytes(), b"")
    assert response.status_code == 422
    assert "The file is empty" in body(response)
    assert not ImportBatch.objects.exists()


def test_a_shop_is_chosen_by_a_person_unless_there_is_only_one(page: Client, shop: Shop, other_shop: Shop) -> None:
    assert '<option value="" selected>Choose a shop</option>' in body(page.get(IMPORTS))
    response = page.post(IMPORTS, {"file": SimpleUploadedFile("export.csv", csv_bytes())})
    assert "Choose the shop that the reviews belong to." in body(response)
    other_shop.delete()
    assert "Choose a shop" not in body(page.get(IMPORTS))


def test_no_file_and_a_file_above_the_limit(page: Client, shop: Shop, settings: Any) -> None:
    assert "Choose the file to import" in body(page.post(IMPORTS, {"shop": shop.pk}))
    settings.UPLOAD_LIMIT_MB = 1
    response = upload(page, shop, csv_bytes(ROWS * 6000))
    assert response.status_code == 422
    assert "at most 1.0\xa0MB" in body(response)
    assert not ImportBatch.objects.exists()


def test_pushes_hide_behind_their_number(page: Client, shop: Shop) -> None:
    made(shop, file_name="file.csv")
    made(shop, file_name="command.csv", source=Source.COMMAND)
    for number in (1, 2):
        made(shop, file_name=f"push {number}", source=Source.PUSH)
    old = made(shop, file_name="old push", source=Source.PUSH)
    ImportBatch.objects.filter(pk=old.pk).update(uploaded_at=timezone.now() - timedelta(days=2))
    assert listed(page) == ["command.csv", "file.csv"]
    assert "2 pushes today" in body(page.get(IMPORTS))
    assert listed(page, "?source=push") == ["push 2", "push 1", "old push"]
    assert len(listed(page, "?source=all")) == 5
    assert listed(page, "?source=upload") == ["file.csv"]


def test_the_list_is_filtered_by_name_shop_and_state(page: Client, shop: Shop, other_shop: Shop) -> None:
    made(shop, file_name="九月评价.csv", status=Status.DONE)
    made(shop, file_name="October.csv", status=Status.FAILED)
    made(other_shop, file_name="九月订单.csv", status=Status.DONE)
    assert listed(page, "?q=九月") == ["九月订单.csv", "九月评价.csv"]
    assert listed(page, "?q=OCTOBER") == ["October.csv"]
    assert listed(page, f"?shop={other_shop.pk}") == ["九月订单.csv"]
    assert listed(page, f"?status=done&shop={shop.pk}") == ["九月评价.csv"]
    assert "No import matches" in body(page.get(f"{IMPORTS}?status=undone"))


@pytest.mark.parametrize("query", ["?status=nonsense", "?shop=abc", "?shop=999999", "?source=x", "?page=x"])
def test_a_filter_that_makes_no_sense_filters_nothing(page: Client, shop: Shop, query: str) -> None:
    made(shop)
    assert listed(page, query) == ["export.csv"]


def test_the_list_is_paged_and_keeps_its_filter(page: Client, shop: Shop) -> None:
    for number in range(27):
        made(shop, file_name=f"{number}.csv", status=Status.DONE)
    made(shop, status=Status.FAILED)
    assert "?status=done&amp;page=2" in body(page.get(f"{IMPORTS}?status=done"))
    assert listed(page, "?status=done&page=2") == ["1.csv", "0.csv"]


def test_the_list_is_polled_while_an_import_runs(page: Client, shop: Shop) -> None:
    batch = made(shop, status=Status.STAGING)
    fragment = body(page.get(IMPORTS, headers={"HX-Request": "true"}))
    assert fragment.lstrip().startswith('<div id="import-list" hx-get="/imports/?"')
    ImportBatch.objects.filter(pk=batch.pk).update(status=Status.DONE)
    assert "hx-get" not in body(page.get(IMPORTS, headers={"HX-Request": "true"}))


@pytest.mark.usefixtures("classifier")
def test_the_list_tells_what_was_rejected(page: Client, shop: Shop) -> None:
    imported(shop, csv_bytes([*ROWS, ("6", "甲", "", "好", "昨天", "杯子", "")]))
    assert "Done, 1 rejected" in body(page.get(IMPORTS))


@pytest.mark.usefixtures("classifier")
def test_the_list_takes_the_same_queries_for_any_number_of_imports(
    page: Client, shop: Shop, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(3):
        imported(shop, csv_bytes())
    page.get(IMPORTS)
    # Session, user, groups, presence in the header, shops, count and page of the imports, today's pushes.
    with django_assert_num_queries(8):
        shown = body(page.get(IMPORTS))
    assert shown.count(f'href="/imports/{ImportBatch.objects.first().pk}/"') == 1  # type: ignore[union-attr]


ACTIONS = ["confirm_import", "go_on", "discard", "undo"]


@pytest.mark.parametrize("role", ["agent", "supervisor"])
def test_only_admins_import(role: str, shop: Shop, sign_in: Callable[[User], Client], request: Any) -> None:
    client = sign_in(request.getfixturevalue(role))
    batch = looked_at(shop, csv_bytes())
    for url in (IMPORTS, batch.get_absolute_url(), reverse("reviews:rejections", args=[batch.pk])):
        assert client.get(url).status_code == 403
    assert client.post(IMPORTS, {}).status_code == 403
    for action in ACTIONS:
        assert client.post(reverse(f"reviews:{action}", args=[batch.pk])).status_code == 403
    batch.refresh_from_db()
    assert batch.status == Status.READY


def test_strangers_sign_in_first_and_unknown_imports_are_404(page: Client, client: Client) -> None:
    assert client.get(IMPORTS).status_code == 302
    assert page.get("/imports/999999/").status_code == 404
    assert page.get("/imports/999999/rejected.csv").status_code == 404
    for action in ACTIONS:
        assert page.post(reverse(f"reviews:{action}", args=[999999])).status_code == 404


@pytest.mark.parametrize("action", ACTIONS)
def test_what_changes_an_import_is_a_post(page: Client, shop: Shop, action: str) -> None:
    batch = received(shop, csv_bytes())
    assert page.get(reverse(f"reviews:{action}", args=[batch.pk])).status_code == 405
