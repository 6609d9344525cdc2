"""Workers are killed at random moments: every import ends as one that nobody disturbed."""

from __future__ import annotations

import csv
import io
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User

from reviews.ingest.reception import request_undo
from reviews.models import ImportBatch, Shop
from tests.faults.imports import earlier, export, finish, is_over, leftovers, order_export, outcome, stored, undisturbed
from tests.faults.machine import Machine, wait_until
from tests.reviews.ingest.files import gz, xlsx

LIVES = (0.1, 0.8)
"""Seconds that workers have at most: to be caught at the beginning, and to come further."""
KILLS_EACH = 5
"""Then the import may end, so that the next one is caught in its first phases too."""
Hits = Counter[str]


def wait_for_progress(machine: Machine, batch: ImportBatch) -> None:
    """Until workers have come further with the import than they are now, or are through with it."""

    def place() -> tuple[object, ...]:
        machine.sweep()
        batch.refresh_from_db()
        return batch.status, batch.bytes_read, batch.merged

    start = place()
    wait_until(lambda: place() != start, "the import goes on")


def kill_at_random(machine: Machine, batch: ImportBatch, moment: random.Random, hits: Hits) -> None:
    """Bring the work on an import to its end although its workers die, all at once or under their pool."""
    for number in range(KILLS_EACH):
        # An undo has no places between its beginning and its end.
        if number % 2 and batch.status != "undoing":
            wait_for_progress(machine, batch)
        time.sleep(moment.uniform(0, moment.choice(LIVES)))
        if is_over(batch):
            return
        if moment.random() < 0.5:
            machine.kill_worker()
        else:
            machine.kill_workers()
            machine.start_workers()
        hits[batch.status] += 1
        machine.sweep()
    finish(machine, batch)


@pytest.mark.parametrize(
    ("make", "kills", "seed"),
    [
        pytest.param(export, 20, 1, id="delimited"),
        pytest.param(lambda: gz(export()), 10, 2, id="packed"),
        pytest.param(order_export, 10, 3, id="orders"),
    ],
)
def test_an_import(machine: Machine, shops: Iterator[Shop], make: Callable[[], bytes], kills: int, seed: int) -> None:
    moment, hits, content = random.Random(seed), Hits(), make()
    expected = outcome(*undisturbed(machine, next(shops), earlier(), content))
    while hits.total() < kills:
        shop = next(shops)
        before = undisturbed(machine, shop, earlier())
        batch = stored(shop, content)
        kill_at_random(machine, batch, moment, hits)
        assert outcome(*before, batch) == expected, (seed, hits)
    assert leftovers(machine) == []
    print(f"seed {seed}: killed {hits.total()} times, {dict(hits)}")


def test_an_undo(machine: Machine, shops: Iterator[Shop], admin: User) -> None:
    moment, hits = random.Random(4), Hits()
    expected: dict[str, Any] = {}
    while hits.total() < 10:
        before, batch = undisturbed(machine, next(shops), earlier(), export())
        assert request_undo(batch, admin)
        if expected:
            kill_at_random(machine, batch, moment, hits)
        else:
            finish(machine, batch)
        assert batch.status == "undone"
        expected = expected or outcome(before, batch)
        assert outcome(before, batch) == expected, hits
    print(f"seed 4: killed {hits.total()} times, {dict(hits)}")


def test_who_unpacks_ends_with_the_worker(machine: Machine, shops: Iterator[Shop]) -> None:
    content = xlsx({"评价": [*csv.reader(io.StringIO(export().decode()))]})
    expected = outcome(*undisturbed(machine, next(shops), content))
    for pause in (0, 0.05, 0.15):
        batch = stored(next(shops), content)
        wait_until(machine.unpacking, "the workbook is being unpacked")
        time.sleep(pause)
        machine.kill_workers(spares=b"unpacking.child")
        wait_until(lambda: not machine.unpacking(), "nobody unpacks", seconds=5)
        machine.start_workers()
        finish(machine, batch)
        assert outcome(batch) == expected
        assert leftovers(machine) == []
