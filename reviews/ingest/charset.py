"""Which encoding a file is in: decided by strict decoding of every byte, never by a guess that could garble text."""

from __future__ import annotations

import codecs
from typing import IO, NamedTuple

from django.utils.translation import gettext as _

from .errors import UnreadableFile

CANDIDATES = ("utf-8", "gb18030")
"""In this order: Chinese text in GB18030 is hardly ever valid UTF-8, while the reverse happens."""

BLOCK_BYTES = 1 << 20
UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
MARKS_OF_LINES = '\r\n\t,;"'


class Place(NamedTuple):
    """A byte of a file; both numbers count from 1."""

    byte: int
    line: int


def detect_encoding(stream: IO[bytes]) -> str:
    """The first candidate that decodes all of `stream`. Raises UnreadableFile when none does, or for UTF-16."""
    stream.seek(0)
    if stream.read(2) in UTF16_MARKS:
        raise UnreadableFile(_("The file is saved as UTF-16. Save it again as “CSV UTF-8” and upload that."))
    failures = {}
    for encoding in CANDIDATES:
        place = first_undecodable(stream, encoding)
        if place is None:
            return encoding
        failures[encoding] = place
    # The encoding that got furthest is the one the file was meant to be in.
    encoding = max(failures, key=lambda name: failures[name])
    raise undecodable(encoding, failures[encoding])


def checked_encoding(stream: IO[bytes], encoding: str) -> str:
    """`encoding` as Python calls it, once all of `stream` decodes in it. Raises UnreadableFile."""
    try:
        name = codecs.lookup(encoding).name
        splits_like_ascii = MARKS_OF_LINES.encode(name) == MARKS_OF_LINES.encode("ascii")
    except LookupError:
        splits_like_ascii = False
    if not splits_like_ascii:
        raise UnreadableFile(
            _("“%(encoding)s” cannot be read. Use utf-8, gb18030, gbk or big5.") % {"encoding": encoding}
        )
    place = first_undecodable(stream, name)
    if place is not None:
        raise undecodable(name, place)
    return name


def first_undecodable(stream: IO[bytes], encoding: str) -> Place | None:
    """Where `stream` stops being valid `encoding`; None when all of it is. Memory does not grow with the file."""
    decoder = codecs.getincrementaldecoder(encoding)()
    stream.seek(0)
    offset, line = 0, 1
    while True:
        block = stream.read(BLOCK_BYTES)
        pending = len(decoder.getstate()[0])
        try:
            decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            start = error.start - pending
            return Place(offset + start + 1, line + block.count(b"\n", 0, max(start, 0)))
        if not block:
            return None
        offset += len(block)
        line += block.count(b"\n")


def undecodable(encoding: str, place: Place) -> UnreadableFile:
    return UnreadableFile(
        _(
            "Line %(line)d has bytes that are not valid %(encoding)s text (byte %(byte)d of the file). "
            "Export the file again, or save it as “CSV UTF-8”."
        )
        % {"line": place.line, "byte": place.byte, "encoding": encoding.upper()}
    )
