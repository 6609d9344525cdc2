"""The same file, or files about the same reviews, arrive at once."""

from __future__ import annotations

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from django.contrib.auth.models import User

from reviews.models import ImportBatch, Shop
from tests.faults.imports import export, finish, lines, stored, undisturbed
from tests.faults.machine import Machine
from tests.faults.visitor import Answer, Visitor
from tests.reviews.ingest.exports import csv_bytes, substance


def test_the_same_file_is_uploaded_and_confirmed_twice_at_once(
    machine: Machine, shops: Iterator[Shop], admin: User
) -> None:
    (clean,) = undisturbed(machine, next(shops), export())
    shop = next(shops)
    visitors = [Visitor(machine, admin), Visitor(machine, admin)]

    def upload(visitor: Visitor) -> Answer:
        file = io.BytesIO(export())
        file.name = "export.csv"
        return visitor.post("/imports/", shop=shop.pk, file=file)

    def confirm(visitor: Visitor, batch: ImportBatch) -> Answer:
        columns = {f"column_{index}": field for field, index in batch.mapping.items()}
        return visitor.post(f"{batch.get_absolute_url()}confirm/", **columns)

    with ThreadPoolExecutor(2) as both:
        addresses = [answer.location for answer in both.map(upload, visitors)]
        batches = list(shop.imports.order_by("pk"))
        assert {batch.get_absolute_url() for batch in batches} == set(addresses)
        for batch in batches:
            finish(machine, batch)
            assert batch.status == "ready"
        for answer in both.map(confirm, visitors, batches):
            assert answer.status == 200
    for batch in batches:
        finish(machine, batch)
        assert batch.status == "done"
    assert substance(shop) == substance(clean.shop)
    assert sum(batch.created for batch in batches) == clean.created
    assert sum(batch.cases_opened for batch in batches) == clean.cases_opened
    for batch in batches:
        assert clean.rows == batch.rows == batch.merged + batch.rejected


def test_overlapping_files_are_imported_at_once(machine: Machine, shops: Iterator[Shop]) -> None:
    files = [csv_bytes(lines(0, 300)), csv_bytes(lines(100, 400))]
    clean = next(shops)
    expected = undisturbed(machine, clean, *files)
    shop = next(shops)
    batches = [stored(shop, file) for file in files]
    for batch in batches:
        finish(machine, batch)
        assert batch.status == "done"
        assert batch.rows == batch.merged + batch.rejected
    assert substance(shop) == substance(clean)
    for name in ("created", "cases_opened", "negative"):
        assert sum(getattr(batch, name) for batch in batches) == sum(getattr(batch, name) for batch in expected)
