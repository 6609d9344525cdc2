"""A token sees the pushes of its shop and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from reviews.models import ImportBatch, Shop
from reviews.push.tokens import create_token
from tests.conftest import NOW
from tests.reviews.push.conftest import ITEM, Push


@pytest.mark.django_db
def test_another_shops_push_does_not_exist(push: Push, other_shop: Shop, admin: User) -> None:
    batch_id = push([ITEM]).json()["import"]["id"]
    _token, secret = create_token(shop=other_shop, name="other", actor=admin, now=NOW)
    answer = Client().get(f"/api/imports/{batch_id}/", headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 404


def test_what_people_uploaded_is_not_for_programs(shop: Shop, state: Callable[[int], Any]) -> None:
    uploaded = ImportBatch.objects.create(shop=shop, file_name="export.csv", file_bytes=1)
    assert state(uploaded.pk).status_code == 404
