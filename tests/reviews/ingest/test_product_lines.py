"""Categories in files become the lines of products, unless a person chose them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from reviews.models import ImportBatch, Product, Shop
from tests.reviews.ingest.exports import HEADINGS, ROWS, counts, csv_bytes, imported

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("classifier")]

SHIRT, CUP = "夏季短袖T恤", "不锈钢保温杯"


def export(shirt: str, cup: str, heading: str = "类目") -> bytes:
    """ROWS with a category for either product."""
    rows = [(*row, shirt if row[5] == SHIRT else cup) for row in ROWS]
    return csv_bytes(rows, (*HEADINGS, heading))


def lines(shop: Shop) -> dict[str, str]:
    return dict(Product.objects.filter(shop=shop).values_list("title", "line"))


@pytest.mark.parametrize("heading", ["类目", "一级类目", "商品类目", "Category", "产品线", "product_line"])
def test_a_category_becomes_the_line_of_its_product(shop: Shop, heading: str) -> None:
    imported(shop, export("服装", "餐具", heading))
    assert lines(shop) == {SHIRT: "服装", CUP: "餐具"}


def test_of_a_path_the_first_level_counts_and_nothing_is_no_line(shop: Shop) -> None:
    imported(shop, export("女装/女士精品 >> T恤>>短袖", "无"))
    assert lines(shop) == {SHIRT: "女装/女士精品", CUP: ""}


def test_a_later_file_fills_in_and_corrects_but_an_empty_cell_erases_nothing(shop: Shop, other_shop: Shop) -> None:
    imported(other_shop, export("服装", "餐具"))
    imported(shop, csv_bytes())
    assert lines(shop) == {SHIRT: "", CUP: ""}
    batch = imported(shop, export("服装", "餐具"))
    assert lines(shop) == {SHIRT: "服装", CUP: "餐具"}
    assert counts(batch)["unchanged"] == 5, "the reviews say what they said"
    imported(shop, export("女装", ""))
    assert lines(shop) == {SHIRT: "女装", CUP: "餐具"}
    assert lines(other_shop) == {SHIRT: "服装", CUP: "餐具"}


def test_a_file_of_orders_tells_lines_too(shop: Shop) -> None:
    headings = ("订单编号", "买家应付货款", "宝贝标题", "类目")
    rows: Sequence[Sequence[str]] = [
        ("5001", "39.00", SHIRT, "服装"),
        ("5002", "59.00", SHIRT, "服装"),
        ("5002", "59.00", CUP, ""),
    ]
    batch = imported(shop, csv_bytes(rows, headings))
    assert batch.kind == ImportBatch.Kind.ORDERS
    assert lines(shop) == {SHIRT: "服装", CUP: ""}, "the line of a parcel's other item is not the cup's"


def test_what_a_person_chose_stays_emptied_lines_too(shop: Shop) -> None:
    imported(shop, csv_bytes())
    Product.objects.filter(title=SHIRT).update(line="夏装", is_line_chosen=True)
    Product.objects.filter(title=CUP).update(line="", is_line_chosen=True)
    imported(shop, export("服装", "餐具"))
    assert lines(shop) == {SHIRT: "夏装", CUP: ""}


def test_an_item_told_later_leaves_the_line_alone(shop: Shop) -> None:
    imported(shop, export("服装", "餐具"))
    imported(shop, csv_bytes([(*row, "77" if row[5] == CUP else "66") for row in ROWS], (*HEADINGS, "宝贝ID")))
    assert lines(shop) == {SHIRT: "服装", CUP: "餐具"}
    assert set(Product.objects.values_list("item_id", flat=True)) == {"66", "77"}


def test_a_line_typed_by_an_admin_is_a_choice_until_the_mark_is_taken_off(
    shop: Shop, admin: User, sign_in: Callable[[User], Client]
) -> None:
    imported(shop, export("服装", "餐具"))
    shirt = Product.objects.get(title=SHIRT)
    page = reverse("admin:reviews_product_change", args=[shirt.pk])
    client = sign_in(admin)

    assert client.post(page, {"line": "服装", "is_promoted": "on"}).status_code == 302
    shirt.refresh_from_db()
    assert (shirt.is_promoted, shirt.is_line_chosen) == (True, False), "nothing was said of the line"

    client.post(page, {"line": "夏装"})
    imported(shop, export("服装", "餐具"))
    shirt.refresh_from_db()
    assert (shirt.line, shirt.is_line_chosen) == ("夏装", True)

    client.post(page, {"line": "夏装"})
    imported(shop, export("女装", "餐具"))
    assert lines(shop)[SHIRT] == "女装"
