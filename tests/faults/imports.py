"""Files to import on a machine with faults, and what is compared in the end."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from typing import Any

from reviews.ingest.running import queue_import
from reviews.models import ImportBatch, Shop
from tests.faults.machine import PATIENCE_SECONDS, Machine
from tests.reviews.ingest.exports import ROWS, counts, csv_bytes, received, substance

SWEEP_SECONDS = 0.2
ROW_COUNT = 600


def lines(first: int = 0, last: int = ROW_COUNT, **texts: str) -> list[tuple[str, ...]]:
    """Reviews of the orders `first` to `last` - 1; every fifth buyer wrote before. `text` stands for what they say."""
    rows = ((number, ROWS[number % len(ROWS)]) for number in range(first, last))
    return [(str(number), f"买**{number % 37}", row[2], texts.get("text", row[3]), *row[4:]) for number, row in rows]


def export() -> bytes:
    """New reviews, some that `earlier` told differently, repeated lines, and refused ones."""
    refused = [("1.2E+17", *ROWS[0][1:]), ROWS[1][:3]] * 15
    return csv_bytes([*lines(0, 300), *refused, *lines(300), *lines(0, 60)])


def earlier() -> bytes:
    return csv_bytes(lines(0, ROW_COUNT, text="包装破了")[::7])


def stored(shop: Shop, content: bytes) -> ImportBatch:
    """Let the workers import `content`, which nobody has to confirm."""
    batch = received(shop, content)
    queue_import(batch.pk)
    return batch


def is_over(batch: ImportBatch) -> bool:
    batch.refresh_from_db()
    return not batch.is_running


def sweeps(machine: Machine, batch: ImportBatch) -> Iterator[None]:
    """Sweep by the clock until the import is over."""
    begun = time.monotonic()
    while not is_over(batch):
        assert time.monotonic() - begun < PATIENCE_SECONDS, (batch.status, batch.bytes_read, batch.rows)
        machine.sweep()
        yield
        time.sleep(SWEEP_SECONDS)


def finish(machine: Machine, batch: ImportBatch) -> float:
    """Wait for the end of the import, as the scheduler would with its sweeps; the seconds it took."""
    begun = time.monotonic()
    for _ in sweeps(machine, batch):
        pass
    return time.monotonic() - begun


def outcome(*batches: ImportBatch) -> dict[str, Any]:
    """All that an import leaves, for comparison with that of another shop."""
    return {
        "status": [(batch.status, batch.error) for batch in batches],
        "counts": [{**counts(batch), "negative": batch.negative, "cases": batch.cases_opened} for batch in batches],
        "rejections": [list(batch.rejections.values_list("line", "column", "reason")) for batch in batches],
        "parts": list(itertools.chain(*(batch.parts.values_list("lines_before", "state") for batch in batches))),
        **substance(batches[0].shop),
    }
