from __future__ import annotations

from dataclasses import replace

import pytest

from reviews.ingest.identity import identity
from reviews.ingest.reading.rows import Row
from tests.conftest import NOW

ROW = Row(line=1, reviewed_at=NOW, buyer_name="买**9", product_title="短袖", sku="黑/M", content="好")
ORDERED = replace(ROW, order_number="1001")


def test_the_platforms_own_number_comes_first() -> None:
    assert identity(replace(ORDERED, platform_review_id="77", sub_order_id="88")) == "id:77"
    assert identity(replace(ORDERED, sub_order_id="88")) == "oid:88"


@pytest.mark.parametrize(
    "change", [{"content": "改"}, {"rating": "bad"}, {"buyer_name": "b"}, {"line": 9}, {"reply": "x"}]
)
def test_with_an_order_number_nothing_that_can_change_matters(change: dict[str, object]) -> None:
    assert identity(replace(ORDERED, **change)) == identity(ORDERED)


@pytest.mark.parametrize("change", [{"order_number": "1002"}, {"product_title": "裤子"}, {"sku": "白/M"}])
def test_another_order_product_or_variant_is_another_review(change: dict[str, object]) -> None:
    assert identity(replace(ORDERED, **change)) != identity(ORDERED)


@pytest.mark.parametrize("change", [{"content": "改"}, {"buyer_name": "b"}, {"sku": "白/M"}, {"product_title": "裤子"}])
def test_without_one_buyer_product_time_and_text_must_do(change: dict[str, object]) -> None:
    assert identity(replace(ROW, **change)) != identity(ROW)
    assert identity(replace(ROW, reply="谢谢", append_content="追评")) == identity(ROW)


def test_parts_do_not_run_into_each_other() -> None:
    assert identity(replace(ORDERED, product_title="ab", sku="c")) != identity(
        replace(ORDERED, product_title="a", sku="bc")
    )


def test_it_fits_its_column() -> None:
    assert len(identity(replace(ROW, platform_review_id="9" * 40))) <= 80
    assert len(identity(ROW)) <= 80
