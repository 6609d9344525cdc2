from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews.ingest import cells
from reviews.ingest.cells import Reason, Refused
from reviews.ingest.records import Record
from reviews.ingest.rows import Rejection, Row, RowReader
from tests.conftest import NOW, SHANGHAI

HEADINGS = ["内容", "时间", "评分", "订单号", "编号", "金额"]
MAPPING = {"content": 0, "reviewed_at": 1, "rating": 2, "order_number": 3, "platform_review_id": 4, "amount": 5}
GOOD = {"content": "好", "reviewed_at": "2026-11-19 21:14", "order_number": "123"}


def read(*, cells_of_row: list[str] | None = None, is_broken: bool = False, **values: str) -> Row | Rejection:
    values = {**GOOD, **values}
    row = cells_of_row if cells_of_row is not None else [values.get(name, "") for name in MAPPING]
    return RowReader(HEADINGS, MAPPING, NOW).read(Record(7, row, 7, 99, is_broken))


def stored(**values: str) -> Row:
    row = read(**values)
    assert isinstance(row, Row), row
    return row


def refused(**values: Any) -> tuple[Reason, str, str]:
    rejection = read(**values)
    assert isinstance(rejection, Rejection), rejection
    assert rejection.line == 7
    return rejection.reason, rejection.column, rejection.value


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-11-20 12:14", datetime(2026, 11, 20, 12, 14, tzinfo=SHANGHAI)),
        ("2026-11-20 12:14:05", datetime(2026, 11, 20, 12, 14, 5, tzinfo=SHANGHAI)),
        ("2026/11/20", datetime(2026, 11, 20, tzinfo=SHANGHAI)),
        ("2026/1/2 3:04", datetime(2026, 1, 2, 3, 4, tzinfo=SHANGHAI)),
        ("2026.11.20", datetime(2026, 11, 20, tzinfo=SHANGHAI)),
        ("2026年11月20日 12:14", datetime(2026, 11, 20, 12, 14, tzinfo=SHANGHAI)),
        ("2026年11月20日12时14分", datetime(2026, 11, 20, 12, 14, tzinfo=SHANGHAI)),
        ("2026-11-20T12:14:00+08:00", datetime(2026, 11, 20, 4, 14, tzinfo=UTC)),
        ("2026-11-20T04:14:00Z", datetime(2026, 11, 20, 4, 14, tzinfo=UTC)),
        ("2026-11-20T12:14:00.123+0800", datetime(2026, 11, 20, 4, 14, tzinfo=UTC)),
        (" '2026-11-20 ", datetime(2026, 11, 20, tzinfo=SHANGHAI)),
    ],
)
def test_dates_in_the_usual_forms(written: str, meant: datetime) -> None:
    assert stored(reviewed_at=written).reviewed_at == meant


@pytest.mark.parametrize(
    "written", ["昨天", "2026-13-01", "2026-02-30", "20/11/2026", "1763640000", "0001-01-01", "2026-11-20T25:00"]
)
def test_bad_dates_are_refused(written: str) -> None:
    assert refused(reviewed_at=written) == (Reason.BAD_DATE, "时间", written)


def test_a_missing_date_and_one_in_the_future_are_refused() -> None:
    assert refused(reviewed_at=" ")[:2] == (Reason.DATE_MISSING, "时间")
    future = f"{NOW + timedelta(days=2):%Y-%m-%d %H:%M}"
    assert refused(reviewed_at=future) == (Reason.FUTURE_DATE, "时间", future)
    assert stored(reviewed_at=f"{NOW + timedelta(minutes=3):%Y-%m-%d %H:%M}"), "clocks differ"


@pytest.mark.parametrize(
    ("written", "rating", "stars"),
    [
        ("好评", "good", None),
        ("中评", "neutral", None),
        ("差评", "bad", None),
        ("Good", "good", None),
        ("neutral", "neutral", None),
        ("bad", "bad", None),
        ("5", "", 5),
        ("1.0", "", 1),
        ("3星", "", 3),
        ("五星", "", 5),
        ("4 分", "", 4),
        ("★★☆☆☆", "", 2),
        ("", "", None),
    ],
)
def test_ratings_in_words_and_stars(written: str, rating: str, stars: int | None) -> None:
    row = stored(rating=written)
    assert (row.rating, row.stars) == (rating, stars)


