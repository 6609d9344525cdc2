"""An import, classified and with its cases opened, against a bare COPY of the same rows into a plain table, and against
the least that PostgreSQL needs to store them: staged by COPY, then inserted beside the indexes that reviews have.

Workers are processes of their own, as they are in production.
"""

from __future__ import annotations

import csv
import os
import resource
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import django
from django.conf import settings
from django.core.files import File
from django.db import connection

from benchmarks.table import Measure
from benchmarks.texts import made_texts

HEADINGS = ["订单号", "买家昵称", "评价结果", "评价内容", "评价时间", "宝贝标题", "商品属性"]
NEGATIVE_SHARE = 0.05
"""About what a shop with many parcels sees among the reviews that say something."""
WORKERS = 2
COPY = "COPY's time"
STORE = """
insert into bench_stored (shop_id, product_id, batch_id, identity, order_number, buyer_name, rating, content,
    reviewed_at, sku, is_negative, negative_score, platform_review_id, sub_order_id, append_content, reply, is_default,
    classifier_version, created_at, updated_at)
select 1, 1, 1, c0, c0, c1, c2, c3, c4::timestamptz, c6, c2 = '差评', 0.1, '', '', '', '', false, '', now(), now()
from bench_plain
on conflict do nothing
"""
SMALL = 10
"""Peak memory is compared with that of a file so many times smaller."""


def measure(rows: int) -> Iterator[Measure]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "export.csv"
        _write_export(path, rows // SMALL)
        _seconds, small = _import("bench-small", path, workers=1)
        _write_export(path, rows)
        copying, storing = _copy_and_store_seconds(path)
        yield Measure(f"COPY of {rows:,} rows (baseline)", rows / copying, "rows/s")
        yield Measure(
            "COPY and insert beside the indexes of reviews (baseline)",
            rows / storing,
            "rows/s",
            storing / copying,
            COPY,
        )
        # The same rows in a file that is not the same byte by byte have to be compared one by one.
        touched = Path(folder) / "touched.csv"
        touched.write_bytes(path.read_bytes() + b"\r\n")
        for shop, file, workers, name in (
            ("bench-1", path, 1, "import, classified, cases open"),
            ("bench-1", path, 1, "re-import of the identical file"),
            ("bench-1", touched, 1, "re-import of the same rows in another file"),
            (f"bench-{WORKERS}", path, WORKERS, f"import shared by {WORKERS} workers"),
            (f"bench-{WORKERS}", touched, WORKERS, f"re-import of the same rows, {WORKERS} workers"),
        ):
            seconds, megabytes = _import(shop, file, workers=workers)
            yield Measure(name, rows / seconds, "rows/s", seconds / copying, COPY)
            if name.startswith("import"):
                yield Measure("the same import", rows / seconds, "rows/s", seconds / storing, "COPY and insert")
            if name.startswith("import,"):
                yield Measure(
                    "peak memory of the worker", megabytes, "MB", megabytes / small, f"a {SMALL}th of the rows"
                )
        _write_export(path, rows, is_varied=True)
        copying, _storing = _copy_and_store_seconds(path)
        seconds, _megabytes = _import("bench-varied", path, workers=WORKERS)
        yield Measure(
            f"import where no two texts are alike, {WORKERS} workers",
            rows / seconds,
            "rows/s",
            seconds / copying,
            COPY,
        )


def _write_export(path: Path, rows: int, *, is_varied: bool = False) -> None:
    chance = Random(11)
    texts = made_texts(min(rows, 20_000), negative=NEGATIVE_SHARE if is_varied else 1.0)
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
                    f"{texts[number % len(texts)]}{number if is_varied else ''}"
                    if is_negative or is_varied
                    else "收到了,很好,下次还来",
                    (start + timedelta(seconds=number * 7 % 8_000_000)).strftime("%Y-%m-%d %H:%M:%S"),
                    f"商品{number % 200}",
                    "默认",
                ]
            )


def _copy_and_store_seconds(path: Path) -> tuple[float, float]:
    """Seconds of a bare COPY of the rows; and of that and an insert of them beside the indexes of reviews."""
    plain = path.with_suffix(".utf8")
    with path.open(encoding="gb18030", newline="") as source, plain.open("w", encoding="utf-8", newline="") as target:
        shutil.copyfileobj(source, target)
    columns = ", ".join(f"c{index} text" for index in range(len(HEADINGS)))
    with connection.cursor() as cursor, plain.open("rb") as file:
        cursor.execute("drop table if exists bench_plain, bench_stored")
        cursor.execute(f"create table bench_plain ({columns})")
        cursor.execute("create table bench_stored (like reviews_review including all)")
        started = time.perf_counter()
        cursor.copy_expert("copy bench_plain from stdin with (format csv, header)", file)
        copied = time.perf_counter()
        cursor.execute(STORE)
        stored = time.perf_counter()
        cursor.execute("drop table bench_plain, bench_stored")
    return copied - started, stored - started


def _import(shop_code: str, path: Path, *, workers: int) -> tuple[float, float]:
    """Seconds, and megabytes that a worker took at most. Starting the workers does not count: they wait for work."""
    batch_id = _received(shop_code, path)
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_begin) as pool:
        list(pool.map(_ready, range(workers)))
        started = time.perf_counter()
        peaks = list(pool.map(_work, [batch_id] * workers))
        seconds = time.perf_counter() - started
    return seconds, max(peaks)


def _received(shop_code: str, path: Path) -> int:
    from reviews.ingest.reception import receive_file
    from reviews.models import ImportBatch, Shop

    shop, _is_new = Shop.objects.get_or_create(code=shop_code, defaults={"name": shop_code, "platform": "taobao"})
    with path.open("rb") as file:
        return receive_file(shop=shop, file=File(file, name=path.name), source=ImportBatch.Source.COMMAND).pk


def _begin() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reviewdesk.settings")
    # Where DEBUG is on every query is kept, which no worker of an installation does.
    settings.DEBUG = False
    django.setup()


def _ready(_number: int) -> None:
    from reviews.classifier import shipped

    shipped().classify(["等了九天才到"])
    time.sleep(0.2)


def _work(batch_id: int) -> float:
    """Bring the import to its end beside the other workers; peak megabytes of this process."""
    from reviews.ingest.running import run
    from reviews.models import ImportBatch

    while (batch := ImportBatch.objects.get(pk=batch_id)).is_running:
        run(batch_id)
        time.sleep(0.01)
    assert batch.status == ImportBatch.Status.DONE, batch.error
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
