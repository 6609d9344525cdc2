"""What a push as a whole is refused for, before anything of it is stored."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.auth.models import User
from django.test import Client

from reviews.ingest.reading.formats import COLUMN_LIMIT
from reviews.models import ImportBatch, PushToken, Shop
from reviews.push.bodies import BODY_MB
from reviews.push.tokens import create_token, revoke_token
from tests.conftest import NOW
from tests.reviews.push.conftest import ITEM, Push, items

pytestmark = pytest.mark.django_db


def problem(answer: Any) -> tuple[int, str]:
    """Status and code, of an answer that is a problem and says so."""
    told = answer.json()
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert told["status"] == answer.status_code
    assert told["title"]
    assert told["detail"]
    return answer.status_code, told["code"]


@pytest.fixture(autouse=True)
def _nothing_is_stored(db: None) -> Any:
    yield
    assert not ImportBatch.objects.exists()


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Bearer wrong", "Basic {secret}", "{secret}", "Bearer {secret}x"]
)
def test_without_its_token_nobody_pushes(secret: str, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header.format(secret=secret)}
    answer = Client().post("/api/reviews/", [ITEM], content_type="application/json", headers=headers)
    assert problem(answer) == (401, "unauthorized")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_signed_in_admin_is_no_token(sign_in: Callable[[User], Client], admin: User) -> None:
    assert problem(sign_in(admin).post("/api/reviews/", [ITEM], content_type="application/json"))[0] == 401


def test_a_revoked_token_opens_nothing(push: Push, token: PushToken, admin: User, state: Callable[[int], Any]) -> None:
    revoke_token(token=token, actor=admin, now=NOW)
    assert problem(push([ITEM])) == (403, "revoked")
    assert problem(state(1)) == (403, "revoked")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b" ", "unreadable"),
        (b"{", "unreadable"),
        (b'[{"content": NaN}]', "unreadable"),
        (b'[{"rating": -Infinity}]', "unreadable"),
        (b'[{"content": "\xff"}]', "unreadable"),
        ('[{"content": "慢"}]'.encode("gb18030"), "unreadable"),
        (b"[" * 100_000, "unreadable"),
        (b"[]", "empty"),
        (b'{"reviews": []}', "empty"),
        (b'{"reviews": {}}', "not_a_list"),
        (b'{"content": "x"}', "not_a_list"),
        (b"null", "not_a_list"),
        (b"5", "not_a_list"),
        (b'[{"content": "x"}, 5]', "not_an_object"),
        (b"[[]]", "not_an_object"),
        (b"[{}]", "fields_missing"),
        (b'[{"content": "x", "order_number": "1"}]', "fields_missing"),
        (b'[{"order_number": "1", "amount": 5, "reviewed_at": "2026-11-18"}]', "no_reviews"),
        (json.dumps([{f"f{number}": 1 for number in range(COLUMN_LIMIT + 1)}]).encode(), "too_many_fields"),
    ],
    ids=lambda value: value if isinstance(value, str) else value[:24].decode("latin-1"),
)
def test_a_body_that_makes_no_sense(push: Push, body: bytes, code: str) -> None:
    assert problem(push(body)) == (422, code)


def test_a_broken_line_is_named(push: Push) -> None:
    answer = push(b'{"content": "x"}\n{"content": }\n', content_type="application/x-ndjson")
    assert problem(answer) == (422, "unreadable")
    assert "line 2" in answer.json()["detail"]


@pytest.mark.parametrize("wrapping", [lambda many: many, lambda many: {"reviews": many}])
def test_more_than_a_thousand_at_once(push: Push, wrapping: Callable[[Any], Any]) -> None:
    assert problem(push(wrapping(items(1001)))) == (413, "too_many_items")


def test_a_body_without_end(push: Push) -> None:
    assert problem(push(b"[" + b" " * (BODY_MB << 20) + b"]")) == (413, "body_too_big")


@pytest.mark.parametrize(
    ("content_type", "headers", "code"),
    [
        ("text/csv", {}, "unsupported_media_type"),
        ("", {}, "unsupported_media_type"),
        ("application/x-www-form-urlencoded", {}, "unsupported_media_type"),
        ("application/json", {"Content-Encoding": "gzip"}, "compressed"),
    ],
)
def test_other_kinds_of_bodies(push: Push, content_type: str, headers: dict[str, str], code: str) -> None:
    assert problem(push(b"[]", content_type=content_type, **headers)) == (415, code)


def test_a_body_of_unknown_length(secret: str) -> None:
    headers = {"Authorization": f"Bearer {secret}"}
    answer = Client().generic("POST", "/api/reviews/", b"", content_type="application/json", headers=headers)
    assert problem(answer) == (411, "length_required")


def test_a_token_asks_so_often_and_no_more(push: Push, settings: Any, other_shop: Shop, admin: User) -> None:
    settings.PUSH_REQUESTS_A_MINUTE = 2
    with patch("reviews.push.api.timezone.now", return_value=NOW.replace(second=20)):
        assert [push(b"[]").status_code for _ in range(3)] == [422, 422, 429]
        answer = push(b"[]")
        assert problem(answer) == (429, "too_many_requests")
        assert answer.headers["Retry-After"] == "40"
        _token, other = create_token(shop=other_shop, name="other", actor=admin, now=NOW)
        assert push(b"[]", Authorization=f"Bearer {other}").status_code == 422
    with patch("reviews.push.api.timezone.now", return_value=NOW.replace(minute=1)):
        assert push(b"[]").status_code == 422


def test_the_answer_is_posted_for(secret: str) -> None:
    assert Client().get("/api/reviews/", headers={"Authorization": f"Bearer {secret}"}).status_code == 405


@pytest.mark.parametrize("batch_id", [999_999, 10**30])
def test_an_unknown_import(state: Callable[[int], Any], batch_id: int) -> None:
    assert problem(state(batch_id)) == (404, "not_found")
