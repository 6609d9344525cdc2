from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reviews.ingest.identity import identity
from reviews.ingest.reading import cells
from reviews.ingest.reading.cells import Reason, Refused
from reviews.ingest.reading.records import Record
from reviews.ingest.reading.rows import Rejection, Row, RowReader
from reviews.ingest.rejections import FORMULA_STARTS, guarded
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
        ('="2026-11-20 12:14"', datetime(2026, 11, 20, 12, 14, tzinfo=SHANGHAI)),
        ("2026/11/20 9:05", datetime(2026, 11, 20, 9, 5, tzinfo=SHANGHAI)),
        ("2026年11月20日 21时14分", datetime(2026, 11, 20, 21, 14, tzinfo=SHANGHAI)),
        ("2026年11月20日21时", datetime(2026, 11, 20, 21, tzinfo=SHANGHAI)),
        ("2026年11月20日 星期五 21:14:05", datetime(2026, 11, 20, 21, 14, 5, tzinfo=SHANGHAI)),
        ("2026/11/20 9:05 PM", datetime(2026, 11, 20, 21, 5, tzinfo=SHANGHAI)),
        ("2026-11-20 12:05:09 am", datetime(2026, 11, 20, 0, 5, 9, tzinfo=SHANGHAI)),
        ("2026/11/20 下午 9:14:00", datetime(2026, 11, 20, 21, 14, tzinfo=SHANGHAI)),
        ("2026年11月20日上午9时14分", datetime(2026, 11, 20, 9, 14, tzinfo=SHANGHAI)),
        ("2026/11/20下午21:14", datetime(2026, 11, 20, 21, 14, tzinfo=SHANGHAI)),
        ("\uff12026-11-20 21\uff1a14", datetime(2026, 11, 20, 21, 14, tzinfo=SHANGHAI)),
        ("11/20/2026", datetime(2026, 11, 20, tzinfo=SHANGHAI)),
        ("11/20/2026 9:14:00 PM", datetime(2026, 11, 20, 21, 14, tzinfo=SHANGHAI)),
        ("20/11/2026 21:14", datetime(2026, 11, 20, 21, 14, tzinfo=SHANGHAI)),
        ("11/11/2026", datetime(2026, 11, 11, tzinfo=SHANGHAI)),
        ("20261120", datetime(2026, 11, 20, tzinfo=SHANGHAI)),
        ("202611202114", datetime(2026, 11, 20, 21, 14, tzinfo=SHANGHAI)),
        ("20261120211405", datetime(2026, 11, 20, 21, 14, 5, tzinfo=SHANGHAI)),
        ("20261120 21:14", datetime(2026, 11, 20, 21, 14, tzinfo=SHANGHAI)),
        ("20261120T211405", datetime(2026, 11, 20, 21, 14, 5, tzinfo=SHANGHAI)),
        ("2026-11-20 13:14:05.123+00", datetime(2026, 11, 20, 21, 14, 5, tzinfo=SHANGHAI)),
        ("2026-11-20T08:14-05:00", datetime(2026, 11, 20, 21, 14, tzinfo=SHANGHAI)),
        ("46346", datetime(2026, 11, 20, tzinfo=SHANGHAI)),
        ("46346.884722222225", datetime(2026, 11, 20, 21, 14, tzinfo=SHANGHAI)),
        ("1795180440", datetime(2026, 11, 20, 21, 14, tzinfo=SHANGHAI)),
        ("1795180440123", datetime(2026, 11, 20, 21, 14, tzinfo=SHANGHAI)),
    ],
)
def test_dates_in_the_usual_forms(written: str, meant: datetime) -> None:
    assert stored(reviewed_at=written).reviewed_at == meant


