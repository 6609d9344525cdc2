"""Remedy standards: what a case is offered, and changing the table."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied

from cases.models import Case, RemedyStandard
from cases.rulebook.editing import ChangedMeanwhile, Edit, state_of
from cases.rulebook.standards import Standard, save_standards, standards_for
from reviews.models import Review, Shop
from tests.conftest import NOW

COUPON = Standard("courier", "", "coupon", Decimal(10))
URGENT_COUPON = Standard("courier", "priority", "coupon", Decimal(20), "same day")
GIFT = Standard("colour", "", "gift", Decimal(15))


def save(shop: Shop, actor: User, *standards: Standard, seen: int | None = None) -> dict[str, list[str]]:
    known = state_of(shop=shop, subject="remedies") if seen is None else seen
    change = save_standards(shop=shop, standards=standards, edit=Edit(actor, NOW, known))
    return change.changes if change else {}


def amounts(case: Case) -> list[tuple[str, Decimal]]:
    return [(line.kind, line.amount) for line in standards_for(case)]


def test_a_case_is_offered_what_its_causes_and_tier_call_for(
    shop: Shop, other_shop: Shop, supervisor: User, admin: User,
    make_case: Callable[..., Case], make_review: Callable[..., Review],
) -> None:  # fmt: skip
    save(shop, supervisor, GIFT, COUPON, URGENT_COUPON, Standard("price", "", "refund", Decimal(5)))
    save(other_shop, admin, Standard("courier", "", "refund", Decimal(99)))
    causes = ["courier.slow", "colour.shade", "courier.damage"]
    assert amounts(make_case(make_review(causes))) == [("coupon", Decimal(10)), ("gift", Decimal(15))]
    assert amounts(make_case(make_review(causes), tier="priority")) == [("coupon", Decimal(20)), ("gift", Decimal(15))]
    assert amounts(make_case(make_review(["quality.defect"]))) == []


def test_the_history_says_what_became_of_each_line(shop: Shop, supervisor: User) -> None:
    save(shop, supervisor, COUPON, GIFT)
    changes = save(shop, supervisor, COUPON._replace(amount=Decimal(12)), URGENT_COUPON)
    assert changes == {
        "Courier and delivery · Coupon": ["¥10.00", "¥12.00"],
        "Courier and delivery · Priority · Coupon": ["", "¥20.00 · same day"],
        "Colour and description · Gift": ["¥15.00", ""],
    }
    assert RemedyStandard.objects.count() == 2


def test_the_same_table_again_is_no_change(shop: Shop, supervisor: User) -> None:
    save(shop, supervisor, COUPON)
    kept = RemedyStandard.objects.get()
    assert save(shop, supervisor, COUPON._replace(amount=Decimal("10.00"))) == {}
    assert RemedyStandard.objects.get() == kept


def test_the_later_of_two_editors_is_told(shop: Shop, supervisor: User, admin: User) -> None:
    save(shop, admin, COUPON)
    with pytest.raises(ChangedMeanwhile):
        save(shop, supervisor, GIFT, seen=0)
    assert RemedyStandard.objects.get().kind == "coupon"


def test_agents_write_no_standards(shop: Shop, agent: User) -> None:
    with pytest.raises(PermissionDenied):
        save(shop, agent, COUPON)
