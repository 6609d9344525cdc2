"""What an upload holds: unpacked where it must be, with its layout, and what each of its columns is stored as."""

from __future__ import annotations

from django.utils import timezone

from reviews.models import ImportBatch

from .formats import recognise_layout
from .presets import kind_of, missing_fields, preset_named, recognise_columns

Status = ImportBatch.Status


def recognise(batch: ImportBatch) -> None:
    """Find out how to read the file of `batch`, and open its reading, or ask a person for the columns that are missing.

    Raises UnreadableFile, with nothing stored.
    """
    with batch.source_file.open("rb") as stream:
        layout = recognise_layout(stream, batch.encoding)
    recognised = recognise_columns(layout.headings, preset_named(batch.preset))
    batch.encoding, batch.delimiter = layout.encoding, layout.delimiter
    batch.heading_line, batch.headings = layout.heading_line, layout.headings
    batch.mapping, batch.preset = recognised.mapping, recognised.preset
    batch.kind = kind_of(batch.mapping)
    batch.table_bytes = batch.source_file.size
    batch.status = Status.READY if missing_fields(batch.mapping) else Status.STAGING
    batch.beat_at = batch.phase_at = timezone.now()
    batch.save()
