"""What an upload holds: unpacked where it must be, with its layout, and what each of its columns is stored as."""

from __future__ import annotations

import hashlib
import shutil
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

from django.core.files import File
from django.db import DatabaseError, transaction
from django.utils import timezone

from reviews.models import ImportBatch

from ..keeping import clear_strays, keep
from ..unpacking import Table, unpack
from .formats import recognise_layout
from .presets import kind_of, missing_fields, preset_named, recognise_columns
from .remembering import remembered_columns

Status = ImportBatch.Status
CARRIED_OVER = ("shop", "source", "uploaded_by", "is_confirmed", "preset", "covers_from", "covers_to")
"""What holds for every table of an upload that has several."""


def recognise(batch: ImportBatch) -> None:
    """Find out how to read the file of `batch`, and open its reading, or ask a person for the columns that are missing.

    Raises UnreadableFile.
    """
    with batch.source_file.open("rb") as stream:
        layout = recognise_layout(stream, "utf-8" if batch.table else batch.encoding)
    batch.encoding, batch.delimiter = layout.encoding, layout.delimiter
    batch.heading_line, batch.headings = layout.heading_line, layout.headings
    _recognise_columns(batch)
    batch.reading = reading_code()
    batch.table_bytes = batch.source_file.size
    batch.status = Status.READY if missing_fields(batch.mapping) else Status.STAGING
    batch.beat_at = batch.phase_at = timezone.now()
    with transaction.atomic():
        if _is_wanted(batch):
            batch.save()


@cache
def reading_code() -> str:
    """Names the code that reads files: with other code the same bytes may come to other rows."""
    packages = Path(__file__).parents[1]
    sources = sorted([*packages.glob("*.py"), *packages.glob("*/*.py")])
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:16]


def _is_wanted(batch: ImportBatch) -> bool:
    """Whether nobody has given the import up meanwhile; until the transaction ends nobody can."""
    return ImportBatch.objects.select_for_update().filter(pk=batch.pk, status=Status.RECEIVED).exists()


def _recognise_columns(batch: ImportBatch) -> None:
    preset = preset_named(batch.preset)
    recognised = recognise_columns(batch.headings, preset)
    remembered = None if preset else remembered_columns(batch.shop, batch.headings)
    batch.mapping, batch.preset = remembered or recognised.mapping, recognised.preset
    batch.kind = kind_of(batch.mapping)


def unpack_upload(batch: ImportBatch) -> list[ImportBatch]:
    """Find the tables inside the file of `batch`, unless that is done or it is read as it stands.

    An upload with several becomes as many imports: answers the others, which nobody has looked at yet. Raises
    UnreadableFile, and OSError where the disk is full; nothing is kept of it then.
    """
    _clear_workplace(batch)
    if batch.table:
        return []
    clear_strays(batch.file)
    with TemporaryDirectory(prefix=_mark(batch)) as folder, batch.file.open("rb") as upload:
        tables = unpack(upload, Path(folder), batch.encoding)
        if not tables:
            return []
        imports = [batch, *(_sibling(batch) for _table in tables[1:])]
        try:
            for held, table in zip(imports, tables, strict=True):
                _hold(held, table, is_one_of_many=len(tables) > 1)
            with transaction.atomic():
                if _is_wanted(batch):
                    batch.save()
                    return ImportBatch.objects.bulk_create(imports[1:])
        except (OSError, DatabaseError):
            _let_go(imports)
            raise
        _let_go(imports)
        return []


def _let_go(imports: list[ImportBatch]) -> None:
    for held in imports:
        held.table.delete(save=False)


def _clear_workplace(batch: ImportBatch) -> None:
    """Remove what workers left that were killed while they took the file of `batch` apart, or right after."""
    for left in Path(gettempdir()).glob(f"{_mark(batch)}*"):
        shutil.rmtree(left, ignore_errors=True)


def _mark(batch: ImportBatch) -> str:
    """How the names of folders begin in which the file of `batch` is taken apart."""
    return f"reviewdesk-{Path(str(batch.file.name)).stem}-"


def _sibling(upload: ImportBatch) -> ImportBatch:
    """The import, not saved yet, of another table of an upload."""
    carried = {name: getattr(upload, name) for name in CARRIED_OVER}
    return ImportBatch(
        **carried, upload=upload, file=upload.file.name, file_name=upload.file_name, beat_at=timezone.now()
    )


def _hold(batch: ImportBatch, table: Table, *, is_one_of_many: bool) -> None:
    """Let `table` be what is read of `batch`."""
    with table.path.open("rb") as rows:
        keep(batch.table, File(rows), of=batch.file)
        if is_one_of_many:
            batch.file_bytes = batch.table.size
            batch.file_name = f"{batch.file_name} › {table.name}"[-255:]
            rows.seek(0)
            batch.digest = hashlib.file_digest(rows, "sha256").hexdigest()
