"""Exports for the tests, and a classifier simple enough to know its answers."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.core.files.base import ContentFile
from django.db import connection

from reviews.ingest.reception import receive_file
from reviews.ingest.running import run
from reviews.models import ImportBatch, Shop

HEADINGS = ("订单号", "买家昵称", "评价结果", "评价内容", "评价时间", "宝贝名称", "商品规格")
ROWS: tuple[tuple[str, ...], ...] = (
    ("1001", "买**1", "差评", "等了九天,物流太慢", "2026-11-02 10:00", "夏季短袖T恤", "黑色/M"),
    ("1002", "买**2", "好评", "质量很好", "2026-11-02 11:00", "夏季短袖T恤", "白色/L"),
    ("1003", "买**3", "", "杯盖是破的", "2026-11-03 09:30", "不锈钢保温杯", "500ml"),
    ("1004", "买**4", "好评", "评价方未及时做出评价,系统默认好评!", "2026-11-03 12:00", "不锈钢保温杯", "500ml"),
    ("1005", "买**5", "中评", "", "2026-11-04 08:00", "不锈钢保温杯", "350ml"),
)


class FakeTag(NamedTuple):
    code: str
    score: float
    spans: tuple[tuple[int, int], ...]


class FakePrediction(NamedTuple):
    is_negative: bool
    negative_score: float
    tags: tuple[FakeTag, ...]


class FakeClassifier:
    """Knows three complaints by their word; remembers every text it was asked about."""

    version = "fake-1"
    WORDS: Mapping[str, str] = {"慢": "courier.slow", "破": "quality.defect", "贵": "price.expensive"}

    def __init__(self) -> None:
        self.asked: list[str] = []

    def classify(self, texts: Sequence[str]) -> list[FakePrediction]:
        self.asked.extend(texts)
        return [self._prediction(text) for text in texts]

    def _prediction(self, text: str) -> FakePrediction:
        tags = tuple(
            FakeTag(code, 0.9, ((text.index(word), text.index(word) + 1),))
            for word, code in self.WORDS.items()
            if word in text
        )
        return FakePrediction(bool(tags), 0.9 if tags else 0.1, tags or (FakeTag("other", 0.5, ()),))


def csv_bytes(
    rows: Iterable[Sequence[str]] = ROWS,
    headings: Sequence[str] = HEADINGS,
    *,
    encoding: str = "utf-8",
    delimiter: str = ",",
) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerows([headings, *rows])
    return text.getvalue().encode(encoding)


def received(shop: Shop, content: bytes, name: str = "export.csv") -> ImportBatch:
    """A batch that nobody has looked at and that needs no confirmation."""
    return receive_file(shop=shop, file=ContentFile(content, name=name), source=ImportBatch.Source.COMMAND)


def looked_at(shop: Shop, content: bytes, name: str = "export.csv") -> ImportBatch:
    """The batch of an upload that was read and waits for a person."""
    return _run(receive_file(shop=shop, file=ContentFile(content, name=name)))


def imported(shop: Shop, content: bytes, name: str = "export.csv") -> ImportBatch:
    """The batch of `content` after its whole way, the worker's part included."""
    return _run(received(shop, content, name))


def _run(batch: ImportBatch) -> ImportBatch:
    run(batch.pk)
    batch.refresh_from_db()
    return batch


def counts(batch: ImportBatch) -> dict[str, int]:
    return {name: getattr(batch, name) for name in ("rows", "created", "updated", "unchanged", "rejected")}


RUN_DEPENDENT = {"id", "shop_id", "product_id", "batch_id", "created_at", "updated_at", "recorded_at", "phone_sealed"}


def whole_tables() -> dict[str, list[dict[str, Any]]]:
    """Every row of every table of the app and of the cases, ids and times included, imports' own records left out."""
    tables = sorted(
        table
        for table in connection.introspection.table_names()
        if table.startswith(("reviews_", "cases_")) and "import" not in table
    )
    return {table: _rows(f"SELECT * FROM {table} ORDER BY 1") for table in tables}


def substance(shop: Shop) -> dict[str, list[Any]]:
    """What is stored of `shop`, without what depends on the run: ids, times of storing, which batch came first."""
    statements = {
        "reviews": "SELECT r.*, p.title, p.item_id,"
        " (SELECT json_agg(json_build_array(c.code, c.rank, c.score, c.source, c.spans) ORDER BY c.rank)"
        "  FROM reviews_reviewcause c WHERE c.review_id = r.id) AS causes,"
        " (SELECT json_agg(json_build_array(c.state, c.tier)) FROM cases_case c WHERE c.review_id = r.id) AS cases,"
        " (SELECT json_agg(v.changes ORDER BY v.id) FROM reviews_reviewrevision v WHERE v.review_id = r.id) AS turns"
        " FROM reviews_review r LEFT JOIN reviews_product p ON p.id = r.product_id"
        " WHERE r.shop_id = %s ORDER BY r.identity",
        "orders": "SELECT * FROM reviews_order WHERE shop_id = %s ORDER BY number",
        "products": "SELECT title, item_id FROM reviews_product WHERE shop_id = %s ORDER BY title",
        "staged": "SELECT s.line FROM reviews_stagedrow s JOIN reviews_importbatch b ON b.id = s.batch_id"
        " WHERE b.shop_id = %s",
    }
    return {
        name: [
            {column: value for column, value in row.items() if column not in RUN_DEPENDENT}
            for row in _rows(sql, shop.pk)
        ]
        for name, sql in statements.items()
    }


def _rows(sql: str, *parameters: Any) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters or None)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
