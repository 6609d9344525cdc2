"""What a file is, told by how it begins and never by its name."""

from __future__ import annotations

import re
from enum import Enum
from pathlib import Path

from reviews.ingest.reading.charset import utf16_encoding

TOP_BYTES = 1 << 16
_JSON = re.compile(r"\[\s*[{\]]|\{\s*[\"}]")
"""An array of objects or an object. A line of text may begin with a bracket too, but not go on like this."""
_QUOTED = re.compile(r'"[^"]*(?:"|\Z)')


class Kind(Enum):
    TEXT = "text"
    """Delimited text, or something that is refused as such."""
    JSON = "json"
    MARKUP = "markup"
    """HTML or XML."""
    OLE = "ole"
    """The container of .xls, and of workbooks with a password."""
    ZIP = "zip"
    """An archive, or a workbook."""
    GZIP = "gzip"


_MAGIC = {b"PK\x03\x04": Kind.ZIP, b"PK\x05\x06": Kind.ZIP, b"\xd0\xcf\x11\xe0": Kind.OLE, b"\x1f\x8b": Kind.GZIP}


def kind_of(top: bytes) -> Kind:
    """`top` is the beginning of a file, best `TOP_BYTES` of it."""
    for magic, kind in _MAGIC.items():
        if top.startswith(magic):
            return kind
    text = _marks_of(top).removeprefix("\ufeff").removeprefix("\xef\xbb\xbf").lstrip()
    if text.startswith("<"):
        return Kind.MARKUP
    return Kind.JSON if _JSON.match(text) else Kind.TEXT


def ends_lines_with_returns(top: bytes) -> bool:
    """Whether text that begins with `top` ends its lines with carriage returns alone, as programs of old Macs did.

    Inside quotation marks even such a file may have line feeds.
    """
    unquoted = _QUOTED.sub("", _marks_of(top))
    return "\r" in unquoted and "\n" not in unquoted


def _marks_of(top: bytes) -> str:
    """`top` as text that is right within ASCII, for which Latin-1 does in every encoding but UTF-16."""
    return top.decode(utf16_encoding(top) or "latin-1", errors="replace")


def kind_of_file(path: Path) -> Kind:
    with path.open("rb") as file:
        return kind_of(file.read(TOP_BYTES))
