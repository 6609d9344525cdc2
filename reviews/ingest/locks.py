"""Database locks that keep two workers out of each other's way; they vanish with the connection that holds them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import InterfaceError, OperationalError, connection

BATCH, SHOP = 0x1B << 48, 0x1C << 48
"""Ranges of lock numbers, apart from any other use of advisory locks."""


@contextmanager
def alone_on_batch(batch_id: int) -> Iterator[bool]:
    """Whether this process now has the batch to itself; False, at once, while another one works on it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [BATCH + batch_id])
        is_mine = cursor.fetchone()[0]
    try:
        yield is_mine
    finally:
        if is_mine:
            _unlock(BATCH + batch_id)


def _unlock(number: int) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [number])
    except (OperationalError, InterfaceError):
        # The connection is gone, and the lock with it.
        connection.close()


def wait_for_shop(shop_id: int) -> None:
    """Let one transaction at a time store reviews of a shop, so that overlapping files cannot both create one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SHOP + shop_id])
