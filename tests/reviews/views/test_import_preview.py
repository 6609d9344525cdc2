"""The page of an import that waits for a person: what it would do, and what may be changed before."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from reviewdesk import queue
from reviews.ingest.reading.remembering import remember_columns
from reviews.ingest.running import run
from reviews.models import ImportBatch, Review, Shop
from tests.reviews.ingest.exports import HEADINGS, ROWS, counts, csv_bytes, imported, looked_at
from tests.reviews.views.import_page import BAD_DATE, CHOSEN, UNKNOWN_HEADINGS, body, columns, confirm, shown

Status = ImportBatch.Status
ORDER_HEADINGS = ("订单编号", "买家会员名", "买家应付货款", "物流公司")


@pytest.mark.parametrize(
    ("delimiter", "name"), [(",", "comma"), (";", "semicolon"), ("|", "vertical bar"), ("\t", "tab")]
)
def test_the_preview_names_the_delimiter(page: Client, shop: Shop, delimiter: str, name: str) -> None:
    assert f"separated by {name}" in shown(page, looked_at(shop, csv_bytes(delimiter=delimiter)))


@pytest.mark.usefixtures("classifier")
def test_the_preview_tells_what_was_recognised_and_stores_nothing(page: Client, shop: Shop) -> None:
    batch = looked_at(shop, csv_bytes(encoding="gb18030", delimiter="\t"), "九月评价.csv")
    text = shown(page, batch)
    for what in (
        "九月评价.csv",
        "GB18030",
        "separated by tab",
        "Taobao seller tools",
        "not verified against a real export",
        "等了九天,物流太慢",
        "2026-11-02 10:00",
        "2026-11-02 – 2026-11-04",
    ):
        assert what in text
    assert not Review.objects.exists()


@pytest.mark.usefixtures("classifier")
def test_the_preview_shows_the_first_rows_of_every_kind(page: Client, shop: Shop) -> None:
    imported(shop, csv_bytes())
    turned = (*ROWS[1][:2], "差评", "洗了一次就褪色", *ROWS[1][4:])
    batch = looked_at(shop, csv_bytes([ROWS[0], turned, ("7", *ROWS[2][1:]), BAD_DATE], HEADINGS))
    response = page.get(batch.get_absolute_url())
    preview = response.context["preview"]
    assert [line for line, _values in preview.created.rows] == [4]
    assert [line for line, _values in preview.unchanged.rows] == [2]
    [change] = preview.updated
    assert (change.line, change.fields) == (
        3,
        [("Rating or stars", "Good", "Bad"), ("Review text", "质量很好", "洗了一次就褪色")],
    )
    [refusal] = preview.rejected
    assert refusal == (5, "评价时间", "昨天", "This is not a date such as 2026-11-20 21:14")
    assert batch.rows == sum(batch.forecast.values()) == 4
    assert "Import 3 rows into 第一小店 (Taobao)" in body(response)


@pytest.mark.usefixtures("classifier")
def test_a_change_late_in_a_long_text_is_shown_where_it_is(page: Client, shop: Shop) -> None:
    start = "很" * 500
    rows = [(*ROWS[0][:3], start + ending, *ROWS[0][4:]) for ending in ("好", "差")]
    imported(shop, csv_bytes(rows[:1]))
    batch = looked_at(shop, csv_bytes(rows[1:]))
    [change] = page.get(batch.get_absolute_url()).context["preview"].updated
    assert change.fields == [("Review text", "…" + "很" * 20 + "好", "…" + "很" * 20 + "差")]


def test_the_preview_takes_the_same_queries_for_any_number_of_rows(
    page: Client, shop: Shop, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    many = [(str(number), *ROWS[number % 5][1:]) for number in range(2000)]
    for batch in (looked_at(shop, csv_bytes(ROWS[:1])), looked_at(shop, csv_bytes([*many, BAD_DATE]))):
        # Session, user, groups, presence, the import, its staged rows, their reviews where some change, rejections,
        # remembered columns, an earlier import of the same file.
        with django_assert_num_queries(9):
            assert "What the import would do" in shown(page, batch)


@pytest.mark.usefixtures("classifier")
def test_confirming_stores_exactly_what_was_foretold(
    page: Client, shop: Shop, django_capture_on_commit_callbacks: Any
) -> None:
    batch = looked_at(shop, csv_bytes([*ROWS, BAD_DATE]))
    with django_capture_on_commit_callbacks(execute=True):
        assert confirm(page, batch).url == batch.get_absolute_url()
    assert queue.state().waiting == 1
    assert 'role="progressbar"' in shown(page, batch)
    run(batch.pk)
    batch.refresh_from_db()
    assert batch.status == Status.DONE
    assert counts(batch) == {"rows": 6} | batch.forecast


@pytest.mark.usefixtures("classifier")
def test_columns_nobody_knows_are_chosen_looked_at_and_then_confirmed(page: Client, shop: Shop) -> None:
    batch = looked_at(shop, csv_bytes(headings=UNKNOWN_HEADINGS))
    text = shown(page, batch)
    assert "No column was recognised for" in text
    assert "Import 5 rows" not in text
    confirm(page, batch)
    batch.refresh_from_db()
    assert batch.status == Status.STAGING
    run(batch.pk)
    assert "Import 5 rows" in shown(page, batch)
    confirm(page, batch)
    run(batch.pk)
    batch.refresh_from_db()
    assert counts(batch)["created"] == 5
    assert Review.objects.get(order_number="1001").content == ROWS[0][3]


def test_other_columns_are_looked_at_before_anything_is_stored(page: Client, shop: Shop) -> None:
    batch = looked_at(shop, csv_bytes())
    response = page.post(f"/imports/{batch.pk}/confirm/", CHOSEN | {"column_6": ""}, follow=True)
    assert "The columns were changed" in body(response)
    batch.refresh_from_db()
    assert (batch.status, batch.is_confirmed) == (Status.STAGING, False)
    assert "sku" not in batch.mapping


def test_looking_again_at_the_same_columns_confirms_nothing(page: Client, shop: Shop) -> None:
    batch = looked_at(shop, csv_bytes())
    confirm(page, batch, look="1")
    batch.refresh_from_db()
    assert (batch.status, batch.is_confirmed) == (Status.READY, False)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"column_6": "content"}, "is already taken from the column"),
        ({"column_4": ""}, "No column is chosen for: Time of the review"),
        ({"column_2": "", "column_3": "", "column_5": "item_id"}, "No column is chosen for: Review text"),
        ({"column_3": "password"}, "password"),
    ],
)
def test_a_mapping_that_makes_no_sense_is_explained(
    page: Client, shop: Shop, change: dict[str, str], message: str
) -> None:
    batch = looked_at(shop, csv_bytes())
    response = confirm(page, batch, **change)
    assert response.status_code == 422
    assert message in body(response)
    assert body(response).index('class="alert alert-danger') < body(response).index('id="state-title"')
    batch.refresh_from_db()
    assert (batch.status, batch.is_confirmed) == (Status.READY, False)


def test_the_preview_says_who_chose_the_columns_and_when(page: Client, shop: Shop, admin: User) -> None:
    batch = looked_at(shop, csv_bytes(headings=UNKNOWN_HEADINGS))
    batch.mapping = {"content": 3, "reviewed_at": 4}
    remember_columns(batch=batch, actor=admin, now=timezone.now())
    ImportBatch.objects.filter(pk=batch.pk).update(mapping=batch.mapping)
    assert f"what admin chose on {timezone.localdate():%Y-%m-%d}" in shown(page, batch)
    ImportBatch.objects.filter(pk=batch.pk).update(mapping={"content": 3})
    assert "what admin chose" not in shown(page, batch), "these are other columns"


def test_the_preview_names_the_shop_and_warns_of_another_platforms_file(
    page: Client, shop: Shop, other_shop: Shop
) -> None:
    warning = "Make sure that the file belongs to this shop"
    assert warning not in shown(page, looked_at(shop, csv_bytes()))
    wrong = shown(page, looked_at(other_shop, csv_bytes()))
    assert "into 第二小店 (JD)" in wrong
    assert "“Taobao seller tools”, but 第二小店 is a shop on JD" in wrong
    own = looked_at(other_shop, csv_bytes(headings=("order_number", *"bcd", "reviewed_at", *"fg")))
    assert warning not in shown(page, own)


def test_a_file_without_rows_cannot_be_started(page: Client, shop: Shop) -> None:
    batch = looked_at(shop, csv_bytes([]))
    text = shown(page, batch)
    assert "There are no rows below the headings." in text
    assert "into 第一小店" not in text
    response = confirm(page, batch)
    assert response.status_code == 422
    assert body(response).count("There are no rows below the headings.") == 1


def test_a_file_of_refused_rows_only_has_nothing_to_import(page: Client, shop: Shop) -> None:
    text = shown(page, looked_at(shop, csv_bytes([BAD_DATE])))
    assert "No row can be stored as it stands" in text
    assert "into 第一小店" not in text


@pytest.mark.usefixtures("classifier")
def test_the_same_file_again_is_noticed_and_works(page: Client, shop: Shop) -> None:
    first = imported(shop, csv_bytes(), "a.csv")
    again = looked_at(shop, csv_bytes(), "b.csv")
    text = shown(page, again)
    assert "This very file" in text
    assert first.get_absolute_url() in text
    confirm(page, again)
    run(again.pk)
    again.refresh_from_db()
    assert counts(again) == {"rows": 5, "created": 0, "updated": 0, "unchanged": 5, "rejected": 0}


def test_an_upload_that_waits_is_discarded_by_name(page: Client, shop: Shop) -> None:
    batch = looked_at(shop, csv_bytes())
    page.post(f"/imports/{batch.pk}/discard/")
    text = shown(page, batch)
    assert "by admin. Nothing of it was stored." in text
    assert "Discarded on" in text
    assert not batch.staged_rows.exists()


@pytest.mark.usefixtures("classifier")
def test_an_export_that_claims_its_days_marks_what_it_lacks(page: Client, shop: Shop) -> None:
    imported(shop, csv_bytes())
    batch = looked_at(shop, csv_bytes(ROWS[1:]))
    days = {"claims": "on", "covers_from": "2026-11-02", "covers_to": "2026-11-04"}
    confirm(page, batch, **days)
    run(batch.pk)
    text = shown(page, batch)
    assert "1 of 5 stored reviews of these days was not in the file." in text
    assert f"/reviews/?shop={shop.pk}&amp;not_seen=missing" in text
    assert Review.objects.get(not_seen_in=batch).order_number == "1001"


@pytest.mark.usefixtures("classifier")
def test_days_without_the_tick_claim_nothing(page: Client, shop: Shop) -> None:
    imported(shop, csv_bytes())
    batch = looked_at(shop, csv_bytes(ROWS[1:]))
    assert 'value="2026-11-02"' in shown(page, batch), "the days of the file are at hand"
    confirm(page, batch, covers_from="2026-11-02", covers_to="2026-11-04")
    run(batch.pk)
    assert "stored reviews of these days" not in shown(page, batch)
    assert not Review.objects.exclude(not_seen_at=None).exists()


@pytest.mark.parametrize(
    ("days", "message"),
    [
        ({"covers_from": "2026-11-04", "covers_to": "2026-11-02"}, "The last day lies before the first."),
        ({"covers_from": "2026-11-02"}, "Say the first and the last day"),
        ({"covers_from": "2026-11-02", "covers_to": "x"}, "Enter a valid date."),
    ],
)
def test_a_claim_that_makes_no_sense_is_explained(page: Client, shop: Shop, days: dict[str, str], message: str) -> None:
    batch = looked_at(shop, csv_bytes())
    response = confirm(page, batch, claims="on", **days)
    assert response.status_code == 422
    assert message in body(response)
    batch.refresh_from_db()
    assert batch.status == Status.READY


def test_looking_again_keeps_the_claim(page: Client, shop: Shop) -> None:
    batch = looked_at(shop, csv_bytes())
    days = {"claims": "on", "covers_from": "2026-11-01", "covers_to": "2026-11-05"}
    confirm(page, batch, look="1", **days)
    form = page.get(batch.get_absolute_url()).context["form"]
    assert form["claims"].value() is True
    assert str(form["covers_from"].value()) == "2026-11-01"


def test_personal_data_is_masked_before_anything_is_stored(page: Client, shop: Shop) -> None:
    headings = ("订单编号", "买家会员名", "买家应付货款", "联系手机", "收货地址", "备用电话")
    row = ("1001", "买**1", "39.90", "13812345678", "广东省 深圳市 南山区 科技路1号", "13987654321")
    text = shown(page, looked_at(shop, csv_bytes([row], headings)))
    assert "138****5678" in text
    assert "139****4321" in text
    for secret in ("13812345678", "13987654321", "科技路"):
        assert secret not in text


@pytest.mark.usefixtures("classifier")
def test_a_file_of_orders_is_told_in_orders(page: Client, shop: Shop) -> None:
    imported(shop, csv_bytes([("1001", "买**1", "39.90", "")], ORDER_HEADINGS))
    batch = looked_at(shop, csv_bytes([("1001", "买**1", "39.90", "圆通"), ("1002", "乙", "9.90", "")], ORDER_HEADINGS))
    response = page.get(batch.get_absolute_url())
    text = body(response)
    assert "What the import would do, in orders" in text
    assert "This export holds all reviews" not in text
    preview = response.context["preview"]
    assert [line for line, _values in preview.created.rows] == [3]
    [change] = preview.updated
    assert (change.about, change.fields) == ("1001", [("Courier", "", "圆通")])
    page.post(f"/imports/{batch.pk}/confirm/", columns("order_number", "buyer_name", "amount", "courier_company"))
    run(batch.pk)
    text = shown(page, batch)
    assert "<dt>Orders removed</dt><dd>at most 1</dd>" in text
    assert "Cases opened" not in text
