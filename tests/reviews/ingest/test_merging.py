from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connection
from django.db.models import ProtectedError

from cases.models import Case
from reviews.ingest.running import run
from reviews.ingest.storing import merging
from reviews.models import ImportBatch, Order, Product, Review, ReviewCause, ReviewRevision, Shop, StagedRow
from tests.conftest import NOW
from tests.reviews.ingest.exports import (
    HEADINGS,
    ROWS,
    FakeClassifier,
    counts,
    csv_bytes,
    imported,
    received,
    whole_tables,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("classifier")]


def with_cell(number: int, heading: str, value: str) -> list[tuple[str, ...]]:
    """ROWS with one cell of row `number` replaced."""
    rows = [list(row) for row in ROWS]
    rows[number][HEADINGS.index(heading)] = value
    return [tuple(row) for row in rows]


def review_of(order_number: str) -> Review:
    return Review.objects.get(order_number=order_number)


def test_every_row_is_stored_with_what_it_says(shop: Shop) -> None:
    batch = imported(shop, csv_bytes())
    assert batch.status == ImportBatch.Status.DONE
    assert counts(batch) == {"rows": 5, "created": 5, "updated": 0, "unchanged": 0, "rejected": 0}
    assert (batch.negative, batch.cases_opened) == (3, 3)
    review = review_of("1001")
    assert (review.rating, review.content, review.buyer_name, review.sku) == ("bad", ROWS[0][3], "买**1", "黑色/M")
    assert review.product is not None
    assert review.product.title == "夏季短袖T恤"
    assert review.reviewed_at.isoformat() == "2026-11-02T02:00:00+00:00"
    assert set(Product.objects.values_list("title", flat=True)) == {"夏季短袖T恤", "不锈钢保温杯"}
    assert Order.objects.count() == 5
    assert not StagedRow.objects.exists()


def test_negative_are_bad_ratings_and_complaining_texts_but_no_defaults(shop: Shop, classifier: FakeClassifier) -> None:
    imported(shop, csv_bytes())
    negative = Review.objects.filter(is_negative=True).values_list("order_number", flat=True)
    assert set(negative) == {"1001", "1003", "1005"}
    assert review_of("1004").is_default
    assert not any("系统默认" in text for text in classifier.asked)


def test_only_negative_reviews_get_causes_with_evidence(shop: Shop) -> None:
    imported(shop, csv_bytes())
    assert [(cause.code, cause.spans) for cause in review_of("1001").causes.all()] == [("courier.slow", [[8, 9]])]
    assert [cause.code for cause in review_of("1005").causes.all()] == ["other"], "a bad rating without a word"
    assert not review_of("1002").causes.exists()
    assert review_of("1001").classifier_version == "fake-1"


def test_evidence_in_the_follow_up_is_no_span_of_the_content(shop: Shop) -> None:
    rows = [(*row, "用了两天就破了" if row[0] == "1002" else "") for row in ROWS]
    imported(shop, csv_bytes(rows, (*HEADINGS, "追评内容")))
    review = review_of("1002")
    assert review.is_negative, "a follow-up can turn a good review bad"
    assert [(cause.code, cause.spans) for cause in review.causes.all()] == [("quality.defect", [])]


def test_importing_the_same_file_again_changes_nothing(shop: Shop, classifier: FakeClassifier) -> None:
    imported(shop, csv_bytes())
    before, asked = whole_tables(), len(classifier.asked)
    batch = imported(shop, csv_bytes())
    assert whole_tables() == before
    assert counts(batch) == {"rows": 5, "created": 0, "updated": 0, "unchanged": 5, "rejected": 0}
    assert batch.cases_opened == 0
    assert len(classifier.asked) == asked, "what did not change is not classified again"


def test_the_last_of_several_lines_about_one_review_wins(shop: Shop) -> None:
    rows = [*ROWS, *with_cell(0, "评价内容", "改了:杯子破")[:1]]
    batch = imported(shop, csv_bytes(rows))
    assert counts(batch) == {"rows": 6, "created": 5, "updated": 0, "unchanged": 1, "rejected": 0}
    assert review_of("1001").content == "改了:杯子破"


def test_a_turned_rating_writes_a_revision_and_is_judged_again(shop: Shop) -> None:
    imported(shop, csv_bytes())
    batch = imported(shop, csv_bytes(with_cell(1, "评价结果", "差评")))
    assert counts(batch) == {"rows": 5, "created": 0, "updated": 1, "unchanged": 4, "rejected": 0}
    assert (batch.negative, batch.cases_opened) == (1, 1)
    revision = ReviewRevision.objects.get()
    assert (revision.review, revision.batch) == (review_of("1002"), batch)
    assert revision.changes == {"rating": ["good", "bad"]}
    assert review_of("1002").causes.get().code == "other"


def test_a_review_that_turned_good_keeps_its_case_and_loses_the_models_causes(shop: Shop) -> None:
    imported(shop, csv_bytes())
    imported(shop, csv_bytes(with_cell(4, "评价结果", "好评")))
    review = review_of("1005")
    assert not review.is_negative
    assert not review.causes.exists()
    assert Case.objects.filter(review=review).exists()


def test_an_edited_text_gets_new_causes(shop: Shop) -> None:
    imported(shop, csv_bytes())
    imported(shop, csv_bytes(with_cell(0, "评价内容", "太贵了")))
    assert [cause.code for cause in review_of("1001").causes.all()] == ["price.expensive"]
    assert ReviewRevision.objects.get().changes == {"content": [ROWS[0][3], "太贵了"]}


