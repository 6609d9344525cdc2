"""Second half of an import of orders: their facts are stored, and the cases of their buyers hear of them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from django.db.backends.utils import CursorWrapper

from reviews.models import Order
from reviews.signals import orders_stored

from .catalogue import PartLines, repeated_orders, store_orders, store_products


class Merged(NamedTuple):
    """What became of a part's rows; the others were known as they are."""

    created: int
    updated: int
    repeats: dict[str, int]
    """Rows about what another import (id) had brought, for each of them."""
    negative: int = 0
    cases_opened: int = 0


def merge_orders(cursor: CursorWrapper, part: PartLines, now: datetime) -> Merged:
    """Store a part of a file of orders; the counts are of orders."""
    store_products(cursor, part)
    repeats = repeated_orders(cursor, part)
    stored = store_orders(cursor, part)
    announce_orders(part.shop, [*stored.created, *stored.updated], now)
    return Merged(len(stored.created), len(stored.updated), repeats)


def announce_orders(shop_id: int, numbers: Collection[str], now: datetime) -> None:
    """Tell who listens of orders whose facts are new."""
    if numbers:
        orders_stored.send(sender=Order, shop_id=shop_id, numbers=numbers, now=now)
