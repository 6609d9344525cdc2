"""The limits of a shop: changed with history, checked by the model, never over somebody else's change."""

from __future__ import annotations

from datetime import time
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError

from cases.models import RuleChange, ShopPolicy
from cases.rulebook.editing import ChangedMeanwhile, Edit, state_of
from cases.rulebook.limits import save_limits
from reviews.models import Shop
from tests.conftest import NOW


def save(shop: Shop, actor: User, seen: int | None = None, **values: Any) -> RuleChange | None:
    known = state_of(shop=shop, subject="limits") if seen is None else seen
    return save_limits(shop=shop, values=values, edit=Edit(actor, NOW, known, "why"))


def test_a_changed_limit_is_kept_with_its_history(shop: Shop, supervisor: User) -> None:
    change = save(shop, supervisor, remedy_cap=Decimal(80), quiet_starts=time(20, 30), calls_a_day=2)
    policy = ShopPolicy.of(shop)
    assert (policy.remedy_cap, policy.quiet_starts, policy.calls_a_day) == (80, time(20, 30), 2)
    assert change is not None
    assert (change.actor, change.comment) == (supervisor, "why")
    assert change.changes == {
        "remedy an agent may grant": ["50.00", "80"],
        "quiet hours start": ["21:00", "20:30"],
    }


def test_the_same_limits_again_are_no_change(shop: Shop, supervisor: User) -> None:
    save(shop, supervisor, backlog_days=10)
    assert save(shop, supervisor, backlog_days=10) is None
    assert RuleChange.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "value"), [("calls_a_day", 0), ("first_contact_minutes", 0), ("first_contact_minutes", 30_000_000)]
)
def test_what_the_policy_cannot_have_is_refused(shop: Shop, supervisor: User, name: str, value: int) -> None:
    with pytest.raises(ValidationError):
        save(shop, supervisor, **{name: value})
    assert not RuleChange.objects.exists()
    assert ShopPolicy.of(shop).calls_a_day == 2


def test_the_later_of_two_editors_is_told(shop: Shop, supervisor: User, admin: User) -> None:
    save(shop, admin, backlog_days=10)
    with pytest.raises(ChangedMeanwhile):
        save(shop, supervisor, seen=0, backlog_days=20)
    assert ShopPolicy.of(shop).backlog_days == 10


@pytest.mark.parametrize("role", ["agent", "outsider"])
def test_agents_and_strangers_change_no_limits(shop: Shop, role: str, request: pytest.FixtureRequest) -> None:
    with pytest.raises(PermissionDenied):
        save(shop, request.getfixturevalue(role), backlog_days=10)
