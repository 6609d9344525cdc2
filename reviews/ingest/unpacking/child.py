"""The process that takes foreign files apart, with little memory, time and disk, so that whatever is in them harms only
itself. `python -m reviews.ingest.unpacking.child UPLOAD FOLDER PARENT` writes tables into FOLDER, named in JSON;
PARENT is the process that waits for it.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import sys
from pathlib import Path

from reviews.ingest.reading.charset import Place, probable_encoding, transcode

from . import limits
from .archives import gunzipped, is_workbook, unzipped
from .interfaces import read_json
from .kinds import Kind, kind_of_file
from .markup import read_markup
from .refusals import Code, Refusal, code_of
from .tables import Tables
from .workbooks import read_workbook

_DIE_WITH_PARENT = 1


def main(upload: Path, folder: Path) -> dict[str, object]:
    """{"tables": [[name, path, is_text], ...]} or {"code": ..., "member": ..., "details": {...}}."""
    tables = Tables(folder)
    try:
        _read(upload, "", tables)
        if not tables.found:
            raise Refusal(Code.NO_ROWS)
    except Refusal as refusal:
        return {"code": refusal.code, "member": refusal.member, "details": refusal.details}
    except MemoryError:
        return {"code": Code.TOO_MUCH_MEMORY, "member": "", "details": {}}
    except OSError as error:
        code = code_of(error)
        if code is None:
            raise
        return {"code": code, "member": "", "details": {}}
    return {"tables": [[table.name, str(table.path), table.is_text] for table in tables.found]}


def _read(path: Path, name: str, tables: Tables, *, is_inside: bool = False) -> None:
    """Whatever `path` holds becomes tables. `is_inside` an archive already: no further one is opened."""
    kind = kind_of_file(path)
    if kind is Kind.OLE or (kind is Kind.ZIP and is_workbook(path)):
        read_workbook(path, name, tables)
    elif kind in (Kind.ZIP, Kind.GZIP) and is_inside:
        raise Refusal(Code.NESTED_ARCHIVE)
    elif kind is Kind.GZIP:
        _read(gunzipped(path, tables.folder), name, tables, is_inside=True)
    elif kind is Kind.ZIP:
        _read_archive(path, tables)
    elif kind is Kind.MARKUP:
        read_markup(_as_utf8(path), name, tables)
    elif kind is Kind.JSON:
        read_json(_as_utf8(path), name, tables)
    else:
        tables.add_text(name, path)


def _read_archive(path: Path, tables: Tables) -> None:
    for name, member in unzipped(path, tables.folder):
        try:
            _read(member, name, tables, is_inside=True)
        except Refusal as refusal:
            raise Refusal(refusal.code, refusal.member or name, **refusal.details) from None


def _as_utf8(path: Path) -> Path:
    with path.open("rb") as stream:
        encoding, place = probable_encoding(stream)
        if isinstance(place, Place):
            raise Refusal(Code.UNDECODABLE, line=place.line, byte=place.byte, encoding=encoding)
        if encoding == "utf-8":
            return path
        copy = path.with_name(f"{path.name}-utf8")
        with copy.open("wb") as target:
            transcode(stream, encoding, target)
    return copy


def confine() -> None:
    """From here on this process has only what `limits` allows, and ends with the one that started it."""
    resource.setrlimit(resource.RLIMIT_AS, (limits.MEMORY_BYTES, limits.MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.CPU_SECONDS, limits.CPU_SECONDS + 5))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.UNPACKED_BYTES, limits.UNPACKED_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)


if __name__ == "__main__":
    confine()
    if os.getppid() != int(sys.argv[3]):
        sys.exit("It died before it could take this process with it.")
    json.dump(main(Path(sys.argv[1]), Path(sys.argv[2])), sys.stdout)
