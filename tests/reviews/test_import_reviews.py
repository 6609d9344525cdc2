"""The command, its contract with other tools, and an import that is really killed."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from cases.models import Case
from reviews.ingest.locks import alone_on_batch
from reviews.jobs import run_import
from reviews.models import ImportBatch, Review, ReviewCause, Shop
from tests.connections import in_another_connection
from tests.reviews.ingest.exports import HEADINGS, ROWS, counts, csv_bytes, imported, substance, whole_tables
from tests.reviews.ingest.files import xlsx

ROOT = Path(__file__).resolve().parents[2]
Export = Callable[..., Path]


@pytest.fixture
def export(tmp_path: Path) -> Export:
    def write(content: bytes | None = None, name: str = "export.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(csv_bytes() if content is None else content)
        return path

    return write


def run_command(*arguments: object) -> dict[str, Any]:
    out = StringIO()
    call_command("import_reviews", *map(str, arguments), stdout=out, stderr=StringIO())
    report: dict[str, Any] = json.loads(out.getvalue().strip().splitlines()[-1])
    return report


@pytest.mark.django_db
def test_the_shipped_classifier_finds_reviews_causes_and_cases(export: Export) -> None:
    report = run_command(export(), "--shop", "new", "--platform", "tmall")
    batch = ImportBatch.objects.get()
    assert Shop.objects.get(code="new").platform == "tmall"
    assert report["batch"] == batch.pk
    assert report["status"] == "done"
    assert {name: report[name] for name in counts(batch)} == counts(batch)
    assert (report["rows"], report["created"]) == (5, 5)
    assert report["seconds"] == batch.seconds > 0
    negative = set(Review.objects.filter(is_negative=True).values_list("order_number", flat=True))
    assert negative == {"1001", "1003", "1005"}
    assert report["negative"] == report["cases_opened"] == Case.objects.count() == 3
    slow = ReviewCause.objects.get(review__order_number="1001", rank=0)
    assert slow.code == "courier.slow"
    assert slow.spans
    assert "慢" in "".join(ROWS[0][3][start:end] for start, end in slow.spans)


@pytest.mark.django_db
@pytest.mark.usefixtures("classifier")
def test_of_several_tables_each_is_told_and_what_was_stored_is_reported(export: Export, shop: Shop) -> None:
    sheets = {"封面": [("店铺导出",)], "评价": [HEADINGS, *ROWS], "名单": [("甲", "乙"), ("丙", "丁")]}
    out = StringIO()
    with pytest.raises(CommandError) as failed:
        call_command("import_reviews", str(export(xlsx(sheets))), "--shop", shop.code, stdout=out, stderr=StringIO())
    assert [line.split("”")[0] for line in str(failed.value).splitlines()] == [
        "“export.csv › 封面",
        "“export.csv › 名单",
    ]
    assert json.loads(out.getvalue().splitlines()[-1])["created"] == shop.reviews.count() == 5
    assert set(ImportBatch.objects.values_list("status", flat=True)) == {"failed", "done", "discarded"}


@pytest.mark.django_db
@pytest.mark.usefixtures("classifier")
def test_a_file_that_covers_days_marks_what_it_lacks(export: Export, shop: Shop) -> None:
    run_command(export(), "--shop", "first")
    run_command(export(csv_bytes(ROWS[:3])), "--shop", "first", "--covers", "2026-11-02..2026-11-03")
    assert Review.objects.get(not_seen_at__isnull=False).order_number == "1004"
    batch = ImportBatch.objects.get(covers_from="2026-11-02", covers_to="2026-11-03")
    assert batch.coverage == {"stored": 4, "unseen": 1, "is_believed": True}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "days", ["2026-11-03..2026-11-02", "2026-11-02", "2026-11-02..", "yesterday..today", "2026-11-01..2099-01-01"]
)
def test_days_that_no_file_covers_are_refused(export: Export, shop: Shop, days: str) -> None:
    with pytest.raises(CommandError, match="--covers"):
        run_command(export(), "--shop", "first", "--covers", days)
    assert not ImportBatch.objects.exists()


@pytest.mark.django_db
@pytest.mark.usefixtures("classifier")
def test_a_second_import_of_the_same_file_changes_nothing(export: Export, shop: Shop) -> None:
    run_command(export(), "--shop", "first")
    before = whole_tables()
    report = run_command(export(), "--shop", "first")
    assert whole_tables() == before
    assert (report["rows"], report["unchanged"], report["cases_opened"]) == (5, 5, 0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("classifier")
def test_it_waits_for_a_worker_that_has_taken_a_table(
    export: Export, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_work = []

    def taken(batch_id: int) -> None:
        is_taken = threading.Event()

        def work() -> None:
            with alone_on_batch(batch_id):
                is_taken.set()
                time.sleep(1)
            run_import(batch_id)

        at_work.append(in_another_connection(work))
        assert is_taken.wait(20)

    monkeypatch.setattr("reviews.ingest.running.queue_import", taken)
    workbook = export(xlsx({"九月": [HEADINGS, *ROWS[:2]], "十月": [HEADINGS, *ROWS[2:]]}), "two.xlsx")
    report = run_command(workbook, "--shop", shop.code)
    for thread in at_work:
        thread.join(20)
    assert at_work
    assert (report["rows"], report["created"]) == (5, 5)


@pytest.mark.django_db
@pytest.mark.usefixtures("classifier")
def test_the_tables_of_an_archive_are_added_up(tmp_path: Path, shop: Shop) -> None:
    path = tmp_path / "both.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("one.csv", csv_bytes(ROWS[:2]))
        archive.writestr("two.csv", csv_bytes(ROWS[1:]))
    report = run_command(path, "--shop", "first")
    assert (report["rows"], report["created"], report["unchanged"], report["rejected"]) == (6, 5, 1, 0)
    assert report["batch"] == ImportBatch.objects.get(upload=None).pk
    assert Review.objects.count() == 5


@pytest.mark.django_db
@pytest.mark.usefixtures("classifier")
def test_the_preset_can_be_named(export: Export, shop: Shop) -> None:
    content = csv_bytes([("甲", "乙", "2026-11-02")], ("评价内容", "评论内容", "日期"))
    run_command(export(content), "--shop", "first", "--preset", "browser-plugin")
    assert Review.objects.get().content == "乙"


@pytest.mark.django_db
@pytest.mark.usefixtures("classifier")
def test_the_encoding_can_be_named(export: Export, shop: Shop) -> None:
    content = csv_bytes([("這個壞了", "2026-11-02")], ("content", "reviewed_at"), encoding="big5")
    run_command(export(content), "--shop", "first", "--encoding", "big5")
    assert Review.objects.get().content == "這個壞了"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "arguments", "reason"),
    [
        (b"", ["--shop", "first"], "empty|空"),
        (csv_bytes(headings=("a", "b", "c", "d", "e", "f", "g")), ["--shop", "first"], "a, b, c"),
        (csv_bytes(), ["--shop", "nowhere"], "nowhere"),
        (csv_bytes(), ["--shop", "first", "--preset", "nothing"], "taobao-seller"),
        (csv_bytes(), ["--shop", "first", "--encoding", "klingon"], "klingon"),
    ],
)
def test_what_cannot_be_imported_is_explained(
    export: Export, shop: Shop, content: bytes, arguments: list[str], reason: str
) -> None:
    with pytest.raises(CommandError, match=reason) as refused:
        run_command(export(content), *arguments)
    assert refused.value.returncode == 1
    assert not Review.objects.exists()
    assert not ImportBatch.objects.filter(status__in=[*ImportBatch.RUNNING, ImportBatch.Status.READY]).exists()


@pytest.mark.django_db
def test_a_file_that_is_not_there(shop: Shop, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"missing\.csv"):
        run_command(tmp_path / "missing.csv", "--shop", "first")


def command_line(*arguments: object) -> list[str]:
    return [sys.executable, str(ROOT / "manage.py"), "import_reviews", *map(str, arguments)]


def environment(uploads: Path) -> dict[str, str]:
    """That of this test: its database, its files."""
    base, _, _name = settings.SERVERS.database_url.rpartition("/")
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": f"{base}/{connection.settings_dict['NAME']}",
        "REDIS_URL": settings.SERVERS.redis_url,
        "UPLOAD_DIR": str(uploads),
    }


@pytest.mark.django_db(transaction=True)
def test_reasons_go_to_stderr_and_the_exit_code_tells(export: Export, shop: Shop, tmp_path: Path) -> None:
    failed = subprocess.run(
        command_line(export(b""), "--shop", "first"), env=environment(tmp_path), capture_output=True, text=True
    )
    assert failed.returncode == 1
    assert failed.stdout == ""
    assert "Traceback" not in failed.stderr
    assert failed.stderr.strip()


def wait_for(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.django_db(transaction=True)
def test_sigkill_at_random_moments_loses_and_doubles_nothing(
    export: Export, shop: Shop, other_shop: Shop, tmp_path: Path, settings: Any
) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    rows = [(str(number), *ROWS[1 if number % 20 else number % 3][1:]) for number in range(5_000)]
    content = csv_bytes([*rows, *rows[:1000], *[("1.2E+17", *ROWS[0][1:])] * 50], HEADINGS)
    path = export(content)
    clean = imported(other_shop, content)
    imports = ImportBatch.objects.filter(shop=shop)
    moment = random.Random(7)
    for _ in range(3):
        process = subprocess.Popen(command_line(path, "--shop", "first"), env=environment(tmp_path))
        known = set(imports.values_list("pk", flat=True))
        wait_for(lambda known=known: imports.filter(bytes_read__gt=0).exclude(pk__in=known).exists())  # type: ignore[misc]
        time.sleep(moment.uniform(0, 0.8))
        process.send_signal(signal.SIGKILL)
        process.wait()
    interrupted = [batch.pk for batch in imports.exclude(status="done")]
    assert interrupted, "at least one was caught in the act"

    def finished(pk: int) -> bool:
        # The server may still be busy with the dead process's last statement, and hold its lock.
        run_import(pk)
        return imports.filter(pk=pk, status="done").exists()

    for pk in interrupted:
        wait_for(lambda pk=pk: finished(pk))  # type: ignore[misc]
    assert substance(shop) == substance(other_shop)
    for batch in imports:
        assert batch.rows == batch.created + batch.updated + batch.unchanged + batch.rejected == clean.rows
    assert sum(batch.created for batch in imports) == clean.created
    assert sum(batch.cases_opened for batch in imports) == clean.cases_opened


@pytest.mark.django_db
def test_a_folder_that_takes_no_uploads_is_told_not_traced(export: Export, shop: Shop, settings: Any) -> None:
    settings.MEDIA_ROOT = "/proc/nowhere"
    with pytest.raises(CommandError, match=r"export\.csv|\.csv"):
        run_command(export(csv_bytes()), "--shop", "first")
    assert not ImportBatch.objects.filter(status__in=[*ImportBatch.RUNNING, ImportBatch.Status.READY]).exists()
