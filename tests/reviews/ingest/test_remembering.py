"""What an admin once said of a set of headings holds for the next file that has it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User

from reviews.ingest.reading.remembering import remember_columns, remembered_columns
from reviews.models import ImportBatch, RememberedColumns, Shop
from tests.conftest import NOW

HEADINGS = ["Wann", "Text ", "Note", "Kunde"]
MAPPING = {"reviewed_at": 0, "content": 1, "buyer_name": 3}

pytestmark = pytest.mark.django_db


def remember(shop: Shop, headings: list[str], mapping: dict[str, int], actor: User | None = None) -> None:
    batch = ImportBatch(shop=shop, headings=headings, mapping=mapping)
    remember_columns(batch=batch, actor=actor, now=NOW)


def test_what_was_chosen_is_found_again(shop: Shop, admin: User) -> None:
    remember(shop, HEADINGS, MAPPING, admin)
    assert remembered_columns(shop, HEADINGS) == MAPPING
    kept = RememberedColumns.objects.get()
    assert (kept.remembered_by, kept.remembered_at) == (admin, NOW)
    assert kept.fields == {"wann": "reviewed_at", "text": "content", "note": "", "kunde": "buyer_name"}


def test_columns_may_come_in_another_order_and_dress(shop: Shop) -> None:
    remember(shop, HEADINGS, MAPPING)
    assert remembered_columns(shop, ["kunde", "＂ＮＯＴＥ＂", "TEXT", " wann"]) == {
        "buyer_name": 0, "content": 2, "reviewed_at": 3,
    }  # fmt: skip


@pytest.mark.parametrize("headings", [[], HEADINGS[:3], [*HEADINGS, "Mehr"], ["Wann", "Text", "Note", "Kundin"]])
def test_other_headings_are_another_matter(shop: Shop, headings: list[str]) -> None:
    remember(shop, HEADINGS, MAPPING)
    assert remembered_columns(shop, headings) is None


def test_each_shop_has_its_own(shop: Shop, other_shop: Shop) -> None:
    remember(shop, HEADINGS, MAPPING)
    assert remembered_columns(other_shop, HEADINGS) is None
    remember(other_shop, HEADINGS, {"reviewed_at": 0, "content": 2})
    assert remembered_columns(shop, HEADINGS) == MAPPING


def test_the_last_choice_counts(shop: Shop) -> None:
    remember(shop, HEADINGS, MAPPING)
    batch = ImportBatch(shop=shop, headings=HEADINGS[::-1], mapping={"content": 1, "reviewed_at": 3})
    remember_columns(batch=batch, actor=None, now=NOW + timedelta(days=1))
    assert remembered_columns(shop, HEADINGS) == {"reviewed_at": 0, "content": 2}
    assert RememberedColumns.objects.get().remembered_at == NOW + timedelta(days=1)


def test_columns_of_the_same_name_are_told_apart_by_their_order(shop: Shop) -> None:
    remember(shop, ["评价", "时间", "评价"], {"rating": 0, "reviewed_at": 1, "content": 2})
    assert remembered_columns(shop, ["时间", "评价", "评价"]) == {"reviewed_at": 0, "rating": 1, "content": 2}


def test_a_field_that_is_no_more_is_left_out(shop: Shop) -> None:
    remember(shop, HEADINGS, {**MAPPING, "mood": 2})
    assert remembered_columns(shop, HEADINGS) == MAPPING


def test_headings_of_any_kind_are_kept(shop: Shop) -> None:
    odd = ["", "", '"', "Ü" * 300, "\u202e", "a\nb"]
    remember(shop, odd, {"content": 3, "reviewed_at": 1})
    assert remembered_columns(shop, odd) == {"content": 3, "reviewed_at": 1}
