"""Files to import on a machine with faults, and what is compared in the end."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings

from reviews.ingest.running import queue_import
from reviews.models import ImportBatch, Shop
from tests.faults.machine import PATIENCE_SECONDS, Machine
from tests.reviews.ingest.exports import ROWS, counts, csv_bytes, received, substance

SWEEP_SECONDS = 0.2
ROW_COUNT = 300


def lines(first: int = 0, last: int = ROW_COUNT, **texts: str) -> list[tuple[str, ...]]:
    """Reviews of the orders `first` to `last` - 1; every fifth buyer wrote before. `text` stands for what they say."""
    rows = ((number, ROWS[number % len(ROWS)]) for number in range(first, last))
    return [(str(number), f"买**{number % 37}", row[2], texts.get("text", row[3]), *row[4:]) for number, row in rows]


def export() -> bytes:
    """New reviews, some that `earlier` told differently, repeated lines, and refused ones."""
    refused = [("1.2E+17", *ROWS[0][1:]), ROWS[1][:3]] * 15
    return csv_bytes([*lines(0, 150), *refused, *lines(150), *lines(0, 60)])


def earlier() -> bytes:
    return csv_bytes(lines(0, ROW_COUNT, text="包装破了")[::7])


def order_export() -> bytes:
    """Orders of the reviews above, and others; some on two lines, some damaged."""
    headings = ("订单编号", "买家会员名", "买家应付货款", "订单创建时间", "联系手机", "收货地址", "物流公司")
    orders = [
        (
            str(number),
            f"买**{number % 37}",
            f"{number % 90}.50",
            "2026-11-01 10:00:00",
            f"138{number:08}",
            "浙江省 杭州市",
            "",
        )
        for number in range(ROW_COUNT + 200)
    ]
    twice = [(*order[:2], "99.00", *order[3:6], "圆通速递") for order in orders[::9]]
    return csv_bytes([*orders, ("1.2E+17", *orders[0][1:]), *twice], headings)


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


def undisturbed(machine: Machine, shop: Shop, *files: bytes) -> list[ImportBatch]:
    """The imports of `files`, one after the other, that nothing happens to."""
    batches = []
    for file in files:
        batches.append(stored(shop, file))
        finish(machine, batches[-1])
        assert batches[-1].status == "done", batches[-1].error
    return batches


def leftovers(machine: Machine) -> list[str]:
    """Files of uploads that no import knows, and what was meant to last as long as a job."""
    known = {name for names in ImportBatch.objects.values_list("file", "table") for name in names}
    uploads = Path(settings.MEDIA_ROOT)
    strays = [path for path in uploads.rglob("*") if path.is_file() and str(path.relative_to(uploads)) not in known]
    return sorted(map(str, [*strays, *(machine.folder / "tmp").glob("*")]))


def outcome(*batches: ImportBatch) -> dict[str, Any]:
    """All that an import leaves, for comparison with that of another shop."""
    left = substance(batches[0].shop)
    return {
        "status": [(batch.status, batch.error) for batch in batches],
        "counts": [{**counts(batch), "negative": batch.negative, "cases": batch.cases_opened} for batch in batches],
        "rejections": [list(batch.rejections.values_list("line", "column", "reason")) for batch in batches],
        "parts": list(itertools.chain(*(batch.parts.values_list("lines_before", "state") for batch in batches))),
        **left,
        "reviews": sorted(map(_comparable, left["reviews"]), key=lambda review: (review["order_number"], str(review))),
    }


def _comparable(review: dict[str, Any]) -> dict[str, Any]:
    """A withdrawn review is known by a number of its own, and since when it is depends on the run."""
    if review["withdrawn_at"] is None:
        return review
    return {**review, "identity": "", "withdrawn_at": ""}
