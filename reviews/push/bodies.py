"""What a program sends: JSON objects in one of three wrappings, and the table they make.

Whole numbers keep the digits they are written with, so that an order number of 19 digits stays what it is. One with an
exponent has lost digits already, and is refused as one that a spreadsheet damaged.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, NamedTuple, NoReturn

from django.utils.translation import gettext as _

from reviews.ingest.reading.formats import COLUMN_LIMIT
from reviews.ingest.unpacking.interfaces import text_of

from .problems import Problem

JSON, JSON_LINES = "application/json", "application/x-ndjson"
BODY_MB = 10
ITEM_LIMIT = 1_000
_SURROGATE = re.compile("[\ud800-\udfff]")


class Table(NamedTuple):
    """`headings` are the keys of all items in order of their first appearance; a row has a cell for each."""

    headings: list[str]
    rows: list[list[str]]


def read_items(body: bytes, media_type: str) -> list[dict[str, Any]]:
    """The objects of `body`, 1 to 1,000. Raises Problem where it is something else."""
    if media_type not in (JSON, JSON_LINES):
        raise Problem(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            _("The body is of type “%(type)s”; send %(json)s or %(lines)s.")
            % {"type": media_type, "json": JSON, "lines": JSON_LINES},
        )
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        _refuse("unreadable", _("Byte %(place)d of the body is not UTF-8.") % {"place": error.start + 1})
    items = _lines(text) if media_type == JSON_LINES else _listed(_parsed(text))
    if not items:
        _refuse("empty", _("The body holds no reviews."))
    if len(items) > ITEM_LIMIT:
        raise Problem(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            "too_many_items",
            _("The body holds %(count)d reviews; send at most %(limit)d at once.")
            % {"count": len(items), "limit": ITEM_LIMIT},
        )
    for index, item in enumerate(items):
        if not isinstance(item, dict):
            _refuse("not_an_object", _("Item %(index)d is not a JSON object.") % {"index": index})
    return items


def tabulate(items: Sequence[dict[str, Any]]) -> Table:
    """`items` as the file of them would be. Raises Problem where they have more fields than a file has columns."""
    keys = list(dict.fromkeys(key for item in items for key in item))
    if len(keys) > COLUMN_LIMIT:
        _refuse(
            "too_many_fields",
            _("The reviews have %(count)d different fields; at most %(limit)d can be read.")
            % {"count": len(keys), "limit": COLUMN_LIMIT},
        )
    rows = [[_storable(text_of(key, item.get(key))) for key in keys] for item in items]
    # A cell with a NUL is refused, with its item; a key has no item to be refused with.
    return Table([_storable(key).replace("\0", "\N{SYMBOL FOR NULL}") for key in keys], rows)


def _lines(text: str) -> list[Any]:
    lines = [line for line in text.split("\n") if line.strip()]
    return [_parsed(line, number) for number, line in enumerate(lines, start=1)]


def _listed(value: Any) -> list[Any]:
    if isinstance(value, dict):
        value = value.get("reviews")
    if not isinstance(value, list):
        _refuse("not_a_list", _("The body is neither a JSON array nor an object with an array “reviews”."))
    return value


def _parsed(text: str, line: int = 1) -> Any:
    try:
        return json.loads(text, parse_int=str, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        place = {"line": line + error.lineno - 1, "column": error.colno}
        _refuse("unreadable", _("The body is not JSON: line %(line)d, column %(column)d.") % place)
    except RecursionError:
        _refuse("unreadable", _("The body is nested too deeply."))


def _no_number(name: str) -> NoReturn:
    _refuse("unreadable", _("The body is not JSON: it has the number %(name)s.") % {"name": name})


def _refuse(code: str, detail: str) -> NoReturn:
    raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, code, detail)


def _storable(text: str) -> str:
    """Half a character is none: no database stores it."""
    return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text)
