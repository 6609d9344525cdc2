from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User

from reviews.models import Shop, ShopPhrase
from reviews.vocabulary.keeping import add_phrase
from reviews.vocabulary.rules import Kind
from reviews.vocabulary.wording import Wording
from tests.conftest import NOW


@pytest.fixture
def add(admin: User, shop: Shop) -> Callable[..., ShopPhrase]:
    """Keeps a phrase, by default a sign of poor workmanship for the first shop."""

    def added(text: str, cause: str = "quality.workmanship", **fields: Any) -> ShopPhrase:
        kind = Kind(fields.pop("kind", Kind.SIGN))
        wording = Wording(**{"shop": shop, "text": text, "kind": kind, "cause": cause, **fields})
        return add_phrase(wording=wording, actor=admin, now=NOW)

    return added
