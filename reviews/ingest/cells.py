"""What a cell of an export says: dates, ratings, amounts, numbers of orders, text. Each parser takes the cell as it
stands and answers the value, or raises `Refused`.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from reviews.models.review import Rating

SHANGHAI = ZoneInfo("Asia/Shanghai")
"""What the platforms' times mean where they name no zone."""
TEXT_LIMIT = 100_000
"""Characters of a review; the platforms allow some hundreds, so anything longer is a broken row."""
EARLIEST_YEAR = 2000
QUANTITY_LIMIT = 1_000_000
AMOUNT_LIMIT = Decimal(10) ** 9


class Reason(TextChoices):
    """Why a row was refused. The codes are stored."""

    TOO_FEW_CELLS = "too_few_cells", _("The row has fewer cells than there are headings")
    TOO_MANY_CELLS = "too_many_cells", _("The row has more cells than there are headings")
    BROKEN_QUOTES = "broken_quotes", _("The quotation marks of the row do not match")
    NUL_BYTE = "nul_byte", _("The cell contains a NUL byte")
    DATE_MISSING = "date_missing", _("The date is missing")
    BAD_DATE = "bad_date", _("This is not a date such as 2026-11-20 21:14")
    FUTURE_DATE = "future_date", _("The date lies in the future")
    BAD_RATING = "bad_rating", _("This is not a rating: use 好评, 中评, 差评, good, neutral, bad or 1 to 5")
    BAD_NUMBER = "bad_number", _("This is not an amount or a count")
    ORDER_NUMBER_MISSING = "order_number_missing", _("The order number is missing")
    DAMAGED_NUMBER = "damaged_number", _("A spreadsheet cut the number's digits; export it again as text")
    TOO_LONG = "too_long", _("The text is too long")
    NOTHING_TO_STORE = "nothing_to_store", _("The row has neither a text nor a rating")


class Refused(ValueError):
    """A cell that cannot be stored."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


_DATE = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
    r"(?:[ T]*(\d{1,2})[:时](\d{1,2})(?:[:分](\d{1,2})(?:\.\d+)?)?[秒分]?)?"
    r"\s*(Z|[+-]\d{2}:?\d{2})?",
    re.ASCII,
)
_WRAPPED = re.compile(r'="(.*)"', re.DOTALL)
_DAMAGED = re.compile(r"\d(?:[.,]\d+)?[eE]\+\d+|\d[.,]\d+[eE]\d+", re.ASCII)
_GUARDED = re.compile(r"'[=+\-@\t]")
_COUNT = re.compile(r"(\d{1,9})(?:\.0+)?", re.ASCII)
_STARS = re.compile(r"([1-5一二三四五])(?:\.0+)?\s*(?:颗?星|分|stars?)?", re.ASCII)
_STAR_DIGITS = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5}
_WORDS = {
    "好评": Rating.GOOD,
    "中评": Rating.NEUTRAL,
    "差评": Rating.BAD,
    "默认好评": Rating.GOOD,
    "系统默认好评": Rating.GOOD,
    "good": Rating.GOOD,
    "neutral": Rating.NEUTRAL,
    "bad": Rating.BAD,
}
_NO_NUMBER = frozenset({"null", "none", "nan", "n/a", "-", "--", "/", "无"})
"""What tools write where they know no number. Taken for a number, it would make one order of many."""


def text(cell: str) -> str:
    """The text as the buyer wrote it, without blanks around it and the guard of our own CSV downloads."""
    value = cell.strip()
    if _GUARDED.match(value):
        value = value[1:]
    if len(value) > TEXT_LIMIT:
        raise Refused(Reason.TOO_LONG)
    return value.replace("\r\n", "\n") if "\r" in value else value


def number(cell: str) -> str:
    """A number of an order, item or parcel, out of the wrappers that keep spreadsheets from damaging it."""
    value = cell.strip()
    wrapped = _WRAPPED.fullmatch(value)
    value = (wrapped[1] if wrapped else value).strip().removeprefix("'").strip()
    if value.lower() in _NO_NUMBER:
        return ""
    if _DAMAGED.fullmatch(value):
        raise Refused(Reason.DAMAGED_NUMBER)
    return value


def moment(cell: str) -> datetime | None:
    """A date with or without time; Shanghai time unless it names its zone."""
    value = cell.strip().removeprefix("'")
    if not value:
        return None
    match = _DATE.fullmatch(value)
    if match is None:
        raise Refused(Reason.BAD_DATE)
    year, month, day, hour, minute, second, zone = match.groups()
    try:
        when = datetime(
            int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), tzinfo=_zone(zone)
        )
    except ValueError:
        raise Refused(Reason.BAD_DATE) from None
    if when.year < EARLIEST_YEAR or when.year > 9990:
        raise Refused(Reason.BAD_DATE)
    return when


def _zone(written: str | None) -> ZoneInfo | timezone:
    if not written:
        return SHANGHAI
    if written == "Z":
        return UTC
    sign = -1 if written[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(written[1:3]), minutes=int(written[-2:])))


def rating(cell: str) -> Rating | int | None:
    """A word of Taobao's three, stars from 1 to 5, or None where the cell is empty."""
    value = unicodedata.normalize("NFKC", cell.strip().removeprefix("'")).lower()
    if not value:
        return None
    if value in _WORDS:
        return _WORDS[value]
    if set(value) <= {"★", "☆"} and 1 <= value.count("★") <= 5:
        return value.count("★")
    match = _STARS.fullmatch(value)
    if match is None:
        raise Refused(Reason.BAD_RATING)
    return _STAR_DIGITS.get(match[1]) or int(match[1])


def amount(cell: str) -> Decimal | None:
    """Yuan, rounded to the fen."""
    value = cell.strip().removeprefix("'").lstrip("¥￥").rstrip("元").replace(",", "").strip()
    if not value:
        return None
    try:
        yuan = Decimal(value)
    except InvalidOperation:
        raise Refused(Reason.BAD_NUMBER) from None
    if not yuan.is_finite() or not 0 <= yuan < AMOUNT_LIMIT:
        raise Refused(Reason.BAD_NUMBER)
    return yuan.quantize(Decimal("0.01"))


def count(cell: str) -> int | None:
    value = cell.strip().removeprefix("'")
    if not value:
        return None
    match = _COUNT.fullmatch(value)
    if match is None or int(match[1]) > QUANTITY_LIMIT:
        raise Refused(Reason.BAD_NUMBER)
    return int(match[1])


def region(cell: str) -> str:
    """Province and city out of an address: the rest of it is nobody's business here."""
    value = text(cell)
    parts = value.split()
    if len(parts) > 1:
        return " ".join(parts[:2])
    match = re.match(r"(.{2,7}?(?:省|自治区|特别行政区|市))(.{1,10}?(?:市|自治州|地区|盟|区|县))?", value)
    return " ".join(part for part in match.groups() if part) if match else value[:6]