@pytest.mark.parametrize(
    "written",
    [
        "昨天",
        "2026-13-01",
        "2026-02-30",
        "0001-01-01",
        "2026-11-20T25:00",
        "2026-11-2012:14",
        "2026-11-20x12:14:00",
        "2026-11-20+09",
        "20261120 2514",
        "2026-11-20 13:00 AM",
        "13/13/2026",
        "11/20/26",
        "20261340",
        "12",
        "999999",
        "99999.5",
        "1.79518E+12",
    ],
)
def test_bad_dates_are_refused(written: str) -> None:
    assert refused(reviewed_at=written) == (Reason.BAD_DATE, "时间", written)


@pytest.mark.parametrize("written", ["11/5/2026", "01/12/2026 9:00"])
def test_a_date_whose_day_and_month_cannot_be_told_apart_is_refused(written: str) -> None:
    assert refused(reviewed_at=written) == (Reason.AMBIGUOUS_DATE, "时间", written)


@pytest.mark.parametrize("written", ["", "-", "null", "0000-00-00 00:00:00"])
def test_what_tools_write_for_no_date_is_none(written: str) -> None:
    assert refused(reviewed_at=written)[0] == Reason.DATE_MISSING


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
        ("⭐⭐", "", 2),
        ("差", "bad", None),
        ("好评(自动)", "good", None),
        ("差评 (已解释)", "bad", None),
        ("1分(很差)", "", 1),
        ("", "", None),
        ("-", "", None),
        ("null", "", None),
    ],
)
def test_ratings_in_words_and_stars(written: str, rating: str, stars: int | None) -> None:
    row = stored(rating=written)
    assert (row.rating, row.stars) == (rating, stars)


@pytest.mark.parametrize("written", ["0", "6", "4.5", "-1", "很好", "100", "(自动)", "好评(a)(b", "⭐" * 6])
def test_bad_ratings_are_refused(written: str) -> None:
    assert refused(rating=written) == (Reason.BAD_RATING, "评分", written)


@pytest.mark.parametrize(
    "written",
    ["123", '="123"', "'123", "\t123\t", '="123" ', "123.0", "\uff11\uff12\uff13", "\u202d123\u202c", '=" 123"\t'],
)
def test_numbers_come_out_of_their_wrappers(written: str) -> None:
    assert stored(order_number=written).order_number == "123"


@pytest.mark.parametrize("column", ["order_number", "platform_review_id"])
@pytest.mark.parametrize("written", ["1.23457E+17", "2e+18", '="1.23457E+17"', "1.5E17"])
def test_numbers_a_spreadsheet_damaged_are_refused(written: str, column: str) -> None:
    assert refused(**{column: written}) == (Reason.DAMAGED_NUMBER, HEADINGS[MAPPING[column]], written)


@pytest.mark.parametrize("column", ["order_number", "platform_review_id"])
@pytest.mark.parametrize(
    "written",
    [
        "合计",
        "共2条",
        "#N/A",
        "#DIV/0!",
        "见备注",
        "12,13",
        "12 13",
        "12(已退款)",
        "12****34",
        '"12"',
        "12\x1f3",
        "test",
    ],
)
def test_what_names_no_order_or_review_is_refused(written: str, column: str) -> None:
    """Taken for a number it would make one order, or one review, of many."""
    assert refused(**{column: written})[:2] == (Reason.BAD_IDENTIFIER, HEADINGS[MAPPING[column]])


@pytest.mark.parametrize("written", ["E2026-1", "#1001", "240801ABC_7", "6.1/2:3"])
def test_numbers_may_have_letters(written: str) -> None:
    assert stored(order_number=written).order_number == written


@pytest.mark.parametrize("written", ["0", "000", "0.0", "'0"])
def test_zero_is_no_number_of_a_review(written: str) -> None:
    """Programs send it for all reviews whose number they do not know."""
    row = stored(platform_review_id=written)
    assert (row.platform_review_id, identity(row)[:3]) == ("", "fp:")


