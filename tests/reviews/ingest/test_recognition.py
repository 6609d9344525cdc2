"""An upload that holds several tables becomes as many imports, each once."""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path
from unittest.mock import patch

import pytest
from django.conf import settings
from django.core.files.base import ContentFile

from reviews.ingest.reading.recognition import unpack_upload
from reviews.ingest.reception import receive_file
from reviews.ingest.running import run
from reviews.models import ImportBatch, Review, Shop
from tests.reviews.ingest.exports import ROWS, csv_bytes, received
from tests.reviews.ingest.files import gz

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("classifier")]
Status = ImportBatch.Status


def archive(**files: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as written:
        for name, content in files.items():
            written.writestr(f"{name}.csv", content)
    return packed.getvalue()


@pytest.fixture
def months() -> bytes:
    return archive(九月=csv_bytes(ROWS[:2]), 说明="谢谢使用\n".encode(), 十月=csv_bytes(ROWS[2:]))


def test_each_table_is_an_import_of_its_own(shop: Shop, months: bytes) -> None:
    batch = receive_file(shop=shop, file=ContentFile(months, name="评价.zip"))
    run(batch.pk)
    for table in batch.other_tables.all():
        run(table.pk)
    tables = ImportBatch.objects.order_by("file_name")
    assert {table.file_name: table.status for table in tables} == {
        "评价.zip › 九月.csv": Status.READY,
        "评价.zip › 十月.csv": Status.READY,
        "评价.zip › 说明.csv": Status.FAILED,
    }
    assert [table.forecast.get("created") for table in tables] == [2, 3, None]
    assert not Review.objects.exists()


def test_killed_while_it_was_taken_apart_it_has_each_table_once(shop: Shop, months: bytes) -> None:
    batch = receive_file(shop=shop, file=ContentFile(months, name="评价.zip"))
    with (
        patch("reviews.ingest.reading.recognition.recognise_layout", side_effect=KeyboardInterrupt),
        pytest.raises(KeyboardInterrupt),
    ):
        run(batch.pk)
    run(batch.pk)
    assert ImportBatch.objects.count() == 3


def test_what_a_killed_worker_left_goes_although_its_tables_are_noted(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    batch = received(shop, gz(csv_bytes()))
    unpack_upload(batch)
    left = tmp_path / f"reviewdesk-{Path(str(batch.file.name)).stem}-left"
    left.mkdir()
    (left / "table-1.csv").touch()
    run(batch.pk)
    batch.refresh_from_db()
    assert (batch.status, batch.rows) == (Status.DONE, 5)
    assert not left.exists()


def test_what_a_killed_worker_kept_and_did_not_note_goes(shop: Shop, months: bytes) -> None:
    batch = receive_file(shop=shop, file=ContentFile(months, name="评价.zip"))
    with (
        patch("reviews.ingest.reading.recognition._is_wanted", side_effect=KeyboardInterrupt),
        pytest.raises(KeyboardInterrupt),
    ):
        run(batch.pk)
    assert len(uploads()) == 4
    run(batch.pk)
    known = ImportBatch.objects.values_list("file", "table")
    assert uploads() == {name for names in known for name in names}


def uploads() -> set[str]:
    """Names of all files of imports in the storage."""
    folder = Path(settings.MEDIA_ROOT)
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
