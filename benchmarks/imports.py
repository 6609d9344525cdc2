"""An import, classified and with its cases opened, against a bare COPY of the same rows into a plain table."""

from __future__ import annotations

import csv
import resource
import shutil
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from django.core.files import File
from django.db import connection

from benchmarks.table import Measure
from benchmarks.texts import made_texts
from reviews.ingest import running
from reviews.ingest.reception import receive_file
from reviews.models import ImportBatch, Shop

HEADINGS = ["订单号", "买家昵称", "评价结果", "评价内容", "评价时间", "宝贝标题", "商品属性"]
NEGATIVE_SHARE = 0.05
"""About what a shop with many parcels sees among the reviews that say something."""


def measure(rows: int) -> Iterator[Measure]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "export.csv"
        _write_export(path, rows)
        copying = _copy_seconds(path)
        yield Measure(f"COPY of {rows:,} rows (baseline)", rows / copying, "rows/s")
        shop = Shop.objects.create(code="bench", name="bench", platform="taobao")
        for name in ("import, classified, cases open", "re-import of the identical file"):
            seconds = _import_seconds(shop, path)
            yield Measure(name, rows / seconds, "rows/s", seconds / copying, "COPY's time")
    yield Measure("peak memory of the importing process", _peak_megabytes(), "MB")


def _write_export(path: Path, rows: int) -> None:
    chance = Random(11)
    texts = made_texts(min(rows, 20_000))
    start = datetime(2026, 8, 1)
    with path.open("w", encoding="gb18030", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADINGS)
        for number in range(rows):
            is_negative = chance.random() < NEGATIVE_SHARE
            writer.writerow(
                [
                    f"26{number:017d}",
                    f"买**{number % 9973}",
                    "差评" if is_negative else "好评",
                    texts[number % len(texts)] if is_negative else "收到了,很好,下次还来",
                    (start + timedelta(seconds=number * 7 % 8_000_000)).strftime("%Y-%m-%d %H:%M:%S"),
                    f"商品{number % 200}",
                    "默认",
                ]
            )


def _copy_seconds(path: Path) -> float:
    plain = path.with_suffix(".utf8")
    with path.open(encoding="gb18030", newline="") as source, plain.open("w", encoding="utf-8", newline="") as target:
        shutil.copyfileobj(source, target)
    columns = ", ".join(f"c{index} text" for index in range(len(HEADINGS)))
    with connection.cursor() as cursor, plain.open("rb") as file:
        cursor.execute("drop table if exists bench_plain")
        cursor.execute(f"create table bench_plain ({columns})")
        started = time.perf_counter()
        cursor.copy_expert("copy bench_plain from stdin with (format csv, header)", file)
        seconds = time.perf_counter() - started
        cursor.execute("drop table bench_plain")
    return seconds


def _import_seconds(shop: Shop, path: Path) -> float:
    with path.open("rb") as file:
        batch = receive_file(shop=shop, file=File(file, name=path.name), source=ImportBatch.Source.COMMAND)
    started = time.perf_counter()
    running.run(batch.pk)
    seconds = time.perf_counter() - started
    batch.refresh_from_db()
    assert batch.status == ImportBatch.Status.DONE, batch.error
    return seconds


def _peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
