"""What the answers look like, and what a review may say: the source of the OpenAPI document."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from ninja import Schema
from pydantic import Field as Described

from reviews.ingest.reading import cells
from reviews.ingest.reading.presets import ESSENTIAL, Field
from reviews.ingest.reading.rows import PARSERS

from .bodies import ITEM_LIMIT, JSON, JSON_LINES


class Refusal(Schema):
    """An item that was refused, and why."""

    index: int = Described(description="Place of the item in the body, from 0")
    reason: str = Described(description="Stable code, as listed in docs/imports.md")
    message: str
    field: str = Described(description="Field at fault, under the name it was sent with; empty where it is the item")
    value: str = Described(description="What the field held, at most 200 characters of it")


class ItemState(Schema):
    index: int = Described(description="Place of the item in the body, from 0")
    status: Literal["accepted", "rejected"]
    reason: str | None = Described(None, description="Stable code; the next three say more; none where accepted")
    message: str | None = None
    field: str | None = None
    value: str | None = None


class ImportLink(Schema):
    id: int
    url: str = Described(description="Tells, with the same token, what became of the push")


class ItemCounts(Schema):
    items: int
    accepted: int
    rejected: int


class Receipt(Schema):
    """Accepted items are stored durably and will be merged within seconds; rejected ones are not stored."""

    import_: ImportLink = Described(alias="import")
    counts: ItemCounts
    items: list[ItemState]


class ImportState(Schema):
    """rows = created + updated + unchanged + rejected once `status` is done."""

    id: int
    status: str = Described(description="staging or merging while at work, then done or failed; undone when taken back")
    rows: int
    created: int
    updated: int
    unchanged: int
    rejected: int
    negative: int = Described(description="Negative reviews among those created or updated")
    cases_opened: int
    received_at: datetime
    finished_at: datetime | None
    error: str = Described(description="Why it failed, else empty")
    rejections: list[Refusal]


PROBLEMS = {
    401: "The token is missing or unknown",
    403: "The token was revoked",
    404: "No push of this shop has this number",
    411: "The request does not say how long its body is",
    413: "More than 1,000 items, or a body that is too long",
    415: "The body is neither JSON nor JSON lines, or is compressed",
    422: "The body as a whole cannot be read, or the idempotency key came with another one",
    429: "Too many requests in this minute; Retry-After says how many seconds to wait",
}
PROBLEM = {
    "type": "object",
    "required": ["title", "status", "code", "detail"],
    "properties": {
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "Stable, for programs"},
        "detail": {"type": "string", "description": "A sentence, in the language of Accept-Language"},
    },
}
_TYPES: dict[Any, dict[str, Any]] = {
    cells.text: {"type": "string"},
    cells.region: {"type": "string"},
    cells.number: {"type": ["string", "integer"]},
    cells.identifier: {"type": ["string", "integer"]},
    cells.own_number: {"type": ["string", "integer"]},
    cells.tracking_number: {"type": ["string", "integer"]},
    cells.rating: {"type": ["string", "integer"], "examples": ["bad", "差评", 1]},
    cells.count: {"type": ["integer", "string"]},
    cells.amount: {"type": ["number", "string"], "description": "Yuan"},
    cells.moment: {"type": ["string", "integer"], "examples": ["2026-11-20 21:14:00", "2026-11-20T21:14:00+08:00"]},
}
FIELD_TYPES = {field.value: _TYPES.get(PARSERS[field], {"type": "string"}) for field in Field}
"""JSON Schema of each of our own field names; every field may also be null."""
REVIEW = {
    "type": "object",
    "properties": FIELD_TYPES,
    "additionalProperties": True,
    "allOf": [{"anyOf": [{"required": [field.value]} for field in group]} for group in ESSENTIAL],
}
_REVIEWS = {"type": "array", "minItems": 1, "maxItems": ITEM_LIMIT, "items": REVIEW}
_WRAPPED = {"type": "object", "required": ["reviews"], "properties": {"reviews": _REVIEWS}}
REQUEST_BODY = {
    "required": True,
    "content": {
        JSON: {"schema": {"anyOf": [_REVIEWS, _WRAPPED]}},
        JSON_LINES: {"schema": {"type": "string", "description": "One such object a line"}},
    },
}
