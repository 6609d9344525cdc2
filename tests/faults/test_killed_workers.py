"""Workers are killed at random moments: every import ends as one that nobody disturbed."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from reviews.models import ImportBatch, Shop
from tests.faults.imports import earlier, export, finish, is_over, outcome, stored
from tests.faults.machine import Machine
from tests.reviews.ingest.files import gz

LONGEST_LIFE_SECONDS = 0.9


def kill_at_random(
    machine: Machine, batch: ImportBatch, moment: random.Random, hits: Counter[str], wanted: int
) -> None:
    """Bring the import to its end although its workers die, all at once or under their pool."""
    while sum(hits.values()) < wanted:
        time.sleep(moment.uniform(0, LONGEST_LIFE_SECONDS))
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
        pytest.param(export, 25, 1, id="delimited"),
        pytest.param(lambda: gz(export()), 10, 2, id="packed"),
    ],
)
def test_an_import(machine: Machine, shops: Iterator[Shop], make: Callable[[], bytes], kills: int, seed: int) -> None:
    moment, hits = random.Random(seed), Counter[str]()
    content = make()
    clean = next(shops)
    expected = []
    for file in (earlier(), content):
        expected.append(stored(clean, file))
        finish(machine, expected[-1])
    while sum(hits.values()) < kills:
        shop = next(shops)
        before = stored(shop, earlier())
        finish(machine, before)
        batch = stored(shop, content)
        kill_at_random(machine, batch, moment, hits, kills)
        assert outcome(before, batch) == outcome(*expected)
    print(f"seed {seed}: {dict(hits)}")
