"""Files of orders: recognised by their columns, united by their number, counted by orders, told to open cases."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from cases.inflow.enrichment import follow_orders
from cases.models import Case, Tier
from reviewdesk.sealing import unseal
from reviews.ingest.reading.presets import kind_of, missing_fields
from reviews.ingest.reception import choose_columns
from reviews.ingest.running import run
from reviews.models import ImportBatch, Order, Review, Shop, StagedRow
from tests.conftest import NOW, SHANGHAI
from tests.connections import Killed, killed_at, together
from tests.reviews.ingest.exports import HEADINGS as REVIEW_HEADINGS
from tests.reviews.ingest.exports import ROWS as REVIEW_ROWS
from tests.reviews.ingest.exports import counts, csv_bytes, imported, looked_at, received, substance

pytestmark = pytest.mark.usefixtures("classifier")
Kind = ImportBatch.Kind
MakeReview = Callable[..., Review]
MakeCase = Callable[..., Case]

HEADINGS = (
    "订单编号", "买家会员名", "买家应付货款", "买家应付邮费", "收货人姓名", "收货地址", "运送方式", "联系手机",
    "订单创建时间", "订单付款时间", "确认收货时间", "宝贝标题", "物流单号", "物流公司", "宝贝总数量", "店铺名称",
)  # fmt: skip
FIRST = (
    '="5001"', "momo_88", "1280.50", "12.00", "王小明", "浙江省 杭州市 西湖区 文三路1号", "快递", "'13812345678",
    "2026-11-01 10:00:00", "2026-11-01 10:05:00", "2026-11-05 18:30:00", "不锈钢保温杯", "YT8800", "圆通速递",
    "2", "小店",
)  # fmt: skip
SECOND = (
    "5002", "阿杰2号", "39.00", "0.00", "李雷", "上海上海市浦东新区张江路2号", "EMS", "",
    "2026-11-02 09:00:00", "", "", "夏季短袖T恤", "", "", "1", "小店",
)  # fmt: skip


def orders(*rows: Sequence[str], headings: Sequence[str] = HEADINGS) -> bytes:
    return csv_bytes(rows, headings)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def told(row: Sequence[str], **cells: str) -> list[str]:
    """`row` with other cells, by heading."""
    return [cells.get(heading, cell) for heading, cell in zip(HEADINGS, row, strict=True)]


def test_a_file_of_orders_is_recognised_by_its_columns(shop: Shop) -> None:
    batch = looked_at(shop, orders(FIRST, SECOND))
    assert (batch.kind, batch.preset, batch.status) == (Kind.ORDERS, "taobao-orders", "ready")
    assert batch.forecast == {"created": 2, "updated": 0, "unchanged": 0, "rejected": 0}
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ("order_number amount", Kind.ORDERS),
        ("order_number buyer_name phone reviewed_at", Kind.ORDERS),
        ("order_number amount content", Kind.REVIEWS),
        ("order_number amount stars reviewed_at", Kind.REVIEWS),
        ("order_number buyer_name", Kind.REVIEWS),
        ("amount phone", Kind.REVIEWS),
    ],
)
def test_what_a_file_is_about(fields: str, kind: ImportBatch.Kind) -> None:
    mapping = {field: index for index, field in enumerate(fields.split())}
    assert kind_of(mapping) == kind
    assert bool(missing_fields(mapping)) == (kind == Kind.REVIEWS and "stars" not in mapping)


def test_facts_are_stored_with_no_more_of_the_address_than_its_region(shop: Shop) -> None:
    batch = imported(shop, orders(FIRST, SECOND))
    assert counts(batch) == {"rows": 2, "created": 2, "updated": 0, "unchanged": 0, "rejected": 0}
    assert (batch.status, batch.negative, batch.cases_opened) == ("done", 0, 0)
    order = Order.objects.get(number="5001")
    assert (order.batch, order.buyer_name, order.amount, order.postage) == (
        batch, "momo_88", Decimal("1280.50"), Decimal("12.00"),
    )  # fmt: skip
    assert (order.ordered_at, order.paid_at, order.completed_at) == (
        at("2026-11-01 10:00"), at("2026-11-01 10:05"), at("2026-11-05 18:30"),
    )  # fmt: skip
    assert (order.quantity, order.tracking_number, order.courier_company) == (2, "YT8800", "圆通速递")
    assert (order.receiver_region, order.phone) == ("浙江省 杭州市", "138****5678")
    assert Order.objects.get(number="5002").shipping_way == "EMS"
    assert not Review.objects.exists()
    assert not StagedRow.objects.exists()


def test_a_number_is_stored_as_its_mask_and_under_seal(shop: Shop) -> None:
    batch = looked_at(shop, orders(FIRST, SECOND))
    assert [row.phone for row in batch.staged_rows.exclude(phone="")] == ["138****5678"]
    imported(shop, orders(FIRST, SECOND))
    order = Order.objects.get(number="5001")
    assert unseal(order.phone_sealed) == "13812345678"
    assert Order.objects.get(number="5002").phone_sealed == ""


def test_another_number_takes_the_place_of_the_first(shop: Shop) -> None:
    imported(shop, orders(FIRST))
    imported(shop, orders(told(FIRST, 联系手机="17000000000转1234")))
    order = Order.objects.get(number="5001")
    assert (order.phone, unseal(order.phone_sealed)) == ("170********-1234", "17000000000-1234")
    imported(shop, orders(told(FIRST, 联系手机="199****0000")))
    order.refresh_from_db()
    assert (order.phone, order.phone_sealed) == ("199****0000", ""), "the old number is nobody's to call any more"


def test_a_number_whose_time_was_over_does_not_come_back_with_the_same_file(shop: Shop) -> None:
    imported(shop, orders(FIRST))
    Order.objects.update(phone_sealed="")
    batch = imported(shop, orders(told(FIRST, 买家应付货款="1300")))
    assert batch.updated == 1
    assert Order.objects.get(number="5001").phone_sealed == ""


def test_its_page_can_be_read_before_and_after(shop: Shop, admin: User, sign_in: Callable[[User], Client]) -> None:
    batch = looked_at(shop, orders(FIRST, SECOND))
    client = sign_in(admin)
    page = client.get(batch.get_absolute_url())
    assert page.status_code == 200
    assert "momo_88" in page.content.decode()
    assert "西湖区" not in page.content.decode()
    choose_columns(batch, batch.mapping, is_confirmed=True)
    run(batch.pk)
    assert client.get(batch.get_absolute_url()).status_code == 200


@pytest.mark.parametrize("statement", range(1, 70, 8))
def test_killed_anywhere_it_ends_as_if_it_had_not_been(shop: Shop, other_shop: Shop, statement: int) -> None:
    content = orders(FIRST, told(FIRST, 买家应付货款="1300"), told(SECOND, 订单编号=""), SECOND)
    clean = imported(other_shop, content)
    batch = received(shop, content)
    with contextlib.suppress(Killed), killed_at(statement):
        run(batch.pk)
    run(batch.pk)
    batch.refresh_from_db()
    assert (batch.status, counts(batch)) == (clean.status, counts(clean))
    assert sorted(Order.objects.filter(shop=shop).values_list("number", "amount")) == sorted(
        Order.objects.filter(shop=other_shop).values_list("number", "amount")
    )


def test_again_changes_nothing_and_counts_so(shop: Shop) -> None:
    imported(shop, orders(FIRST, SECOND))
    before = substance(shop)
    batch = imported(shop, orders(SECOND, FIRST))
    assert counts(batch) == {"rows": 2, "created": 0, "updated": 0, "unchanged": 2, "rejected": 0}
    assert substance(shop) == before
    assert Order.objects.exclude(batch=batch).count() == 2


def test_what_is_new_is_filled_in_and_an_empty_cell_erases_nothing(shop: Shop) -> None:
    imported(shop, orders(FIRST, SECOND))
    again = orders(told(FIRST, 联系手机="", 物流公司=""), told(SECOND, 物流公司="中通快递", 买家应付货款="37.00"))
    assert looked_at(shop, again).forecast == {"created": 0, "updated": 1, "unchanged": 1, "rejected": 0}
    batch = imported(shop, again)
    assert counts(batch) == {"rows": 2, "created": 0, "updated": 1, "unchanged": 1, "rejected": 0}
    first, second = Order.objects.order_by("number")
    assert (first.phone, first.courier_company) == ("138****5678", "圆通速递")
    assert (second.amount, second.courier_company) == (Decimal(37), "中通快递")


def test_lines_of_one_order_unite_and_the_last_to_tell_counts(shop: Shop) -> None:
    lines = (told(FIRST, 宝贝标题="杯子"), told(FIRST, 宝贝标题="杯盖", 买家应付货款="1300", 联系手机=""), SECOND)
    batch = imported(shop, orders(*lines))
    assert counts(batch) == {"rows": 3, "created": 2, "updated": 0, "unchanged": 1, "rejected": 0}
    order = Order.objects.get(number="5001")
    assert (order.amount, order.phone) == (Decimal(1300), "138****5678")


def test_rows_without_a_number_or_with_a_damaged_one_are_refused(shop: Shop) -> None:
    rows = (
        told(FIRST, 订单编号=""),
        told(FIRST, 订单编号="1.23457E+17"),
        told(FIRST, 确认收货时间="2091-01-01"),
        SECOND,
    )
    batch = imported(shop, orders(*rows))
    assert counts(batch) == {"rows": 4, "created": 1, "updated": 0, "unchanged": 0, "rejected": 3}
    assert list(batch.rejections.values_list("reason", "column")) == [
        ("order_number_missing", "订单编号"), ("damaged_number", "订单编号"), ("future_date", "确认收货时间"),
    ]  # fmt: skip


def test_reviews_with_facts_of_orders_stay_a_file_of_reviews(shop: Shop) -> None:
    rows = [(*row, "99.90") for row in REVIEW_ROWS]
    batch = imported(shop, csv_bytes(rows, (*REVIEW_HEADINGS, "买家应付货款")))
    assert (batch.kind, batch.created) == (Kind.REVIEWS, 5)
    assert set(Order.objects.values_list("amount", "batch")) == {(Decimal("99.90"), batch.pk)}


def test_choosing_other_columns_can_make_it_a_file_of_orders(shop: Shop) -> None:
    content = csv_bytes([("6001", "88.00", "说明")], ("单", "钱", "备注"))
    batch = looked_at(shop, content)
    assert (batch.kind, batch.status) == (Kind.REVIEWS, "ready")
    choose_columns(batch, {"order_number": 0, "amount": 1}, is_confirmed=True)
    run(batch.pk)
    batch.refresh_from_db()
    assert (batch.kind, batch.status, batch.created) == (Kind.ORDERS, "done", 1)


def test_parts_of_any_size_come_to_the_same(shop: Shop, other_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [told(FIRST, 订单编号=str(number % 13), 宝贝总数量=str(number + 1)) for number in range(30)]
    imported(shop, orders(*rows))
    monkeypatch.setattr("reviews.ingest.staging.PART_ROWS", 4)
    batch = imported(other_shop, orders(*rows))
    assert counts(batch) == {"rows": 30, "created": 13, "updated": 0, "unchanged": 17, "rejected": 0}

    def stored(of: Shop) -> list[Any]:
        return list(Order.objects.filter(shop=of).order_by("number").values_list("number", "quantity"))

    assert stored(shop) == stored(other_shop)


@pytest.mark.django_db(transaction=True)
def test_two_imports_of_the_same_orders_at_once_create_each_once(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reviews.ingest.staging.PART_ROWS", 10)
    content = orders(*(told(FIRST, 订单编号=str(number)) for number in range(60)))
    batches = [received(shop, content), received(shop, content)]
    together(*(lambda pk=batch.pk: run(pk) for batch in batches))
    for batch in batches:
        batch.refresh_from_db()
    assert [batch.status for batch in batches] == ["done", "done"]
    assert sum(batch.created for batch in batches) == Order.objects.count() == 60
    assert all(batch.rows == batch.merged + batch.rejected == 60 for batch in batches)


def test_an_open_case_is_ranked_anew_by_what_its_order_tells(
    shop: Shop, make_review: MakeReview, make_case: MakeCase
) -> None:
    case = make_case(make_review(order_number="5001"))
    bystander = make_case(make_review(order_number="5999"))
    imported(shop, orders(FIRST))
    case.refresh_from_db()
    assert (case.tier, case.tier_reasons) == (Tier.PRIORITY, ["valuable"])
    line = case.changes.get()
    assert (line.kind, line.actor, line.changes["tier"]) == ("order", None, ["general", "priority"])
    assert not bystander.changes.exists()
    imported(shop, orders(FIRST))
    assert case.changes.count() == 1


def test_neither_a_closed_case_nor_a_chosen_tier_moves(
    shop: Shop, make_review: MakeReview, make_case: MakeCase
) -> None:
    chosen = make_case(make_review(order_number="5001"), is_tier_chosen=True)
    closed = make_case(make_review(order_number="5001"), state="closed", closed_at=NOW, outcome="satisfied")
    imported(shop, orders(told(FIRST, 买家应付邮费="2000")))
    chosen.refresh_from_db()
    closed.refresh_from_db()
    assert (chosen.tier, chosen.risk_score > 0) == (Tier.GENERAL, True)
    assert [line.kind for line in chosen.changes.all()] == ["order"]
    assert (closed.tier, closed.risk_score, closed.changes.count()) == (Tier.GENERAL, 0, 0)


def test_another_shop_with_the_same_order_number_hears_nothing(
    other_shop: Shop, make_review: MakeReview, make_case: MakeCase
) -> None:
    case = make_case(make_review(order_number="5001"))
    imported(other_shop, orders(FIRST))
    case.refresh_from_db()
    assert (case.tier, case.changes.count()) == (Tier.GENERAL, 0)


def test_reviews_that_tell_more_of_a_known_order_rank_its_case_too(shop: Shop) -> None:
    headings = (*REVIEW_HEADINGS, "买家应付货款")
    imported(shop, csv_bytes([(*REVIEW_ROWS[0], "20")], headings))
    case = Case.objects.get()
    assert case.tier == Tier.GENERAL
    batch = imported(shop, csv_bytes([(*REVIEW_ROWS[0], "2000")], headings))
    case.refresh_from_db()
    assert (case.tier, batch.unchanged) == (Tier.PRIORITY, 1)


@pytest.mark.parametrize("number", [3, 40])
def test_cases_hear_of_orders_in_the_same_few_queries_for_any_number(
    shop: Shop, make_review: MakeReview, make_case: MakeCase, django_assert_num_queries: Any, number: int
) -> None:
    for each in range(number):
        make_case(make_review(order_number=str(each), buyer_name=f"buyer{each}"))
        Order.objects.create(shop=shop, number=str(each), amount=Decimal(5000))
    with django_assert_num_queries(11):
        follow_orders(shop_id=shop.pk, numbers=[str(each) for each in range(number)], now=NOW)
    assert Case.objects.filter(tier=Tier.PRIORITY).count() == number
