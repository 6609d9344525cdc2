"""Agents as these tests need them: with skills and capacities, and at work."""

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from cases import presence
from cases.models import Agent
from reviewdesk.access import Role, grant_role
from reviews.models import Shop

MakeAgent = Callable[..., User]


@pytest.fixture
def make_agent(shop: Shop) -> MakeAgent:
    """Makes an agent of `shop` who is at work; keyword arguments are fields of Agent, and `shops`."""
    numbers = count(1)

    def make(shops: list[Shop] | None = None, **fields: Any) -> User:
        user = User.objects.create_user(f"agent{next(numbers):02d}")
        grant_role(user, Role.AGENT)
        user.shops.set(shops or [shop])
        Agent.objects.create(user=user, **{"is_on_duty": True, **fields})
        presence.note(user.pk, timezone.now())
        return user

    return make
