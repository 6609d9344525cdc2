"""A pushed table takes the way of a confirmed file, with its rows staged before the sender gets an answer."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _

from reviews.ingest.reading.cells import Reason
from reviews.ingest.reading.presets import kind_of, missing_fields, recognise_columns
from reviews.ingest.reading.records import Record
from reviews.ingest.reading.remembering import remembered_columns
from reviews.ingest.reading.rows import RowReader
from reviews.ingest.reception import receive_file
from reviews.ingest.running import queue_import
from reviews.ingest.staging import stage_records
from reviews.models import ImportBatch, ImportPart, PushToken

from .bodies import Table
from .problems import Problem

FIRST_LINE = 2
"""Line of item 0: the headings are above it."""


@transaction.atomic
def receive_push(*, token: PushToken, table: Table, now: datetime) -> ImportBatch:
    """Store `table` as an import of the token's shop, every row staged or refused, and have a worker merge it.

    Raises Problem where the items lack what no review can do without.
    """
    recognised = recognise_columns(table.headings)
    mapping = remembered_columns(token.shop, table.headings) or recognised.mapping
    _check_fields(mapping)
    batch = receive_file(
        shop=token.shop, file=ContentFile(_csv(table), name="push.csv"), source=ImportBatch.Source.PUSH
    )
    lines = len(table.rows) + FIRST_LINE - 1
    batch.file_name = token.name
    batch.status = ImportBatch.Status.STAGING
    batch.started_at = batch.phase_at = now
    batch.encoding, batch.delimiter = "utf-8", ","
    batch.headings, batch.mapping, batch.preset = table.headings, mapping, recognised.preset
    batch.table_bytes = batch.bytes_read = batch.file_bytes
    batch.lines_read = lines
    batch.save()
    batch.parts.create(offset=0, lines_before=FIRST_LINE - 1, last_line=lines, state=ImportPart.State.STAGED)
    stage_records(batch, list(_records(table)), RowReader(table.headings, mapping, now))
    queue_import(batch.pk)
    return batch


def _check_fields(mapping: Mapping[str, int]) -> None:
    if kind_of(mapping) != ImportBatch.Kind.REVIEWS:
        raise Problem(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "no_reviews",
            _("The items tell of orders, and none of a review. Order files are uploaded under Imports."),
        )
    if missing := missing_fields(mapping):
        raise Problem(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "fields_missing",
            _("No item has a field for: %(fields)s.") % {"fields": _(", ").join(missing)},
        )


def receipt_of(batch: ImportBatch, items: int, url: str) -> dict[str, Any]:
    """What became of each of the `items` of a push so far, as `schemas.Receipt` has it."""
    refusals = {refusal["index"]: refusal for refusal in refusals_of(batch)}
    accepted = {"status": "accepted"}
    return {
        "import": {"id": batch.pk, "url": url},
        "counts": {"items": items, "accepted": items - len(refusals), "rejected": len(refusals)},
        "items": [
            {"index": index, **({"status": "rejected", **refusals[index]} if index in refusals else accepted)}
            for index in range(items)
        ],
    }


def refusals_of(batch: ImportBatch) -> list[dict[str, Any]]:
    """The refused items of a push, in their order, as `schemas.Refusal` has them."""
    return [
        {
            "index": refused.line - FIRST_LINE,
            "reason": refused.reason,
            "message": str(Reason(refused.reason).label),
            "field": refused.column,
            "value": refused.value,
        }
        for refused in batch.rejections.all()
    ]


def _records(table: Table) -> Iterator[Record]:
    for line, cells in enumerate(table.rows, start=FIRST_LINE):
        yield Record(line, cells, line, 0)


def _csv(table: Table) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([table.headings, *table.rows])
    return text.getvalue().encode()
