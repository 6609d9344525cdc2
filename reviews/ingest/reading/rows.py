"""A record of the file becomes a typed row, or a rejection that says where and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from reviews.models import ImportBatch, StagedRow
from reviews.phones import kept

from ..unpacking.tables import OPEN_FORMULA
from . import cells
from .cells import Reason, Refused
from .dates import SHANGHAI
from .presets import Field, kind_of, plain
from .records import Record

ROLE, SELLER = "role", "seller"
"""The heading under which Taobao's interface says who rated, and what it says where the shop rated the buyer."""
CLOCK_SKEW = timedelta(days=1)
"""How far ahead of our clock a date may lie."""


@dataclass
class Row:
    """What one line tells of a review and its order, or of an order alone. Empty text and None: nothing."""

    line: int
    reviewed_at: datetime | None
    """None in a row about an order."""
    platform_review_id: str = ""
    order_number: str = ""
    sub_order_id: str = ""
    buyer_name: str = ""
    product_title: str = ""
    item_id: str = ""
    sku: str = ""
    rating: str = ""
    stars: int | None = None
    content: str = ""
    append_content: str = ""
    append_at: datetime | None = None
    reply: str = ""
    replied_at: datetime | None = None
    amount: Decimal | None = None
    postage: Decimal | None = None
    quantity: int | None = None
    courier_company: str = ""
    tracking_number: str = ""
    receiver_region: str = ""
    phone: str = ""
    ordered_at: datetime | None = None
    paid_at: datetime | None = None
    completed_at: datetime | None = None
    shipping_way: str = ""
    product_line: str = ""
    phone_sealed: str = ""
    """The whole number; `phone` is its mask."""


class Rejection(NamedTuple):
    """A refused row; `column` is the heading of the cell at fault, "" where it is the row as a whole."""

    line: int
    column: str
    value: str
    reason: Reason
    cells: list[str]


PARSERS: dict[Field, Callable[[str], Any]] = {
    Field.CONTENT: cells.text,
    Field.RATING: cells.rating,
    Field.STARS: cells.rating,
    Field.REVIEWED_AT: cells.moment,
    Field.BUYER_NAME: cells.text,
    Field.ORDER_NUMBER: cells.identifier,
    Field.SUB_ORDER_ID: cells.own_number,
    Field.PLATFORM_REVIEW_ID: cells.own_number,
    Field.PRODUCT_TITLE: cells.text,
    Field.ITEM_ID: cells.number,
    Field.SKU: cells.text,
    Field.APPEND_CONTENT: cells.text,
    Field.APPEND_AT: cells.moment,
    Field.REPLY: cells.text,
    Field.REPLIED_AT: cells.moment,
    Field.AMOUNT: cells.amount,
    Field.POSTAGE: cells.amount,
    Field.QUANTITY: cells.count,
    Field.COURIER_COMPANY: cells.text,
    Field.TRACKING_NUMBER: cells.tracking_number,
    Field.RECEIVER_REGION: cells.region,
    Field.PHONE: cells.number,
    Field.ORDERED_AT: cells.moment,
    Field.PAID_AT: cells.moment,
    Field.COMPLETED_AT: cells.moment,
    Field.SHIPPING_WAY: cells.text,
    Field.PRODUCT_LINE: cells.product_line,
}
LIMITS: dict[str, int | None] = {
    field: getattr(StagedRow._meta.get_field(field), "max_length", None) for field in Field if field != Field.RATING
}
"""Characters that the database keeps of a field; None where only `cells.TEXT_LIMIT` holds, or where it is no text."""
LONGEST_SHOWN = 200
"""Characters of a value that a rejection repeats; its cells hold all of it."""


_REPEATED = frozenset(
    {Field.RATING, Field.STARS, Field.PRODUCT_TITLE, Field.ITEM_ID, Field.SKU, Field.COURIER_COMPANY}
    | {Field.RECEIVER_REGION, Field.QUANTITY, Field.AMOUNT, Field.POSTAGE, Field.SHIPPING_WAY}
    | {Field.PRODUCT_LINE}
)
"""Fields with the same few values in most rows: what a value comes to is remembered."""
VALUES_REMEMBERED = 4_096


def _quick(field: Field) -> Callable[[str], Any]:
    return lru_cache(VALUES_REMEMBERED)(PARSERS[field]) if field in _REPEATED else PARSERS[field]


