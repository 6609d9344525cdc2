"""The page of one import, as tests ask for it and answer it."""

from __future__ import annotations

from typing import Any

from django.test import Client

from reviews.models import ImportBatch

BAD_DATE = ("6", "甲", "", "好", "昨天", "杯子", "")


def body(response: Any) -> str:
    return str(response.content.decode())


def shown(page: Client, batch: ImportBatch) -> str:
    return body(page.get(batch.get_absolute_url()))


def confirm(page: Client, batch: ImportBatch, **change: str) -> Any:
    return page.post(f"/imports/{batch.pk}/confirm/", CHOSEN | change)


def columns(*fields: str) -> dict[str, str]:
    return {f"column_{index}": field for index, field in enumerate(fields)}


CHOSEN = columns("order_number", "buyer_name", "rating", "content", "reviewed_at", "product_title", "sku")
UNKNOWN_HEADINGS = ("a", "b", "c", "d", "e", "f", "g")
