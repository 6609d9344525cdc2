"""The refused rows of an import as a file that can be corrected and uploaded again."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from django.utils.translation import gettext as _

from reviews.models import ImportBatch

from .reading.cells import Reason

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
WRITTEN_AT_ONCE = 500


def rejections_csv(batch: ImportBatch) -> Iterator[str]:
    """Blocks of CSV with a byte order mark. The reasons stand before the file's own cells, so that a row with too few
    or too many of them is still that when it comes back.
    """
    # Translated here: the blocks are written when the request, and its language, are over.
    titles = [_("Line"), _("Column"), _("Value"), _("Reason"), *batch.headings]
    return _blocks(batch, titles, {reason.value: str(reason.label) for reason in Reason})


def _blocks(batch: ImportBatch, titles: list[str], reasons: dict[str, str]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write("\ufeff")
    writer.writerow(guarded(titles))
    rejections = batch.rejections.values_list("line", "column", "value", "reason", "cells")
    for number, (line, column, value, reason, cells) in enumerate(rejections.iterator(WRITTEN_AT_ONCE), start=1):
        writer.writerow([line, *guarded([column, value, reasons[reason], *cells])])
        if number % WRITTEN_AT_ONCE == 0:
            yield _taken(buffer)
    yield _taken(buffer)


def guarded(cells: list[str]) -> list[str]:
    """Spreadsheets run a cell that starts like a formula, but not behind an apostrophe. `cells` takes it off again."""
    return [f"'{cell}" if cell.startswith(FORMULA_STARTS) and not cell.isspace() else cell for cell in cells]


def _taken(buffer: io.StringIO) -> str:
    block = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return block
