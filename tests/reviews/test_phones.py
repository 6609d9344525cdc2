"""Phone numbers in one form, shown by a mask, whole only under seal."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command

from reviewdesk.sealing import Unreadable, seal, sealed_anew, unseal
from reviews.models import Order, Shop
from reviews.phones import dialled, is_virtual, kept, normalised


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("13812345678", "13812345678"),
        ("138 1234 5678", "13812345678"),
        ("138-1234-5678", "13812345678"),
        ("+86 138-1234-5678", "13812345678"),
        ("0086 13812345678", "13812345678"),
        ("8613812345678", "13812345678"),
        ("１３８１２３４５６７８", "13812345678"),
        ("17000000000-1234", "17000000000-1234"),
        ("17000000000转1234", "17000000000-1234"),
        ("17000000000, 0012", "17000000000-0012"),
        ("0571-88886666", "0571-88886666"),
        ("138****5678", "138****5678"),
        ("128123456789", "128123456789"),
    ],
)
def test_one_form(written: str, number: str) -> None:
    assert normalised(written) == number
    assert normalised(number) == number


@pytest.mark.parametrize(
    ("phone", "virtual"),
    [
        ("17000000000-1234", True),
        ("170********-1234", True),
        ("13812345678", False),
        ("138****5678", False),
        ("0571-88886666", False),
    ],
)
def test_a_virtual_number_is_told_by_its_extension_masked_or_not(phone: str, virtual: bool) -> None:
    assert is_virtual(phone) is virtual


def test_what_is_kept_is_a_mask_and_a_seal() -> None:
    mask, sealed = kept("+86 138 1234 5678")
    assert mask == "138****5678"
    assert "13812345678" not in sealed
    assert unseal(sealed) == "13812345678"
    assert kept("17000000000转1234").mask == "170********-1234"


@pytest.mark.parametrize("told", ["138****5678", "", "12345", "无"])
def test_of_what_is_no_whole_number_nothing_is_sealed(told: str) -> None:
    assert kept(told).sealed == ""


@pytest.mark.parametrize(
    ("phone", "address"),
    [
        ("13812345678", "tel:13812345678"),
        ("17000000000-1234", "tel:17000000000,1234"),
        ("0571-88886666", "tel:057188886666"),
    ],
)
def test_a_link_dials_the_extension_after_a_pause(phone: str, address: str) -> None:
    assert dialled(phone) == address


def test_keys_are_changed_one_by_one(settings: Any) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.PHONE_KEYS = [old]
    sealed = seal("13812345678")
    settings.PHONE_KEYS = [new, old]
    assert unseal(sealed) == "13812345678"
    anew = sealed_anew(sealed)
    settings.PHONE_KEYS = [new]
    assert unseal(anew) == "13812345678"
    for attempt in (unseal, sealed_anew):
        with pytest.raises(Unreadable):
            attempt(sealed)


@pytest.mark.django_db
def test_the_command_brings_every_number_under_the_first_key(shop: Shop, settings: Any) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.PHONE_KEYS = [old]
    for number in ("1", "2"):
        Order.objects.create(shop=shop, number=number, phone="138****5678", phone_sealed=seal("13812345678"))
    Order.objects.create(shop=shop, number="3", phone="139****0000")
    settings.PHONE_KEYS = [new, old]
    out = StringIO()
    call_command("reseal_phones", stdout=out)
    settings.PHONE_KEYS = [new]
    assert [unseal(order.phone_sealed) for order in Order.objects.exclude(phone_sealed="")] == ["13812345678"] * 2
    assert Order.objects.get(number="3").phone_sealed == ""
    settings.PHONE_KEYS = [old]
    with pytest.raises(CommandError):
        call_command("reseal_phones", stdout=out)
