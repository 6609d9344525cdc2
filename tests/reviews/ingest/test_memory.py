"""A file is never held in memory: what reading takes does not grow with its size."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest
from django.core.files import File

from reviews.ingest.reception import receive_file
from reviews.ingest.running import run
from reviews.models import Shop, StagedRow
from tests.reviews.ingest.exports import HEADINGS, ROWS, csv_bytes

MEGABYTE = 1 << 20


@pytest.mark.django_db
def test_staging_takes_a_fraction_of_the_file(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reviews.ingest.staging.PART_CHARACTERS", MEGABYTE // 4)
    path = tmp_path / "long.csv"
    with path.open("wb") as written:
        written.write(csv_bytes([], HEADINGS))
        for number in range(1_200):
            text = f"第{number}条,{'用了很久才来评价' * 2_400}"
            written.write(csv_bytes([], (str(number), *ROWS[0][1:3], text, *ROWS[0][4:])))
    assert path.stat().st_size > 60 * MEGABYTE
    tracemalloc.start()
    with path.open("rb") as file:
        batch = receive_file(shop=shop, file=File(file, name=path.name))
    run(batch.pk)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert StagedRow.objects.count() == 1_200
    assert peak < 6 * MEGABYTE
