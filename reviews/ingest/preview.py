"""What an upload holds and would come to, shown by a few of its rows before anything of it is stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.text import Truncator

from reviews.models import ImportBatch, ImportRejection, Order, Review, StagedRow
from reviews.models.review import Rating, ReviewText
from reviews.models.shop import OrderFacts
from reviews.privacy import masked, with_phones_masked

from .errors import UnreadableFile
from .forecast import SAMPLES
from .reading.cells import Reason, region
from .reading.presets import Field
from .reading.records import Record, read_records
from .unpacking.tables import OPEN_FORMULA

ROWS_LOOKED_AT = 50
"""In so many of the first rows a value is sought for each column."""
SAMPLE_CHARACTERS = 40
CELL_CHARACTERS = 80
CHANGE_CHARACTERS = 160
LEAD_CHARACTERS = 20
"""Of a long text so much is shown before the place where its new version differs."""

_OF_REVIEWS = tuple(field.name for field in ReviewText._meta.local_fields)
_OF_ORDERS = ("buyer_name", *(field.name for field in OrderFacts._meta.local_fields))


class RowTable(NamedTuple):
    """`headings` are names of fields, `rows` the line and a value for each."""

    headings: list[str]
    rows: list[tuple[int, list[str]]]


class Change(NamedTuple):
    """What a line tells otherwise than is stored: `fields` are (name, old, new)."""

    line: int
    about: str
    fields: list[tuple[str, str, str]]


class Refusal(NamedTuple):
    line: int
    column: str
    value: str
    reason: str


class Preview(NamedTuple):
    """The first rows of each kind; fewer than the forecast counts."""

    created: RowTable
    updated: list[Change]
    unchanged: RowTable
    rejected: list[Refusal]


def preview_of(batch: ImportBatch) -> Preview:
    """Rows of a batch that was read, by the lines its forecast noted: its time does not depend on the file's size."""
    lines = [line for told in batch.samples.values() for line in told]
    rows = {row.line: row for row in StagedRow.objects.filter(batch=batch, line__in=lines).order_by("line")}
    kinds = {kind: [rows[line] for line in told if line in rows] for kind, told in batch.samples.items()}
    return Preview(
        _table(kinds.get("created", [])),
        _changes(batch, kinds.get("updated", [])),
        _table(kinds.get("unchanged", [])),
        first_rejections(batch),
    )


def first_rejections(batch: ImportBatch) -> list[Refusal]:
    return [_refusal(rejection) for rejection in batch.rejections.all()[:SAMPLES]]


def column_samples(batch: ImportBatch) -> list[str]:
    """For each column its first value, "" where the first rows have none. Raises UnreadableFile."""
    records = _first_records(batch, ROWS_LOOKED_AT)
    samples = [_sample(records, index) for index in range(len(batch.headings))]
    address = batch.mapping.get(Field.RECEIVER_REGION)
    return [region(sample) if index == address else sample for index, sample in enumerate(samples)]


def has_rows(batch: ImportBatch) -> bool:
    """Whether anything stands below the headings. Of rows that cannot be read the import itself says what is wrong."""
    try:
        return bool(_first_records(batch, 1))
    except UnreadableFile:
        return True


def _first_records(batch: ImportBatch, count: int) -> list[Record]:
    with batch.source_file.open("rb") as stream:
        everything = read_records(stream, batch.encoding, batch.delimiter, width=len(batch.headings))
        return list(islice((one for one in everything if one.line > batch.heading_line), count))


def _sample(records: list[Record], index: int) -> str:
    cells = (record.cells[index].removeprefix(OPEN_FORMULA).strip() for record in records if index < len(record.cells))
    return Truncator(with_phones_masked(next(filter(None, cells), ""))).chars(SAMPLE_CHARACTERS)


def _table(rows: list[StagedRow]) -> RowTable:
    fields = [field for field in Field if any(getattr(row, field) not in ("", None) for row in rows)]
    shown = [(row.line, [_shown(field, getattr(row, field), CELL_CHARACTERS) for field in fields]) for row in rows]
    return RowTable([str(field.label) for field in fields], shown)


def _refusal(rejection: ImportRejection) -> Refusal:
    # Where cells have slipped, a phone number stands in any column.
    value = Truncator(with_phones_masked(rejection.value)).chars(CELL_CHARACTERS)
    return Refusal(rejection.line, rejection.column, value, str(Reason(rejection.reason).label))


def _changes(batch: ImportBatch, rows: list[StagedRow]) -> list[Change]:
    if batch.kind == ImportBatch.Kind.ORDERS:
        orders = Order.objects.filter(shop=batch.shop_id, number__in=[row.identity for row in rows])
        stored: Mapping[str, Any] = {order.number: order for order in orders}
        return [_change(row, stored.get(row.identity), _OF_ORDERS, row.identity) for row in rows]
    reviews = Review.objects.filter(shop=batch.shop_id, identity__in=[row.identity for row in rows])
    stored = {review.identity: review for review in reviews.select_related("product")}
    return [_change(row, stored.get(row.identity), _OF_REVIEWS, _about(row)) for row in rows]


def _about(row: StagedRow) -> str:
    return " · ".join(filter(None, (row.order_number or row.platform_review_id, row.buyer_name, row.product_title)))


def _change(row: StagedRow, stored: Review | Order | None, names: Iterable[str], about: str) -> Change:
    """What `row` tells otherwise than `stored`: all of it, should that have gone meanwhile."""
    fields = [_difference(name, getattr(stored, name, None), getattr(row, name)) for name in names]
    if isinstance(stored, Review):
        known = stored.product.title if stored.product else ""
        is_known_item = stored.product is not None and row.item_id and row.item_id == stored.product.item_id
        fields.append(_difference(Field.PRODUCT_TITLE, known, "" if is_known_item else row.product_title))
    return Change(row.line, about, [field for field in fields if field])


def _difference(name: str, old: Any, new: Any) -> tuple[str, str, str] | None:
    if new in ("", None) or new == old:
        return None
    label = str(Field(name).label)
    if name != Field.RATING and isinstance(old, str) and isinstance(new, str):
        old, new = _from_difference(old, new)
    return label, _shown(name, old, CHANGE_CHARACTERS), _shown(name, new, CHANGE_CHARACTERS)


def _from_difference(old: str, new: str) -> tuple[str, str]:
    """Both without most of the beginning that they share."""
    shared = next((place for place, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1]), len(old))
    start = max(0, min(shared, len(new)) - LEAD_CHARACTERS)
    return (f"…{old[start:]}", f"…{new[start:]}") if start else (old, new)


def _shown(name: str, value: Any, characters: int) -> str:
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
    if name == Field.RATING and value:
        return str(Rating(value).label)
    if name == Field.PHONE and value:
        return masked(value)
    return Truncator("" if value is None else str(value)).chars(characters)
