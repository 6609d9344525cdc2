"""When personal data ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User

from cases import jobs
from cases.buyer_data import forgetting
from cases.buyer_data.notes import write_note
from cases.models import BuyerNote, Case
from reviews.models import ImportBatch, Order, Shop
from reviews.phones import kept
from tests.conftest import NOW

LONG_AGO = NOW - timedelta(days=31)
LATELY = NOW - timedelta(days=29)
CLOSED = {"state": "closed", "due_at": None, "outcome": "satisfied"}


@pytest.fixture
def make_order(shop: Shop) -> Callable[..., Order]:
    def make(number: str, **facts: Any) -> Order:
        mask, sealed = kept("13812345678")
        return Order.objects.create(shop=shop, number=number, phone=mask, phone_sealed=sealed, **facts)

    return make


def has_number(order: Order) -> bool:
    order.refresh_from_db()
    assert order.phone == "138****5678", "the mask stays"
    return bool(order.phone_sealed)


@pytest.mark.parametrize(
    ("facts", "stays"),
    [
        ({"completed_at": LONG_AGO}, False),
        ({"completed_at": LATELY, "ordered_at": LONG_AGO}, True),
        ({"ordered_at": LONG_AGO}, False),
        ({"ordered_at": LATELY}, True),
        ({}, False),
    ],
)
def test_a_number_goes_some_days_after_its_order(
    make_order: Callable[..., Order], facts: dict[str, Any], stays: bool
) -> None:
    order = make_order("1", **facts)
    assert forgetting.forget_phones(now=NOW) == (not stays)
    assert has_number(order) is stays


def test_where_the_order_has_no_date_the_import_has_one(make_order: Callable[..., Order], shop: Shop) -> None:
    batch = ImportBatch.objects.create(shop=shop, file_name="orders.csv", file_bytes=0)
    order = make_order("1", batch=batch)
    forgetting.forget_phones(now=batch.uploaded_at + timedelta(days=29))
    assert has_number(order)
    forgetting.forget_phones(now=batch.uploaded_at + timedelta(days=31))
    assert not has_number(order)


@pytest.mark.parametrize(
    ("fields", "stays"),
    [({}, True), ({**CLOSED, "closed_at": LATELY}, True), ({**CLOSED, "closed_at": LONG_AGO}, False)],
)
def test_a_case_keeps_the_number_until_some_days_after_it_was_closed(
    make_order: Callable[..., Order], make_case: Callable[..., Case], fields: dict[str, Any], stays: bool
) -> None:
    case = make_case(**fields)
    order = make_order(case.review.order_number, completed_at=LONG_AGO)
    forgetting.forget_phones(now=NOW)
    assert has_number(order) is stays


def test_many_are_forgotten_part_by_part(make_order: Callable[..., Order], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forgetting, "AT_ONCE", 2)
    for number in "12345":
        make_order(number, completed_at=LONG_AGO)
    assert forgetting.forget_phones(now=NOW) == 5
    assert not Order.objects.exclude(phone_sealed="").exists()


def test_a_note_goes_long_after_its_case_was_closed(make_case: Callable[..., Case], agent: User) -> None:
    begun = NOW - timedelta(days=400)
    notes = [
        write_note(case=make_case(owner=agent, **fields), text="18点后再打", actor=agent, now=begun)
        for fields in ({}, {**CLOSED, "closed_at": LONG_AGO}, {**CLOSED, "closed_at": NOW - timedelta(days=366)})
    ]
    assert forgetting.forget_notes(now=NOW) == 1
    assert list(BuyerNote.objects.order_by("pk")) == notes[:2]


def test_the_scheduler_sees_to_it_daily(make_order: Callable[..., Order]) -> None:
    order = make_order("1", completed_at=LONG_AGO)
    jobs.forget_buyer_data()
    assert not has_number(order)
    assert settings.SCHEDULE["cases.jobs.forget_buyer_data"] == 24 * 3600
