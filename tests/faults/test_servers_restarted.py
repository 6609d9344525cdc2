"""PostgreSQL or Redis goes away in the middle of an import: once it is back, all goes on by itself."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.db import connection

from reviews.models import ImportBatch, Shop
from tests.faults.imports import earlier, export, finish, is_over, outcome, stored, undisturbed
from tests.faults.machine import Machine, wait_until
from tests.faults.visitor import Visitor


@pytest.fixture
def expected(machine: Machine, shops: Iterator[Shop]) -> dict[str, object]:
    return outcome(*undisturbed(machine, next(shops), earlier(), export()))


def wait_for_parts(batch: ImportBatch, merged: int) -> None:
    wait_until(lambda: batch.parts.filter(state="merged").count() >= merged, f"{merged} parts are stored")


def test_postgres_crashes(machine: Machine, shops: Iterator[Shop], expected: dict[str, object], admin: User) -> None:
    visitor = Visitor(machine, admin)
    for seconds_away in (0, 2):
        shop = next(shops)
        before = undisturbed(machine, shop, earlier())
        batch = stored(shop, export())
        wait_for_parts(batch, 1)
        machine.crash_postgres()
        connection.close()
        assert visitor.get(batch.get_absolute_url()).status == 500
        time.sleep(seconds_away)
        machine.postgres.start()
        assert visitor.get(batch.get_absolute_url()).status == 200
        finish(machine, batch)
        assert outcome(*before, batch) == expected


def test_redis_is_emptied_while_an_import_is_stored(
    machine: Machine, shops: Iterator[Shop], expected: dict[str, object]
) -> None:
    shop = next(shops)
    before = undisturbed(machine, shop, earlier())
    machine.start_scheduler()
    batch = stored(shop, export())
    wait_for_parts(batch, 1)
    machine.lose_redis()
    time.sleep(1)
    machine.redis.start()
    # The scheduler itself sweeps here: it has to get over the loss as well.
    wait_until(lambda: is_over(batch), "the import is over")
    assert outcome(*before, batch) == expected


def test_redis_is_emptied_while_a_job_waits(
    machine: Machine, shops: Iterator[Shop], expected: dict[str, object]
) -> None:
    shop = next(shops)
    before = undisturbed(machine, shop, earlier())
    machine.kill_workers()
    batch = stored(shop, export())
    machine.lose_redis()
    machine.redis.start()
    machine.start_workers()
    finish(machine, batch)
    assert outcome(*before, batch) == expected
