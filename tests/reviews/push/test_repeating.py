"""A push that comes twice counts once, however close together, and its answer stays the same."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection

from cases.models import Case
from reviews.ingest.running import run
from reviews.models import ImportBatch, PushAnswer, Review, Shop
from reviews.push.tokens import create_token
from tests.conftest import NOW
from tests.reviews.ingest.exports import FakeClassifier
from tests.reviews.push.conftest import ITEM, Push, items

KEY = {"Idempotency-Key": "7f3d-1"}


@pytest.fixture(autouse=True)
def _classifier(classifier: FakeClassifier) -> None:
    """A small one is enough here."""


@pytest.mark.django_db
def test_the_same_key_gets_the_same_answer_without_a_second_import(push: Push) -> None:
    pushed = [*items(2), {**ITEM, "reviewed_at": "yesterday"}]
    first, again = push(pushed, **KEY), push(pushed, **KEY)
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json() == again.json()
    assert ImportBatch.objects.count() == 1


@pytest.mark.django_db
def test_another_key_or_none_is_another_push(push: Push) -> None:
    for headers in (KEY, {"Idempotency-Key": "7f3d-2"}, {}, {}):
        assert push([ITEM], **headers).status_code == 202
    assert ImportBatch.objects.count() == 4


@pytest.mark.django_db
def test_a_key_belongs_to_its_token(push: Push, other_shop: Shop, admin: User) -> None:
    _token, other = create_token(shop=other_shop, name="other", actor=admin, now=NOW)
    assert push([ITEM], **KEY).json()["import"] != push([ITEM], Authorization=f"Bearer {other}", **KEY).json()["import"]


@pytest.mark.django_db
def test_a_key_with_other_reviews_is_a_mistake(push: Push) -> None:
    push([ITEM], **KEY)
    answer = push(items(2), **KEY)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key")
    assert ImportBatch.objects.count() == 1


@pytest.mark.django_db
def test_a_key_without_end_is_refused(push: Push) -> None:
    assert push([ITEM], **{"Idempotency-Key": "k" * 201}).status_code == 422


@pytest.mark.django_db
def test_a_refused_push_leaves_its_key_free(push: Push) -> None:
    assert push([{}], **KEY).status_code == 422
    assert push([ITEM], **KEY).status_code == 202


@pytest.mark.django_db
def test_after_a_day_the_key_is_forgotten(push: Push) -> None:
    push([ITEM], **KEY)
    PushAnswer.objects.update(answered_at=PushAnswer.objects.get().answered_at - timedelta(hours=24, seconds=1))
    assert push([ITEM], **KEY).status_code == 202
    assert ImportBatch.objects.count() == 2
    assert PushAnswer.objects.count() == 1


def at_once(push: Push, body: Any, **headers: str) -> list[Any]:
    def send(_number: int) -> Any:
        try:
            return push(body, **headers)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(send, range(4)))


@pytest.mark.django_db(transaction=True)
def test_four_at_once_with_one_key_are_one_import(push: Push) -> None:
    answers = at_once(push, items(200), **KEY)
    assert [answer.status_code for answer in answers] == [202] * 4
    assert len({answer.content for answer in answers}) == 1
    assert ImportBatch.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_four_at_once_without_a_key_store_each_review_once(push: Push) -> None:
    answers = at_once(push, items(200))
    ids = [answer.json()["import"]["id"] for answer in answers]
    assert len(set(ids)) == 4

    def work(batch_id: int) -> None:
        try:
            run(batch_id)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, ids))
    batches = ImportBatch.objects.all()
    assert {batch.status for batch in batches} == {"done"}
    assert sum(batch.created for batch in batches) == 200
    assert sum(batch.unchanged for batch in batches) == 600
    assert Review.objects.count() == Case.objects.count() == 200
