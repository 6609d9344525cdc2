"""The fixed cast of every test: two shops, agents and a supervisor of the first, an agent of the other, an admin."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import django_rq
import hypothesis
import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from cases import presence
from cases.models import Agent, Case
from reviewdesk.access import Role, grant_role
from reviews.models import ImportBatch, Product, Review, ReviewCause, Shop
from reviews.text_search.entries import write_entries

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 20, 14, 0, tzinfo=SHANGHAI)
"""A Friday afternoon within working hours."""


# A landing must not hang on what chance finds: tests/reviews/ingest/fuzzing.py looks for that, as long as one likes.
hypothesis.settings.register_profile("the same examples each time", derandomize=True, deadline=None)
hypothesis.settings.load_profile("the same examples each time")


def pytest_configure(config: pytest.Config) -> None:
    settings.SERVERS.ensure_running()
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    number = 1 + int(worker.removeprefix("gw"))
    for queue in settings.RQ_QUEUES.values():
        queue["DB"] = number
    settings.CACHES["default"]["LOCATION"] += f"?db={number}"


@pytest.fixture(autouse=True)
def _own_files(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = str(tmp_path / "uploads")


@pytest.fixture(autouse=True)
def _same_files_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a test that imports a file again would see nothing of how its rows are compared."""
    monkeypatch.setattr("reviews.ingest.running.settle_identical", lambda batch: False)


@pytest.fixture(autouse=True)
def _empty_queues() -> Iterator[None]:
    yield
    django_rq.get_connection("default").flushdb()
    cache.clear()


def _member(name: str, role: Role, *shops: Shop) -> User:
    user = User.objects.create_user(name, password="secret-of-the-cast")
    grant_role(user, role)
    user.shops.set(shops)
    return user


def _at_work(user: User) -> User:
    Agent.objects.create(user=user, is_on_duty=True)
    presence.note(user.pk, timezone.now())
    return user


@pytest.fixture
def shop(db: None) -> Shop:
    return Shop.objects.create(code="first", name="第一小店", platform="taobao")


@pytest.fixture
def other_shop(db: None) -> Shop:
    return Shop.objects.create(code="second", name="第二小店", platform="jd")


@pytest.fixture
def agent(shop: Shop) -> User:
    return _at_work(_member("agent", Role.AGENT, shop))


@pytest.fixture
def teammate(shop: Shop) -> User:
    return _at_work(_member("teammate", Role.AGENT, shop))


@pytest.fixture
def outsider(other_shop: Shop) -> User:
    return _at_work(_member("outsider", Role.AGENT, other_shop))


@pytest.fixture
def supervisor(shop: Shop) -> User:
    return _member("supervisor", Role.SUPERVISOR, shop)


@pytest.fixture
def admin(db: None) -> User:
    return _member("admin", Role.ADMIN)


@pytest.fixture
def sign_in() -> Callable[[User], Client]:
    def client_of(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return client_of


@pytest.fixture
def make_review(shop: Shop) -> Callable[..., Review]:
    """Stores a negative review with one cause; keyword arguments override, `causes` lists codes, primary first."""
    numbers = count(1)

    def make(causes: list[str] | None = None, **fields: Any) -> Review:
        number = next(numbers)
        in_shop: Shop = fields.pop("shop", shop)
        batch, _ = ImportBatch.objects.get_or_create(shop=in_shop, file_name="made.csv", defaults={"file_bytes": 0})
        product, _ = Product.objects.get_or_create(shop=in_shop, title=fields.pop("product_title", "夏季宽松短袖T恤"))
        review = Review.objects.create(
            **{
                "shop": in_shop,
                "batch": batch,
                "product": product,
                "identity": f"made:{number}",
                "order_number": f"26112000000000{number:05d}",
                "buyer_name": "买**9",
                "rating": "bad",
                "content": "等了九天才到,颜色和图片完全不一样",
                "reviewed_at": NOW,
                "is_negative": True,
                "negative_score": 0.9,
                **fields,
            }
        )
        for rank, code in enumerate(["courier.slow"] if causes is None else causes):
            ReviewCause.objects.create(review=review, code=code, rank=rank, score=0.9, spans=[[0, 6]])
        write_entries([review.pk])
        return review

    return make


@pytest.fixture
def make_case(make_review: Callable[..., Review]) -> Callable[..., Case]:
    """Stores an open case of a new negative review; keyword arguments override the case's fields."""

    def make(review: Review | None = None, **fields: Any) -> Case:
        review = review or make_review()
        return Case.objects.create(
            **{
                "review": review,
                "shop": review.shop,
                "tier": "general",
                "opened_at": NOW,
                "first_contact_due_at": NOW,
                "due_at": NOW,
                **fields,
            }
        )

    return make
