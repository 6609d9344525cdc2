"""The side of the application: gives an upload to a confined process and says in words what became of it."""

from __future__ import annotations

import errno
import json
import logging
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO, Any, NamedTuple

from django.utils.translation import gettext as _

from reviews.ingest.errors import UnreadableFile
from reviews.ingest.reading.charset import (
    Place,
    checked_encoding,
    detect_encoding,
    first_undecodable,
    transcode,
    undecodable,
    utf16_encoding,
)
from reviews.ingest.reading.foreign import refuse_foreign

from . import limits
from .kinds import TOP_BYTES, Kind, ends_lines_with_returns, kind_of
from .refusals import Code
from .sentences import sentence

logger = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parents[3]
WORKPLACE = "unpacking"
"""Folder below the caller's in which all work is done; what a killed run left there is removed."""

_ENDED_BY: dict[int, Code] = {
    signal.SIGABRT: Code.TOO_MUCH_MEMORY,
    signal.SIGKILL: Code.TOO_MUCH_MEMORY,
    signal.SIGXCPU: Code.TOO_SLOW,
}
"""What the signal that ended the process tells: readers in Rust and C abort where they get no memory."""


class Table(NamedTuple):
    """Delimited text in UTF-8 at `path`. `name` tells the sheet or the file in the archive, "" where there is one."""

    name: str
    path: Path


def unpack(upload: IO[bytes], folder: Path, encoding: str = "") -> list[Table]:
    """The tables inside `upload`, a seekable binary file of any kind, as files in `folder`.

    An empty list means that `upload` is delimited text, or nothing known: `recognise_layout` reads, or refuses, it as
    it stands, with `encoding` if one was named. Otherwise there is at least one table. Each is for `recognise_layout`
    too, as "utf-8" whatever was named: a workbook, a page or JSON has become CSV with commas; text out of an archive
    or out of UTF-16, or whose lines ended with carriage returns alone, kept its own delimiter. The first row of a table
    need not be the headings.

    `folder` must be this upload's own, and exist; a table's file in it is the caller's to move or remove. May take up
    to `limits.WALL_SECONDS`, and disk for what is unpacked, but no memory of this process that grows with the file.
    Raises UnreadableFile, leaving no table, when the upload is damaged, locked by a password or beyond `limits`, and
    OSError where the disk is full.
    """
    workplace = folder / WORKPLACE
    shutil.rmtree(workplace, ignore_errors=True)
    workplace.mkdir()
    try:
        found = _tables(upload, workplace, encoding)
        return [_moved(table, folder, number) for number, table in enumerate(found, 1)]
    finally:
        shutil.rmtree(workplace, ignore_errors=True)


def _tables(upload: IO[bytes], workplace: Path, encoding: str) -> list[Table]:
    upload.seek(0)
    top = upload.read(TOP_BYTES)
    if kind_of(top) is not Kind.TEXT:
        copy = workplace / "upload"
        with copy.open("wb") as file:
            upload.seek(0)
            shutil.copyfileobj(upload, file, 1 << 20)
        return [
            _text_of_archive(name, Path(path), encoding) if is_text else Table(name, Path(path))
            for name, path, is_text in _parsed(copy, workplace)
        ]
    if utf16_encoding(top) or ends_lines_with_returns(top):
        refuse_foreign(upload)
        return [_text("", upload, workplace / "upload", encoding)]
    return []


def _text_of_archive(name: str, path: Path, encoding: str) -> Table:
    with path.open("rb") as stream:
        try:
            return _text(name, stream, path, encoding)
        except UnreadableFile as error:
            raise UnreadableFile(_about(name, str(error))) from None


def _text(name: str, stream: IO[bytes], path: Path, encoding: str) -> Table:
    """`stream` in UTF-8 with line feeds: what lies at `path` if it is that already, else a copy beside it."""
    stream.seek(0)
    top = stream.read(TOP_BYTES)
    found = _encoding_of(stream, utf16_encoding(top), encoding)
    ends_with_returns = ends_lines_with_returns(top)
    if found == "utf-8" and not ends_with_returns:
        return Table(name, path)
    copy = path.with_name(f"{path.name}-utf8")
    with copy.open("wb") as target:
        transcode(stream, found, target, ends_with_returns=ends_with_returns)
    return Table(name, copy)


def _encoding_of(stream: IO[bytes], of_two_bytes: str, named: str) -> str:
    """The encoding that all of `stream` is in. Raises UnreadableFile."""
    if not of_two_bytes:
        return checked_encoding(stream, named) if named else detect_encoding(stream)
    place = first_undecodable(stream, of_two_bytes)
    if place is not None:
        raise undecodable(of_two_bytes, place)
    return of_two_bytes


def _parsed(upload: Path, workplace: Path) -> list[tuple[str, str, bool]]:
    command = [sys.executable, "-E", "-X", "utf8", "-m", "reviews.ingest.unpacking.child"]
    command += [str(upload), str(workplace), str(os.getpid())]
    try:
        # Without our environment: it holds secrets, and nothing that parsing needs.
        child = subprocess.run(  # noqa: S603
            command, cwd=ROOT, env={}, capture_output=True, timeout=limits.WALL_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise UnreadableFile(sentence(Code.TOO_SLOW)) from None
    if child.returncode != 0:
        logger.warning("A file could not be unpacked (%d): %s", child.returncode, child.stderr[-2_000:].decode())
        raise UnreadableFile(sentence(_ENDED_BY.get(-child.returncode, Code.UNEXPECTED)))
    answer: dict[str, Any] = json.loads(child.stdout)
    if answer.get("code") == Code.DISK_FULL:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    if "code" in answer:
        raise _refused(Code(answer["code"]), answer["member"], answer["details"])
    return [(name, path, is_text) for name, path, is_text in answer["tables"]]


def _refused(code: Code, member: str, details: dict[str, Any]) -> UnreadableFile:
    if code is Code.UNDECODABLE:
        return UnreadableFile(
            _about(member, str(undecodable(details["encoding"], Place(details["byte"], details["line"]))))
        )
    return UnreadableFile(_about(member, sentence(code, **details)))


def _about(name: str, what: str) -> str:
    return _("“%(file)s”: %(problem)s") % {"file": name, "problem": what} if name else what


def _moved(table: Table, folder: Path, number: int) -> Table:
    path = folder / f"table-{number}.csv"
    table.path.replace(path)
    return Table(table.name, path)
