"""The demo's review exports: fixtures/demo, dated back from now, in the forms the platforms' tools really write."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

FOLDER = settings.BASE_DIR / "fixtures" / "demo"
DATE_FORM = "%Y-%m-%d %H:%M:%S"


@dataclass(frozen=True)
class Form:
    """How one tool writes an export: the heading of each column and the demo field it shows."""

    suffix: str
    encoding: str
    delimiter: str
    columns: dict[str, str]


FORMS = {
    "demo-taobao": Form(
        ".csv",
        "gb18030",
        ",",
        {
            "订单号": "order_number",
            "买家昵称": "buyer",
            "评价结果": "rating",
            "评价内容": "content",
            "评价时间": "reviewed_at",
            "追评内容": "append_content",
            "追评时间": "append_at",
            "回复内容": "reply",
            "宝贝标题": "title",
            "商品属性": "sku",
            "买家应付货款": "amount",
            "买家应付邮费": "postage",
            "宝贝总数量": "quantity",
            "物流公司": "courier_company",
            "物流单号": "tracking_number",
            "收货地址": "receiver_region",
            "联系手机": "phone",
        },
    ),
    "demo-tmall": Form(
        ".tsv",
        "utf-8-sig",
        "\t",
        {
            "用户昵称": "buyer",
            "评论内容": "content",
            "日期": "reviewed_at",
            "追加评论": "append_content",
            "商家回复": "reply",
            "商品标题": "title",
            "SKU": "sku",
        },
    ),
    "demo-jd": Form(
        ".csv",
        "utf-8",
        ",",
        {
            "订单编号": "order_number",
            "用户昵称": "buyer",
            "评分": "rating",
            "评论内容": "content",
            "日期": "reviewed_at",
            "追加评论": "append_content",
            "商家回复": "reply",
            "商品标题": "title",
            "SKU": "sku",
            "实付金额": "amount",
            "数量": "quantity",
            "收货地址": "receiver_region",
            "联系手机": "phone",
        },
    ),
}
RATING_NAMES = {"good": "好评", "neutral": "中评", "bad": "差评"}


def shops() -> list[dict[str, str]]:
    """code, name, platform of each demo shop."""
    return json.loads((FOLDER / "shops.json").read_text())


def products() -> list[dict[str, Any]]:
    """shop (code), item_id, title, price, skus, is_promoted, line of each demo product."""
    return json.loads((FOLDER / "products.json").read_text())


def praise() -> frozenset[str]:
    """Texts of the demo's reviews that complain of nothing."""
    return frozenset(row["content"] for row in _rows() if not row["causes"])


def _rows() -> list[dict[str, str]]:
    with (FOLDER / "reviews.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write_exports(folder: Path, *, now: datetime) -> dict[str, Path]:
    """One export a demo shop, dated back from `now`, below `folder`; the file of each shop code."""
    titles = {product["item_id"]: product["title"] for product in products()}
    rows = [dated(row, now=now) | {"title": titles[row["product"]]} for row in _rows()]
    folder.mkdir(parents=True, exist_ok=True)
    files = {}
    for shop, form in FORMS.items():
        files[shop] = folder / f"{shop}{form.suffix}"
        _write(files[shop], form, (row for row in rows if row["shop"] == shop))
    return files


def dated(row: dict[str, str], *, now: datetime) -> dict[str, str]:
    """A row of the fixture with its dates made real: `days_ago` and `time` counted back from `now`, never after it."""
    today = timezone.localtime(now)
    hours, minutes, seconds = map(int, row["time"].split(":"))
    reviewed_at = today.replace(hour=hours, minute=minutes, second=seconds, microsecond=0)
    reviewed_at -= timedelta(days=int(row["days_ago"]))
    if reviewed_at > today:
        reviewed_at -= timedelta(days=1)
    real = {
        **row,
        "reviewed_at": reviewed_at.strftime(DATE_FORM),
        "rating": RATING_NAMES.get(row["rating"], row["rating"]),
    }
    if row["append_days_after"]:
        append_at = min(reviewed_at + timedelta(days=int(row["append_days_after"]), hours=1), today)
        real["append_at"] = append_at.strftime(DATE_FORM)
    return real


def _write(path: Path, form: Form, rows: Iterable[dict[str, str]]) -> None:
    with path.open("w", encoding=form.encoding, newline="") as file:
        writer = csv.writer(file, delimiter=form.delimiter)
        writer.writerow(form.columns)
        for row in rows:
            writer.writerow([row.get(field, "") for field in form.columns.values()])
