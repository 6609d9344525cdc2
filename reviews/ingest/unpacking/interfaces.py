"""What the platforms' interfaces answer: JSON lines, an array of objects, or such a list in its envelope."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from . import limits
from .refusals import Code, Refusal
from .tables import Tables

_BLOCK_CHARACTERS = 1 << 16
_DIGITS_AT_MOST = 400
"""Python refuses to make numbers of some thousand digits; such a one stays text."""
_BLANKS = re.compile(r"[\s\ufeff]*")
_KEYS_OF_A_ROW = frozenset({"content", "append_content", "tid", "oid", "orderId", "commentId", "order_number"})
"""By any of them an object is a row itself and no envelope of rows, whatever lists it holds (such as `replies`)."""

Object = dict[str, Any]


def read_json(path: Path, name: str, tables: Tables) -> None:
    """`path` is in UTF-8. Headings are the keys of all objects, in the order in which they first appear."""
    headings = list(dict.fromkeys(key for item in _objects(path) for key in _few(item)))
    if not headings:
        raise Refusal(Code.NO_OBJECTS)
    if len(headings) > limits.COLUMNS:
        raise Refusal(Code.TOO_MANY_COLUMNS, row=1, count=len(headings), limit=limits.COLUMNS)
    rows = ([text_of(key, item.get(key)) for key in headings] for item in _objects(path))
    tables.add_rows(name, _with_headings(headings, rows))


def _with_headings(headings: list[str], rows: Iterator[list[str]]) -> Iterator[list[str]]:
    yield headings
    yield from rows


def _few(item: Object) -> Object:
    if len(item) > limits.COLUMNS:
        raise Refusal(Code.TOO_MANY_COLUMNS, row=1, count=len(item), limit=limits.COLUMNS)
    return item


def text_of(key: str, value: Any) -> str:
    """The cell for `value`, which an object has under `key`; of JD's list of replies the first, the seller's."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if key == "replies" and isinstance(value, list):
        return text_of(key, value[0] if value else None)
    if key == "replies" and isinstance(value, dict):
        return text_of("content", value.get("content"))
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _objects(path: Path) -> Iterator[Object]:
    with path.open(encoding="utf-8") as file:
        text = _Text(file)
        try:
            while text.next_character():
                if text.take("["):
                    yield from _elements(text)
                else:
                    yield from _rows_in(text.take_value())
                text.take(",")
        except (ValueError, RecursionError):
            raise Refusal(Code.BAD_JSON, line=text.line) from None


def _elements(text: _Text) -> Iterator[Object]:
    while not text.take("]"):
        value = text.take_value()
        if not isinstance(value, dict):
            raise Refusal(Code.BAD_JSON, line=text.line)
        yield value
        if not text.take(",") and text.next_character() != "]":
            raise Refusal(Code.BAD_JSON, line=text.line)


def _rows_in(value: Any) -> list[Object]:
    """The first row or list of rows inside `value`, or `value` itself; nothing where it is an empty envelope."""
    if not isinstance(value, dict):
        raise ValueError("neither an object nor a list of objects")
    pending: list[Any] = [value]
    while pending:
        part = pending.pop(0)
        if isinstance(part, dict):
            if _is_row(part):
                return [part]
            pending.extend(part.values())
        elif isinstance(part, list) and part and all(isinstance(item, dict) for item in part):
            return part
    is_envelope = len(value) == 1 and all(isinstance(part, dict) for part in value.values())
    return [] if is_envelope else [value]


def _is_row(part: Object) -> bool:
    # Interfaces name their envelopes in ASCII; headings in Chinese are those of a table.
    return not _KEYS_OF_A_ROW.isdisjoint(part) or not all(key.isascii() for key in part)


class _Text:
    """JSON values of a file one after the other. `line` is where the next one begins, counted from 1."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._decoder = json.JSONDecoder(parse_int=_whole_number)
        self._buffer = ""
        self._place = 0
        self.line = 1

    def next_character(self) -> str:
        """The next one that is no blank; "" at the end."""
        while True:
            blanks = _BLANKS.match(self._buffer, self._place)
            self._go_to(blanks.end() if blanks else self._place)
            if self._place < len(self._buffer):
                return self._buffer[self._place]
            if not self._read(_BLOCK_CHARACTERS):
                return ""

    def take(self, character: str) -> bool:
        if self.next_character() != character:
            return False
        self._go_to(self._place + 1)
        return True

    def take_value(self) -> Any:
        """Raises ValueError where there is none, RecursionError where it is nested without end."""
        self.next_character()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._buffer, self._place)
            except json.JSONDecodeError:
                pending = len(self._buffer) - self._place
                if pending > limits.JSON_CHARACTERS or not self._read(max(pending, _BLOCK_CHARACTERS)):
                    raise
            else:
                self._go_to(end)
                return value

    def _go_to(self, place: int) -> None:
        self.line += self._buffer.count("\n", self._place, place)
        self._place = place

    def _read(self, characters: int) -> bool:
        block = self._file.read(characters)
        self._buffer, self._place = self._buffer[self._place :] + block, 0
        return bool(block)


def _whole_number(digits: str) -> int | str:
    return int(digits) if len(digits) <= _DIGITS_AT_MOST else digits