def test_the_number_of_a_parcel_loses_what_taobao_writes_before_it() -> None:
    assert [cells.tracking_number(cell) for cell in ("No:YT88", "no: 88", "88", "无需物流", "-")] == [
        "YT88", "88", "88", "无需物流", "",
    ]  # fmt: skip


@pytest.mark.parametrize("written", ["", "null", "-", "无"])
def test_a_row_without_any_number_is_refused_where_the_column_is_there(written: str) -> None:
    assert refused(order_number=written)[:2] == (Reason.ORDER_NUMBER_MISSING, "订单号")
    assert stored(order_number=written, platform_review_id="9").order_number == ""


@pytest.mark.parametrize(
    ("written", "yuan"),
    [("¥1,049.9", "1049.90"), ("\uffe515.5", "15.50"), ("0", "0.00"), ("'15元", "15.00"), ('="15.00"', "15.00")],
)
def test_amounts(written: str, yuan: str) -> None:
    assert stored(amount=written).amount == Decimal(yuan)


@pytest.mark.parametrize("written", ["免费", "-5", "sNaN", "1e99", "Infinity"])
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


def test_what_the_shop_says_of_its_buyers_is_no_review() -> None:
    reader = RowReader(["content", "created", "Role"], {"content": 0, "reviewed_at": 1}, NOW)
    rows = [reader.read(Record(7, ["好买家", "2026-11-19", role], 7, 99)) for role in ("seller", "buyer", "")]
    assert [row.reason if isinstance(row, Rejection) else None for row in rows] == [Reason.BY_THE_SELLER, None, None]


def test_broken_quotation_marks_are_refused() -> None:
    assert refused(is_broken=True)[0] == Reason.BROKEN_QUOTES


def test_a_buyers_text_stays_as_it_was_written() -> None:
    text = "<script>alert(1)</script> =1+1 \u202e {{ x }} 'quoted'"
    assert stored(content=f" {text}\r\n第二行 ").content == f"{text}\n第二行"


def test_what_no_page_can_show_is_replaced_by_a_sign() -> None:
    assert stored(content="好\x07\x1b[31m\x7f\x85\ud800评\t\n差").content == "好␇␛[31m␡\ufffd\ufffd评\t\n差"
    assert cells.number("12\x1f3") == "12␟3"


def test_digits_of_a_plain_file_stay_whatever_they_end_in() -> None:
    assert stored(order_number="4000000000000000000").order_number == "4000000000000000000"


def test_an_address_shrinks_to_its_region() -> None:
    assert cells.region("浙江省 杭州市 西湖区 文三路8号") == "浙江省 杭州市"
    assert cells.region("广东省深圳市南山区科技园1号") == "广东省 深圳市"
    assert cells.region("上海") == "上海"


PARSERS = [
    cells.text,
    cells.number,
    cells.identifier,
    cells.own_number,
    cells.tracking_number,
    cells.moment,
    cells.rating,
    cells.amount,
    cells.count,
    cells.region,
]


def understood(parse: Any, cell: str) -> Any:
    try:
        return parse(cell)
    except Refused as refused:
        return refused.reason


@given(st.one_of(st.text(max_size=20), st.from_regex(r"=\"'?[\d.eE+ -]{0,20}\"")), st.sampled_from(FORMULA_STARTS))
@example('8911"', '="')
@example("好", "\r")
@example("\x0c好", "\t")
def test_a_cell_guarded_in_the_list_of_rejected_rows_comes_back_as_it_was(rest: str, start: str) -> None:
    for cell in (rest, start + rest):
        # Behind an apostrophe, and blanks before it, a cell is guarded already.
        if not cell.lstrip().startswith("'"):
            (guarded_cell,) = guarded([cell])
            for parse in PARSERS:
                assert understood(parse, guarded_cell) == understood(parse, cell)


@given(st.text(max_size=60), st.sampled_from(PARSERS))
def test_any_cell_is_understood_or_refused(cell: str, parse: Any) -> None:
    with suppress(Refused):
        parse(cell)
