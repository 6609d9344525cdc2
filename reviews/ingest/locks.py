"""Database locks that keep two workers out of each other's way; they vanish with the connection that holds them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import InterfaceError, OperationalError, connection

BATCH, LEARNING, REFRESH, SEARCH, TOTALS = 0x1B << 48, 0x1D << 48, 0x1E << 48, 0x20 << 48, 0x21 << 48
"""Ranges of lock numbers, apart from any other use of advisory locks."""
STORED = 0x1C << 48
"""What is stored of a shop: imports add to it side by side, an undo has it to itself."""
COVERAGE = 0x1F << 48
"""What imports of a shop say of reviews that they lack."""


@contextmanager
def alone_on_batch(batch_id: int) -> Iterator[bool]:
    """Whether this process now has the batch to itself; False, at once, while another one works on it."""
    with _alone(BATCH + batch_id) as is_mine:
        yield is_mine


@contextmanager
def alone_on_refresh(refresh_id: int) -> Iterator[bool]:
    """The same for a refresh of tags."""
    with _alone(REFRESH + refresh_id) as is_mine:
        yield is_mine


@contextmanager
def alone_on_search() -> Iterator[bool]:
    """The same for writing what search looks through."""
    with _alone(SEARCH) as is_mine:
        yield is_mine


@contextmanager
def alone_on_totals() -> Iterator[bool]:
    """The same for writing what statistics count."""
    with _alone(TOTALS) as is_mine:
        yield is_mine


@contextmanager
def _alone(number: int) -> Iterator[bool]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [number])
        is_mine = cursor.fetchone()[0]
    try:
        yield is_mine
    finally:
        if is_mine:
            _unlock(number)


def _unlock(number: int) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [number])
    except (OperationalError, InterfaceError):
        # The connection is gone, and the lock with it.
        connection.close()


def is_under_way(batch_id: int, status: str) -> bool:
    """Whether an import is in `status`. Until the transaction ends nobody forgets what was staged of it: who does so
    locks its row for update, and waits.

    Comes before the lock on a part and before anything is written: the other way round they would wait in a circle.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT status FROM reviews_importbatch WHERE id = %s FOR KEY SHARE", [batch_id])
        return bool(cursor.fetchone() == (status,))


def wait_for_learning() -> None:
    """Let one transaction at a time fit a new classifier version."""
    _wait_for(LEARNING)


def wait_for_undo(shop_id: int) -> None:
    """Store reviews of a shop while nobody undoes an import of it, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [STORED + shop_id])


def wait_for_imports(shop_id: int) -> None:
    """Undo an import of a shop while nobody stores reviews of it, until the transaction ends."""
    _wait_for(STORED + shop_id)


def wait_for_coverage(shop_id: int) -> None:
    """Let one import of a shop at a time say, until its transaction ends, which stored reviews it has and lacks."""
    _wait_for(COVERAGE + shop_id)


def _wait_for(number: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
