from __future__ import annotations

import pytest

from reviews.ingest.reading.presets import (
    PRESETS,
    Field,
    known_headings,
    missing_fields,
    plain,
    preset_named,
    recognise_columns,
)
from reviews.ingest.reading.rows import PARSERS
from reviews.models import StagedRow


@pytest.mark.parametrize(
    ("headings", "preset", "mapping"),
    [
        (
            "买家昵称 评价内容 评价时间 订单号",
            "taobao-seller",
            {"buyer_name": 0, "content": 1, "reviewed_at": 2, "order_number": 3},
        ),
        (
            "评论内容 追加评论 评分 日期 SKU 用户昵称 商家回复 平台",
            "browser-plugin",
            {"content": 0, "append_content": 1, "rating": 2, "reviewed_at": 3, "sku": 4, "buyer_name": 5, "reply": 6},
        ),
        (
            "订单编号 买家会员名 买家应付货款 买家应付邮费 联系手机 订单创建时间 宝贝标题 物流单号 物流公司 宝贝总数量",
            "taobao-orders",
            {"order_number": 0, "buyer_name": 1, "amount": 2, "postage": 3, "phone": 4, "ordered_at": 5,
             "product_title": 6, "tracking_number": 7, "courier_company": 8, "quantity": 9},
        ),
        (
            "commentId orderId skuid skuName content creationTime score nickName replies",
            "jd",
            {"platform_review_id": 0, "order_number": 1, "item_id": 2, "product_title": 3, "content": 4,
             "reviewed_at": 5, "rating": 6, "buyer_name": 7, "reply": 8},
        ),
        (
            "tid oid role nick result created rated_nick item_title item_price content reply num_iid valid_score",
            "taobao-traderates",
            {"order_number": 0, "sub_order_id": 1, "buyer_name": 3, "rating": 4, "reviewed_at": 5, "product_title": 7,
             "content": 9, "reply": 10, "item_id": 11},
        ),
        (
            "user_nick content comment_time tags has_negtv append_content append_time append_has_negtv",
            "tmall-feeds",
            {"buyer_name": 0, "content": 1, "reviewed_at": 2, "append_content": 5, "append_at": 6},
        ),
        (
            "commentId orderId itemId qualityScore serviceScore logisticsScore content createTime",
            "kuaishou",
            {"platform_review_id": 0, "order_number": 1, "item_id": 2, "stars": 3, "content": 6, "reviewed_at": 7},
        ),
        ("content reviewed_at Order-Number", "reviewdesk", {"content": 0, "reviewed_at": 1, "order_number": 2}),
    ],
)  # fmt: skip
def test_known_exports_are_recognised(headings: str, preset: str, mapping: dict[str, int]) -> None:
    recognised = recognise_columns(headings.split())
    assert recognised.preset == preset
    assert recognised.mapping == mapping


def test_a_file_may_mix_the_headings_of_several_tools() -> None:
    recognised = recognise_columns(["评价内容", "评价时间", "订单编号", "评分", "买家应付货款"])
    assert recognised.mapping == {"content": 0, "reviewed_at": 1, "order_number": 2, "rating": 3, "amount": 4}


def test_the_first_of_two_columns_for_one_field_is_taken() -> None:
    assert recognise_columns(["评价内容", "评价内容", "评论内容"]).mapping == {"content": 0}


@pytest.mark.parametrize(
    ("headings", "mapping"),
    [
        ("订单编号 联系电话 联系手机", {"order_number": 0, "phone": 2}),
        ("评价 评价内容 回复 回复内容", {"content": 1, "reply": 3}),
    ],
)
def test_of_several_columns_for_one_field_the_better_heading_is_taken(headings: str, mapping: dict[str, int]) -> None:
    assert recognise_columns(headings.split()).mapping == mapping


def test_unknown_headings_are_left_out() -> None:
    assert recognise_columns(["甲", "乙"]) == ("", {})


def test_a_named_preset_goes_first() -> None:
    plug_in = preset_named("browser-plugin")
    assert recognise_columns(["评价内容", "评论内容", "日期"], plug_in).mapping == {"content": 1, "reviewed_at": 2}


def test_what_an_import_cannot_do_without() -> None:
    assert missing_fields({"content": 0, "reviewed_at": 1}) == []
    assert missing_fields({"stars": 0, "reviewed_at": 1}) == []
    assert len(missing_fields({"order_number": 0})) == 2


def test_every_field_can_be_parsed_and_staged() -> None:
    assert set(PARSERS) == set(Field)
    assert set(Field.values) <= {field.name for field in StagedRow._meta.get_fields()}


def test_presets_write_their_headings_plainly() -> None:
    assert all(heading == plain(heading) for preset in PRESETS for heading in (*preset.columns, *preset.ignored))


def test_what_a_tool_adds_that_nobody_stores_is_known_too() -> None:
    assert known_headings(["role", "rated_nick", "serviceScore", "anything"]) == 3


def test_only_our_own_names_are_verified() -> None:
    assert [preset.name for preset in PRESETS if preset.is_verified] == ["reviewdesk"]


def test_a_preset_gives_a_field_or_ignores_a_heading_but_not_both() -> None:
    assert [preset.name for preset in PRESETS if preset.ignored & preset.columns.keys()] == []
