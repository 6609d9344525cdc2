"""What a cell of an export says: dates, ratings, amounts, numbers of orders, text. Each parser takes the cell as it
stands and answers the value, or raises `Refused`.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from decimal import Decimal, InvalidOperation

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from reviews.models.review import Rating

from .dates import AmbiguousDate, NoDate, read_moment

TEXT_LIMIT = 100_000
"""Characters of a review; the platforms allow some hundreds, so anything longer is a broken row."""
QUANTITY_LIMIT = 1_000_000
AMOUNT_LIMIT = Decimal(10) ** 9


class Reason(TextChoices):
    """Why a row was refused. The codes are stored."""

    TOO_FEW_CELLS = "too_few_cells", _("The row has fewer cells than there are headings")
    TOO_MANY_CELLS = "too_many_cells", _("The row has more cells than there are headings")
    BROKEN_QUOTES = "broken_quotes", _("The quotation marks of the row do not match")
    NUL_BYTE = "nul_byte", _("The cell contains a NUL byte")
    OPEN_FORMULA = (
        "open_formula",
        _("The cell is a formula saved without its result; save the workbook in a spreadsheet program"),
    )
    DATE_MISSING = "date_missing", _("The date is missing")
    BAD_DATE = "bad_date", _("This is not a date such as 2026-11-20 21:14")
    AMBIGUOUS_DATE = "ambiguous_date", _("Day and month cannot be told apart; write the year first, as in 2026-11-20")
    FUTURE_DATE = "future_date", _("The date lies in the future")
    BAD_RATING = "bad_rating", _("This is not a rating: use 好评, 中评, 差评, good, neutral, bad or 1 to 5")
    BAD_NUMBER = "bad_number", _("This is not an amount or a count")
    ORDER_NUMBER_MISSING = "order_number_missing", _("The order number is missing")
    BAD_IDENTIFIER = (
        "bad_identifier",
        _("No number of an order or review: it has a digit, but no blanks, commas, stars or Chinese characters"),
    )
    DAMAGED_NUMBER = "damaged_number", _("A spreadsheet cut the number's digits; export it again as text")
    TOO_LONG = "too_long", _("The text is too long")
    BY_THE_SELLER = "by_the_seller", _("The shop rated the buyer here; only what buyers say is stored")
    NOTHING_TO_STORE = "nothing_to_store", _("The row has neither a text nor a rating")


class Refused(ValueError):
    """A cell that cannot be stored."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


