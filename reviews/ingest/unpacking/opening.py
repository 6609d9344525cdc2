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

from . import limits
from .kinds import TOP_BYTES, Kind, kind_of
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
    or out of UTF-16 kept its own delimiter. The first row of a table need not be the headings.

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
            _text(name, Path(path), encoding) if is_text else Table(name, Path(path))
            for name, path, is_text in _parsed(copy, workplace)
        ]
    if utf16_encoding(top):
        return [_in_utf8("", upload, utf16_encoding(top), workplace / "upload")]
    return []


def _text(name: str, path: Path, encoding: str) -> Table:
    """Text out of an archive. Raises UnreadableFile."""
    with path.open("rb") as stream:
        try:
            of_two_bytes = utf16_encoding(stream.read(TOP_BYTES))
            if of_two_bytes:
                return _in_utf8(name, stream, of_two_bytes, path)
            found = checked_encoding(stream, encoding) if encoding else detect_encoding(stream)
        except UnreadableFile as error:
            raise UnreadableFile(_about(name, str(error))) from None
        return Table(name, path) if found == "utf-8" else _in_utf8(name, stream, found, path)


def _in_utf8(name: str, stream: IO[bytes], encoding: str, path: Path) -> Table:
    place = first_undecodable(stream, encoding)
    if place is not None:
        raise undecodable(encoding, place)
    copy = path.with_name(f"{path.name}-utf8")
    with copy.open("wb") as target:
        transcode(stream, encoding, target)
    return Table(name, copy)


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
