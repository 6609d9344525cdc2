"""Secrets of tokens: long, kept as a digest, and their use noted now and then."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User

from reviews.models import PushToken, Shop
from reviews.push.tokens import NameTaken, create_token, note_use, revoke_token, token_of
from tests.conftest import NOW
from tests.connections import together

pytestmark = pytest.mark.django_db


def test_a_secret_leads_to_its_token_and_a_part_of_it_to_none(token_and_secret: tuple[PushToken, str]) -> None:
    token, secret = token_and_secret
    assert token_of(secret) == token
    assert secret.startswith(token.prefix)
    for wrong in ("", token.prefix, secret[:-1], secret + "x", secret.upper(), token.digest, "密"):
        assert token_of(wrong) is None


def test_secrets_differ_and_have_256_bits(shop: Shop, admin: User) -> None:
    secrets = {create_token(shop=shop, name=f"ERP {number}", actor=admin, now=NOW)[1] for number in range(20)}
    assert len(secrets) == 20
    assert all(len(secret) == len("rdp_") + 43 for secret in secrets)


def test_a_use_is_written_once_a_minute_at_most(token: PushToken) -> None:
    for seconds, noted in ((0, 0), (59, 0), (61, 61), (100, 61), (130, 130)):
        token.refresh_from_db()
        note_use(token, NOW + timedelta(seconds=seconds))
        token.refresh_from_db()
        assert token.last_used_at == NOW + timedelta(seconds=noted)


def test_of_two_revocations_the_first_counts(token: PushToken, admin: User, supervisor: User) -> None:
    revoke_token(token=token, actor=admin, now=NOW)
    revoke_token(token=token, actor=supervisor, now=NOW + timedelta(days=1))
    token.refresh_from_db()
    assert (token.revoked_at, token.revoked_by) == (NOW, admin)


def test_a_name_is_taken_in_its_shop_until_its_token_is_revoked(
    token: PushToken, shop: Shop, other_shop: Shop, admin: User
) -> None:
    with pytest.raises(NameTaken):
        create_token(shop=shop, name="ERP", actor=admin, now=NOW)
    create_token(shop=other_shop, name="ERP", actor=admin, now=NOW)
    revoke_token(token=token, actor=admin, now=NOW)
    create_token(shop=shop, name="ERP", actor=admin, now=NOW)
    assert shop.push_tokens.filter(revoked_at=None).count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_the_same_request_sent_six_times_at_once_one_makes_a_token(shop: Shop, admin: User) -> None:
    def ask() -> bool:
        try:
            return bool(create_token(shop=shop, name="ERP", actor=admin, now=NOW))
        except NameTaken:
            return False

    assert sorted(together(*[ask] * 6)) == [False] * 5 + [True]
    assert shop.push_tokens.count() == 1
