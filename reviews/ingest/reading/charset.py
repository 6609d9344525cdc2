"""Which encoding a file is in: decided by strict decoding of every byte, never by a guess that could garble text."""

from __future__ import annotations

import codecs
import io
from typing import IO, NamedTuple

from charset_normalizer import from_bytes
from django.utils.translation import gettext as _

from ..errors import UnreadableFile

CANDIDATES = ("utf-8", "gb18030", "cp950")
"""In this order: Chinese text in GB18030 is hardly ever valid UTF-8, while the reverse happens. The last is Big5 as
Windows writes it.
"""
BLOCK_BYTES = 1 << 20
SAMPLE_BYTES = 1 << 17
UTF16_MARKS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
MARKS_OF_LINES = '\r\n\t,;|"'


class Place(NamedTuple):
    """A byte of a file; both numbers count from 1."""

    byte: int
    line: int


def detect_encoding(stream: IO[bytes]) -> str:
    """The encoding that all of `stream` is in, which keeps lines apart. Raises UnreadableFile, also for UTF-16."""
    encoding, place = probable_encoding(stream)
    if place is not None:
        raise undecodable(encoding, place)
    if encoding.startswith("utf-16"):
        raise UnreadableFile(_("The file is saved as UTF-16. Save it again as “CSV UTF-8” and upload that."))
    return encoding


def probable_encoding(stream: IO[bytes]) -> tuple[str, Place | None]:
    """The encoding of `stream`; with the place where it stops being valid, if it is in none."""
    stream.seek(0)
    of_two_bytes = utf16_encoding(stream.read(BLOCK_BYTES))
    if of_two_bytes:
        return of_two_bytes, first_undecodable(stream, of_two_bytes)
    failures: dict[str, Place] = {}
    fitting = []
    for encoding in CANDIDATES:
        place = first_undecodable(stream, encoding)
        if place is not None:
            failures[encoding] = place
        elif encoding == "utf-8":
            return encoding, None
        else:
            fitting.append(encoding)
    if fitting:
        return (fitting[0] if len(fitting) == 1 else _likelier(stream, fitting)), None
    # The encoding that got furthest is the one the file was meant to be in.
    meant = max(failures, key=lambda name: failures[name])
    return meant, failures[meant]


def _likelier(stream: IO[bytes], encodings: list[str]) -> str:
    """Of encodings that all decode `stream` the one in which it makes the better Chinese; in doubt the first."""
    stream.seek(0)
    sample = stream.read(SAMPLE_BYTES)
    whole_lines = sample[: sample.rfind(b"\n") + 1] or sample
    best = from_bytes(whole_lines, cp_isolation=encodings).best()
    return best.encoding if best is not None and best.encoding in encodings else encodings[0]


def utf16_encoding(top: bytes) -> str:
    """The kind of UTF-16 that a file beginning with `top` is in, "" if in none. A mark at the start is part of it."""
    for mark, encoding in UTF16_MARKS.items():
        if top.startswith(mark):
            return encoding
    top = top[: len(top) // 2 * 2]
    zeros = (top[::2].count(0), top[1::2].count(0))
    if not any(zeros) or all(zeros):
        return ""
    # Without a mark: every delimiter and line feed has a zero byte, always on the same side.
    encoding = "utf-16-be" if zeros[0] else "utf-16-le"
    text = top.decode(encoding, errors="replace")
    return encoding if sum(map(text.count, MARKS_OF_LINES)) >= 2 else ""


def transcode(stream: IO[bytes], encoding: str, target: IO[bytes], *, ends_with_returns: bool = False) -> None:
    """Write all of `stream`, which is valid `encoding`, to `target` in UTF-8; with line feeds if its lines end with
    carriage returns alone.
    """
    stream.seek(0)
    decoder: codecs.IncrementalDecoder | io.IncrementalNewlineDecoder = codecs.getincrementaldecoder(encoding)()
    if ends_with_returns:
        decoder = io.IncrementalNewlineDecoder(decoder, translate=True)  # type: ignore[arg-type]
    while block := stream.read(BLOCK_BYTES):
        target.write(decoder.decode(block).encode())
    target.write(decoder.decode(b"", final=True).encode())


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
