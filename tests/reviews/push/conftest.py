from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from reviews.ingest.running import run
from reviews.models import ImportBatch, PushToken, Shop
from reviews.push.tokens import create_token
from tests.conftest import NOW

ITEM = {
    "platform_review_id": "9001",
    "order_number": "2611200000000000012",
    "reviewed_at": "2026-11-18 10:00:00",
    "content": "等了九天,物流太慢",
    "rating": "bad",
    "buyer_name": "买**1",
    "product_title": "夏季短袖T恤",
}
Push = Callable[..., Any]


def items(count: int, **fields: Any) -> list[dict[str, Any]]:
    return [{**ITEM, "platform_review_id": str(9000 + number), **fields} for number in range(count)]


@pytest.fixture
def token_and_secret(shop: Shop, admin: User) -> tuple[PushToken, str]:
    return create_token(shop=shop, name="ERP", actor=admin, now=NOW)


@pytest.fixture
def secret(token_and_secret: tuple[PushToken, str]) -> str:
    return token_and_secret[1]


@pytest.fixture
def token(token_and_secret: tuple[PushToken, str]) -> PushToken:
    return token_and_secret[0]


@pytest.fixture
def push(secret: str) -> Push:
    """Posts `body`, a value or bytes as they stand, with the token and any other headers."""

    def send(body: Any, content_type: str = "application/json", **headers: str) -> Any:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        told = {"Authorization": f"Bearer {secret}", "Accept-Language": "en", **headers}
        return Client().post("/api/reviews/", raw, content_type=content_type, headers=told)

    return send


@pytest.fixture
def state(secret: str) -> Callable[[int], Any]:
    def get(batch_id: int) -> Any:
        return Client().get(f"/api/imports/{batch_id}/", headers={"Authorization": f"Bearer {secret}"})

    return get


def merged(answer: Any) -> ImportBatch:
    """The import of an answer, after the worker's part."""
    assert answer.status_code == 202, answer.content.decode()
    batch_id = answer.json()["import"]["id"]
    run(batch_id)
    return ImportBatch.objects.get(pk=batch_id)