@pytest.mark.parametrize("written", ["0", "6", "4.5", "-1", "很好", "100"])
def test_bad_ratings_are_refused(written: str) -> None:
    assert refused(rating=written) == (Reason.BAD_RATING, "评分", written)


@pytest.mark.parametrize("written", ["123", '="123"', "'123", "\t123\t", '="123" '])
def test_numbers_come_out_of_their_wrappers(written: str) -> None:
    assert stored(order_number=written).order_number == "123"


@pytest.mark.parametrize("column", ["order_number", "platform_review_id"])
@pytest.mark.parametrize("written", ["1.23457E+17", "2e+18", '="1.23457E+17"', "1.5E17"])
def test_numbers_a_spreadsheet_damaged_are_refused(written: str, column: str) -> None:
    assert refused(**{column: written}) == (Reason.DAMAGED_NUMBER, HEADINGS[MAPPING[column]], written)


@pytest.mark.parametrize("written", ["", "null", "-", "无"])
def test_a_row_without_any_number_is_refused_where_the_column_is_there(written: str) -> None:
    assert refused(order_number=written)[:2] == (Reason.ORDER_NUMBER_MISSING, "订单号")
    assert stored(order_number=written, platform_review_id="9").order_number == ""


@pytest.mark.parametrize(("written", "yuan"), [("¥1,049.9", "1049.90"), ("0", "0.00"), ("'15元", "15.00")])
def test_amounts(written: str, yuan: str) -> None:
    assert stored(amount=written).amount == Decimal(yuan)


@pytest.mark.parametrize("written", ["免费", "-5", "NaN", "1e99", "Infinity"])
def test_bad_amounts_are_refused(written: str) -> None:
    assert refused(amount=written) == (Reason.BAD_NUMBER, "金额", written)


def test_a_text_of_20000_characters_is_stored_whole() -> None:
    text = "差" * 20_000
    assert stored(content=text).content == text


def test_a_text_beyond_any_review_is_refused() -> None:
    reason, column, value = refused(content="差" * 100_001)
    assert (reason, column, len(value)) == (Reason.TOO_LONG, "内容", 200)
    assert refused(order_number="1" * 41)[0] == Reason.TOO_LONG


def test_nul_bytes_are_refused_with_their_column() -> None:
    assert refused(content="好\0的") == (Reason.NUL_BYTE, "内容", "好␀的")


def test_too_few_and_too_many_cells_are_refused() -> None:
    assert refused(cells_of_row=["好", "2026-11-20"]) == (Reason.TOO_FEW_CELLS, "", "2 / 6")
    assert refused(cells_of_row=["好", "2026-11-20", "", "1", "", "", "多"]) == (Reason.TOO_MANY_CELLS, "", "7 / 6")
    assert isinstance(read(cells_of_row=["好", "2026-11-20", "", "1", "", "", " ", ""]), Row), "empty ones do no harm"


def test_a_row_that_says_nothing_is_refused() -> None:
    assert refused(content=" ")[0] == Reason.NOTHING_TO_STORE
    assert stored(content="", rating="差评").rating == "bad"


def test_broken_quotation_marks_are_refused() -> None:
    assert refused(is_broken=True)[0] == Reason.BROKEN_QUOTES


def test_a_buyers_text_stays_as_it_was_written() -> None:
    text = "<script>alert(1)</script> =1+1 \u202e {{ x }} 'quoted'"
    assert stored(content=f" {text}\r\n第二行 ").content == f"{text}\n第二行"


def test_an_address_shrinks_to_its_region() -> None:
    assert cells.region("浙江省 杭州市 西湖区 文三路8号") == "浙江省 杭州市"
    assert cells.region("广东省深圳市南山区科技园1号") == "广东省 深圳市"
    assert cells.region("上海") == "上海"


PARSERS = [cells.text, cells.number, cells.moment, cells.rating, cells.amount, cells.count, cells.region]


@given(st.text(max_size=60), st.sampled_from(PARSERS))
def test_any_cell_is_understood_or_refused(cell: str, parse: Any) -> None:
    with suppress(Refused):
        parse(cell)
