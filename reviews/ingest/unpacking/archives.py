"""Files out of ZIP and gzip. Names inside an archive are only shown: nothing is ever written under them."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from . import limits
from .refusals import Code, Refusal
from .tables import shown

BLOCK_BYTES = 1 << 20
_IS_ENCRYPTED = 0x1
_IS_UTF8 = 0x800
_LEFT_BY_SYSTEMS = frozenset({".ds_store", "thumbs.db", "desktop.ini"})
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError, RuntimeError)
"""What the archive modules raise for archives that make no sense."""


def is_workbook(path: Path) -> bool:
    """Whether a ZIP file is a workbook of Excel or OpenDocument; also refuses one that unpacks beyond the limits."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except BROKEN:
        raise Refusal(Code.DAMAGED_ARCHIVE) from None
    names = {member.filename.replace("\\", "/") for member in members}
    is_one = "[Content_Types].xml" in names or "content.xml" in names or any(name.startswith("xl/") for name in names)
    if is_one and sum(member.file_size for member in members) > limits.allowed_bytes(path.stat().st_size):
        raise Refusal(Code.TOO_MUCH_DATA)
    return is_one


def unzipped(path: Path, folder: Path) -> Iterator[tuple[str, Path]]:
    """Name and copy of every member that is not empty; a copy lasts until the next one is asked for, unless moved."""
    room = Room(path)
    try:
        with zipfile.ZipFile(path) as archive:
            members = [member for member in archive.infolist() if _is_content(member)]
            if len(members) > limits.MEMBERS:
                raise Refusal(Code.TOO_MANY_MEMBERS, count=len(members), limit=limits.MEMBERS)
            for number, member in enumerate(members, start=1):
                name = _name(member)
                if member.flag_bits & _IS_ENCRYPTED:
                    raise Refusal(Code.ENCRYPTED_ARCHIVE, member=name)
                copy = folder / f"member-{number}"
                with archive.open(member) as packed:
                    room.fill(copy, packed)
                yield name, copy
    except BROKEN:
        raise Refusal(Code.DAMAGED_ARCHIVE) from None


def gunzipped(path: Path, folder: Path) -> Path:
    copy = folder / f"{path.name}-unpacked"
    try:
        with gzip.open(path) as packed:
            Room(path).fill(copy, packed)
    except BROKEN:
        raise Refusal(Code.DAMAGED_ARCHIVE) from None
    return copy


class Room:
    """The bytes that one archive may still unpack to."""

    def __init__(self, archive: Path) -> None:
        self.left = limits.allowed_bytes(archive.stat().st_size)

    def fill(self, copy: Path, packed: IO[bytes] | gzip.GzipFile) -> None:
        with copy.open("wb") as file:
            while block := packed.read(BLOCK_BYTES):
                self.left -= len(block)
                if self.left < 0:
                    raise Refusal(Code.TOO_MUCH_DATA)
                try:
                    file.write(block)
                except OSError:
                    raise Refusal(Code.DISK_FULL) from None


def _is_content(member: zipfile.ZipInfo) -> bool:
    parts = _name(member).replace("\\", "/").lower().split("/")
    return not (member.is_dir() or member.file_size == 0 or "__macosx" in parts or parts[-1] in _LEFT_BY_SYSTEMS)


def _name(member: zipfile.ZipInfo) -> str:
    """The name as it was meant: without the mark of UTF-8, archives of Chinese Windows have names in GBK."""
    name = member.filename
    if not member.flag_bits & _IS_UTF8:
        raw = name.encode("cp437", errors="replace")
        for encoding in ("utf-8", "gb18030"):
            try:
                name = raw.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
    return shown(name)
