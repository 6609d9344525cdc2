"""Database connections: one that dies at a chosen statement, one for each thread, several at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db import connection, connections

T = TypeVar("T")


class Killed(BaseException):
    """What no `except Exception` catches, like the end of the process."""


@contextmanager
def killed_at(statement: int) -> Iterator[None]:
    """Die right before the given SQL statement, counted from 0. What the server does by itself when a client is gone,
    rolling back and dropping locks, still happens.
    """
    left = statement

    def count(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal left
        if "SAVEPOINT" not in sql and "pg_advisory_unlock" not in sql:
            left -= 1
            if left == -1:
                raise Killed
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        yield


def in_another_connection(work: Callable[[], object]) -> threading.Thread:
    """A thread that is doing `work` and closes its connection after it."""

    def do() -> None:
        try:
            work()
        finally:
            connections.close_all()

    thread = threading.Thread(target=do)
    thread.start()
    return thread


def together(*acts: Callable[[], T]) -> list[T]:
    """Start all `acts` at once and answer what they answered, in order. Raises what the first failing one raised."""
    barrier = threading.Barrier(len(acts))

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