class RowReader:
    """Reads records by a mapping (field name -> index of its column). `now` is what "the future" is measured by."""

    def __init__(self, headings: Sequence[str], mapping: Mapping[str, int], now: datetime) -> None:
        self.headings = headings
        self.columns = [(name, index, _quick(Field(name)), LIMITS.get(name)) for name, index in mapping.items()]
        self.mapping = mapping
        self.is_of_orders = kind_of(mapping) == ImportBatch.Kind.ORDERS
        of_phone = ["phone_sealed"] if Field.PHONE in mapping else []
        self.fields = ("line", *dict.fromkeys([*mapping, "reviewed_at", "rating", "stars", *of_phone]))
        """Fields of a row that may hold something."""
        self.role = next((index for index, heading in enumerate(headings) if plain(heading) == ROLE), None)
        self.moments = [field for field in _MOMENTS if field in mapping]
        # Times of one zone are compared without asking the zone.
        self.latest = (now + CLOCK_SKEW).astimezone(SHANGHAI)

    def read(self, record: Record) -> Row | Rejection:
        cells = record.cells
        if record.is_broken or len(cells) != len(self.headings) or "\0" in "".join(cells):
            problem = self._problem_of_shape(record)
            if problem is not None:
                return problem
        if self.role is not None and cells[self.role].strip().lower() == SELLER:
            return self._rejection(record, Reason.BY_THE_SELLER, self.role)
        values: dict[str, Any] = {}
        for name, index, parse, limit in self.columns:
            try:
                value = parse(cells[index])
            except Refused as refused:
                return self._rejection(record, refused.reason, index)
            if limit is not None and len(value) > limit:
                return self._rejection(record, Reason.TOO_LONG, index)
            values[name] = value
        if values.get("phone"):
            values["phone"], values["phone_sealed"] = kept(values["phone"])
        if self.is_of_orders:
            values["reviewed_at"] = None
        else:
            _sort_out_ratings(values)
        return self._problem_of_content(record, values) or _row(record.line, values)

    def _problem_of_shape(self, record: Record) -> Rejection | None:
        if record.is_broken:
            return self._rejection(record, Reason.BROKEN_QUOTES)
        excess = len(record.cells) - len(self.headings)
        if excess < 0:
            return self._rejection(record, Reason.TOO_FEW_CELLS, value=self._shape(record))
        if excess > 0 and any(cell.strip() for cell in record.cells[len(self.headings) :]):
            return self._rejection(record, Reason.TOO_MANY_CELLS, value=self._shape(record))
        for index, cell in enumerate(record.cells):
            if cell == OPEN_FORMULA:
                if index in self.mapping.values():
                    return self._rejection(record, Reason.OPEN_FORMULA, index)
            elif "\0" in cell:
                return self._rejection(record, Reason.NUL_BYTE, index)
        return None

    def _problem_of_content(self, record: Record, values: Mapping[str, Any]) -> Rejection | None:
        for field in self.moments:
            if values[field] is not None and values[field] > self.latest:
                return self._rejection(record, Reason.FUTURE_DATE, self.mapping[field])
        if self.is_of_orders:
            return None if values["order_number"] else self._without_number(record)
        if values["reviewed_at"] is None:
            return self._rejection(record, Reason.DATE_MISSING, self.mapping[Field.REVIEWED_AT])
        if not any(map(values.get, _OPINIONS)):
            return self._rejection(record, Reason.NOTHING_TO_STORE)
        if Field.ORDER_NUMBER in self.mapping and not any(map(values.get, _NUMBERS)):
            return self._without_number(record)
        return None

    def _without_number(self, record: Record) -> Rejection:
        return self._rejection(record, Reason.ORDER_NUMBER_MISSING, self.mapping[Field.ORDER_NUMBER])

    def _shape(self, record: Record) -> str:
        return f"{len(record.cells)} / {len(self.headings)}"

    def _rejection(self, record: Record, reason: Reason, index: int | None = None, value: str = "") -> Rejection:
        # Neither text nor JSON of the database can hold a NUL.
        cells = ["" if cell == OPEN_FORMULA else cell.replace("\0", "\N{SYMBOL FOR NULL}") for cell in record.cells]
        if index is None:
            return Rejection(record.line, "", value, reason, cells)
        column = self.headings[index] if index < len(self.headings) else ""
        return Rejection(record.line, column[:LONGEST_SHOWN], cells[index][:LONGEST_SHOWN], reason, cells)


def _row(line: int, values: dict[str, Any]) -> Row:
    """The row that has these `values`, and for all other fields the defaults of the class: to set each of them would be
    a fifth of all reading."""
    row = Row.__new__(Row)
    row.__dict__ = values
    row.line = line
    return row


_MOMENTS = ("reviewed_at", "append_at", "replied_at", "ordered_at", "paid_at", "completed_at")
_OPINIONS = ("content", "append_content", "rating", "stars")
_NUMBERS = ("order_number", "sub_order_id", "platform_review_id")


def _sort_out_ratings(values: dict[str, Any]) -> None:
    """A column of ratings may hold words or stars, whatever its heading says: each goes to the field made for it."""
    word, stars = "", None
    for said in (values.pop("stars", None), values.pop("rating", None)):
        if isinstance(said, str):
            word = said
        elif said is not None:
            stars = said
    values["rating"], values["stars"] = word, stars