_WRAPPED = re.compile(r'="(.*)"', re.DOTALL)
_DAMAGED = re.compile(r"\d(?:[.,]\d+)?[eE]\+\d+|\d[.,]\d+[eE]\d+", re.ASCII)
_GUARDED = re.compile(r"'[=+\-@\t\r]")
_COUNT = re.compile(r"(\d{1,9})(?:\.0+)?", re.ASCII)
_STARS = re.compile(r"([1-5一二三四五])(?:\.0+)?\s*(?:颗?星|分|stars?)?", re.ASCII)
_REMARK = re.compile(r"(?<=\S)\s*\([^()]*\)")
"""What tools add to a rating, as in 好评(自动)."""
_STAR_DIGITS = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5}
_WORDS = {
    "好评": Rating.GOOD.value,
    "中评": Rating.NEUTRAL.value,
    "差评": Rating.BAD.value,
    "好": Rating.GOOD.value,
    "中": Rating.NEUTRAL.value,
    "差": Rating.BAD.value,
    "自动好评": Rating.GOOD.value,
    "默认好评": Rating.GOOD.value,
    "系统默认好评": Rating.GOOD.value,
    "good": Rating.GOOD.value,
    "neutral": Rating.NEUTRAL.value,
    "bad": Rating.BAD.value,
}
_NOTHING = frozenset({"null", "none", "nan", "n/a", "-", "--", "/", "无"})
"""What tools write where they know nothing. Taken for a number, it would make one order of many."""
_NO_DATE = frozenset({*_NOTHING, "0000-00-00", "0000-00-00 00:00:00"})
_WHOLE = re.compile(r"(\d+)\.0+", re.ASCII)
_IDENTIFIER = re.compile(r"(?=\D*\d)[\w#./:+=-]+", re.ASCII)
"""Letters may be part of it, but not what totals, notes and errors of spreadsheets say instead of it."""
_MARKS = re.compile(r"[\xad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
"""Marks of direction and of width zero, which come along when numbers are copied from pages."""
_INVISIBLE = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""What neither a page nor a database can carry, tab and line feeds apart. NUL has a reason of its own."""


def text(cell: str) -> str:
    """The text as the buyer wrote it, without blanks around it and the guard of our own CSV downloads. Control
    characters are replaced by the signs for them.
    """
    value = cell.strip()
    if value.startswith("'") and _GUARDED.match(value):
        value = value[1:].strip()
    if not value.isprintable():
        value = _INVISIBLE.sub(_sign_for, value)
    if len(value) > TEXT_LIMIT:
        raise Refused(Reason.TOO_LONG)
    return value.replace("\r\n", "\n") if "\r" in value else value


def product_line(cell: str) -> str:
    """The line of products that a category stands for: of a path such as `女装>>T恤>>短袖` its first level."""
    value = text(cell).partition(">")[0].strip()
    return "" if value.lower() in _NOTHING else value


def number(cell: str) -> str:
    """A number of an order, item or parcel, out of the wrappers that keep spreadsheets from damaging it."""
    if cell.isdigit() and cell.isascii():
        return cell
    value = _bare(cell)
    if value.isdigit():
        return value
    if value.lower() in _NOTHING:
        return ""
    if _DAMAGED.fullmatch(value):
        raise Refused(Reason.DAMAGED_NUMBER)
    whole = _WHOLE.fullmatch(value)
    return whole[1] if whole else _INVISIBLE.sub(_sign_for, value)


def identifier(cell: str) -> str:
    """A number that tells orders or reviews apart."""
    value = number(cell)
    if value and not value.isdigit() and not _IDENTIFIER.fullmatch(value):
        raise Refused(Reason.BAD_IDENTIFIER)
    return value


def own_number(cell: str) -> str:
    """The number of a review or a sub-order. "" for zero, which programs send where they know none."""
    value = identifier(cell)
    return value if value.strip("0") else ""


def tracking_number(cell: str) -> str:
    """The number of a parcel; Taobao's exports write `No:` before it."""
    value = number(cell)
    return value[3:].strip() if value[:3].lower() == "no:" else value


def _bare(cell: str) -> str:
    """A cell out of the wrappers `="…"` and `'`, which keep spreadsheets from changing it, and in half width."""
    value = cell.strip().removeprefix("'").strip()
    if value.startswith("="):
        wrapped = _WRAPPED.fullmatch(value)
        value = wrapped[1].strip().removeprefix("'").strip() if wrapped else value
    return value if value.isascii() else _MARKS.sub("", unicodedata.normalize("NFKC", value)).strip()


def _sign_for(invisible: re.Match[str]) -> str:
    code = ord(invisible[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "\N{SYMBOL FOR DELETE}" if code == 0x7F else "\N{REPLACEMENT CHARACTER}"


def moment(cell: str) -> datetime | None:
    """A date with or without time; Shanghai time unless it names its zone. None where there is none."""
    value = _bare(cell)
    if not value or value.lower() in _NO_DATE:
        return None
    try:
        return read_moment(value)
    except AmbiguousDate:
        raise Refused(Reason.AMBIGUOUS_DATE) from None
    except NoDate:
        raise Refused(Reason.BAD_DATE) from None


def rating(cell: str) -> str | int | None:
    """The code of one of Taobao's three words, stars from 1 to 5, or None where the cell is empty."""
    value = _REMARK.sub("", _bare(cell).lower()).replace("⭐", "★")
    if not value or value in _NOTHING:
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
    value = _bare(cell).lstrip("¥").rstrip("元").replace(",", "").strip()
    if value.lower() in _NOTHING or not value:
        return None
    try:
        yuan = Decimal(value)
    except InvalidOperation:
        raise Refused(Reason.BAD_NUMBER) from None
    if not yuan.is_finite() or not 0 <= yuan < AMOUNT_LIMIT:
        raise Refused(Reason.BAD_NUMBER)
    return yuan.quantize(Decimal("0.01"))


def count(cell: str) -> int | None:
    value = _bare(cell)
    if value.lower() in _NOTHING or not value:
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
