"""Doing things at the same moment: one thread and one database connection each."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connection

T = TypeVar("T")


def together(*acts: Callable[[], T]) -> list[T]:
    """Start all `acts` at once and answer what they answered, in order. Raises what the first failing one raised."""
    barrier = Barrier(len(acts))

    def start(act: Callable[[], T]) -> T:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=30)
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(start, acts))


def until_somebody_waits() -> None:
    """Return once another connection to this database waits for a lock. Raises AssertionError where none ever does."""
    assert any(_is_waited_for() for _try in range(20_000)), "Nobody waits for what is held here."


def _is_waited_for() -> bool:
    with connection.cursor() as cursor:
        here = "datname = current_database()"
        cursor.execute(f"select 1 from pg_locks join pg_stat_activity using (pid) where not granted and {here}")
        return cursor.fetchone() is not None