def test_what_a_person_decided_survives_any_import(shop: Shop) -> None:
    imported(shop, csv_bytes())
    review = review_of("1001")
    review.causes.all().delete()
    ReviewCause.objects.create(review=review, code="service.attitude", rank=0, score=1, source="person")
    Review.objects.filter(pk=review.pk).update(causes_decided_at=NOW)
    imported(shop, csv_bytes(with_cell(0, "评价内容", "太贵了")))
    assert [(cause.code, cause.source) for cause in review.causes.all()] == [("service.attitude", "person")]
    assert review_of("1001").content == "太贵了"


def test_a_missing_column_or_an_empty_cell_erases_nothing(shop: Shop) -> None:
    imported(shop, csv_bytes())
    poorer = [(row[0], "", row[4], row[5], row[6]) for row in ROWS]
    headings = ("订单号", "评价内容", "评价时间", "宝贝名称", "商品规格")
    batch = imported(shop, csv_bytes([(*row, "差评") for row in poorer], (*headings, "评价结果")))
    assert batch.unchanged + batch.updated == 5
    assert review_of("1002").content == "质量很好"
    assert review_of("1002").buyer_name == "买**2"
    assert set(ReviewRevision.objects.values_list("changes", flat=True)[0]) == {"rating"}


def test_order_facts_are_filled_in_and_never_emptied(shop: Shop) -> None:
    facts = ("买家应付货款", "物流公司", "收货地址", "宝贝总数量")
    imported(shop, csv_bytes([(*row, "¥1,049.90", "圆通速递", "浙江省 杭州市 西湖区 某路8号", "2") for row in ROWS],
                             (*HEADINGS, *facts)))  # fmt: skip
    imported(shop, csv_bytes([(*row, "", "中通快递", "", "") for row in ROWS], (*HEADINGS, *facts)))
    order = Order.objects.get(number="1001")
    assert (str(order.amount), order.quantity, order.courier_company) == ("1049.90", 2, "中通快递")
    assert order.receiver_region == "浙江省 杭州市", "the rest of the address is not stored"


def test_two_lines_of_one_order_add_up_to_its_facts(shop: Shop) -> None:
    rows = [
        ("7", "甲", "好评", "好", "2026-11-01", "杯子", "红", "10.00", ""),
        ("7", "甲", "好评", "好", "2026-11-01", "盘子", "蓝", "", "13800001234"),
    ]
    batch = imported(shop, csv_bytes(rows, (*HEADINGS, "买家应付货款", "联系手机")))
    assert batch.created == 2
    assert Order.objects.values_list("amount", "phone").get() == (10, "138****1234")


def test_an_item_keeps_its_product_when_its_title_is_edited(shop: Shop) -> None:
    headings = (*HEADINGS, "商品ID")
    imported(shop, csv_bytes([(*row, "654") for row in ROWS[:2]], headings))
    batch = imported(shop, csv_bytes([(*ROWS[0][:5], "新标题 夏季短袖", ROWS[0][6], "654")], headings))
    assert Product.objects.get().title == "夏季短袖T恤"
    assert (batch.created, batch.unchanged) == (0, 1)


def test_the_same_numbers_in_another_shop_are_other_reviews(shop: Shop, other_shop: Shop) -> None:
    imported(shop, csv_bytes())
    batch = imported(other_shop, csv_bytes())
    assert batch.created == 5
    assert Review.objects.count() == 10
    assert Product.objects.filter(shop=other_shop).count() == 2


def test_parts_of_any_size_come_to_the_same(shop: Shop, other_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    many = csv_bytes(with_cell(2, "订单号", "1001") + list(ROWS) * 3)
    imported(shop, many)
    monkeypatch.setattr("reviews.ingest.staging.PART_ROWS", 2)
    batch = imported(other_shop, many)
    assert counts(batch) == {"rows": 20, "created": 6, "updated": 0, "unchanged": 14, "rejected": 0}
    fields = ("identity", "content", "is_negative", "product__title", "causes__code", "case__tier")
    of_shop = [list(one.reviews.order_by("identity").values_list(*fields)) for one in (shop, other_shop)]
    assert of_shop[0] == of_shop[1]


@pytest.mark.django_db(transaction=True)
def test_neither_shop_nor_import_goes_while_a_part_is_stored(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """No constraint ties what is stored to them: the lock on the import does, and the import's own to its shop."""
    store, refused = merging._store_reviews, []
    batch = received(shop, csv_bytes())

    def meanwhile(*arguments: Any) -> Any:
        stored = store(*arguments)
        other = connection.copy()
        try:
            for table, pk in (("reviews_importbatch", batch.pk), ("reviews_shop", shop.pk)):
                with other.cursor() as cursor:
                    cursor.execute("SET lock_timeout = '100ms'")
                    with pytest.raises((OperationalError, IntegrityError)) as error:
                        cursor.execute(f"DELETE FROM {table} WHERE id = %s", [pk])
                refused.append(error.type)
        finally:
            other.close()
        return stored

    monkeypatch.setattr(merging, "_store_reviews", meanwhile)
    run(batch.pk)
    batch.refresh_from_db()
    assert (batch.status, batch.created) == (ImportBatch.Status.DONE, 5)
    assert refused == [OperationalError, IntegrityError]


def test_an_import_and_a_shop_that_brought_something_stay(shop: Shop) -> None:
    batch = imported(shop, csv_bytes())
    for kept in (batch, shop):
        with pytest.raises(ProtectedError):
            kept.delete()
