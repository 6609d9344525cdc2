"""Tokens that stand for a shop: made once, shown once, known again by their digest."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q

from reviews.models import PushToken, Shop

MARK = "rdp_"
"""How every secret begins, so that scanners for leaked secrets know one."""
SECRET_BYTES = 32
SHOWN_CHARACTERS = len(MARK) + 6
USE_NOTED_EVERY = timedelta(minutes=1)


class NameTaken(Exception):
    """A token of the shop that is not revoked has the name already."""


@transaction.atomic
def create_token(*, shop: Shop, name: str, actor: User, now: datetime) -> tuple[PushToken, str]:
    """A new token, and its secret, which nobody can tell again later. Raises NameTaken.

    Of the same request sent several times, even at once, one makes a token.
    """
    Shop.objects.select_for_update(no_key=True).get(pk=shop.pk)
    if PushToken.objects.filter(shop=shop, name=name, revoked_at=None).exists():
        raise NameTaken
    secret = MARK + secrets.token_urlsafe(SECRET_BYTES)
    token = PushToken.objects.create(
        shop=shop,
        name=name,
        prefix=secret[:SHOWN_CHARACTERS],
        digest=_digest(secret),
        created_by=actor,
        created_at=now,
    )
    return token, secret


def revoke_token(*, token: PushToken, actor: User, now: datetime) -> None:
    """From now on `token` opens nothing. The first revocation counts."""
    PushToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now, revoked_by=actor)


def token_of(secret: str) -> PushToken | None:
    """The token that `secret` belongs to, revoked ones included.

    Looked up by digest: how long that takes tells nothing of how much of a guessed secret was right.
    """
    return PushToken.objects.select_related("shop").filter(digest=_digest(secret)).first()


def note_use(token: PushToken, now: datetime) -> None:
    if token.last_used_at is None or token.last_used_at < now - USE_NOTED_EVERY:
        unnoted = Q(last_used_at=None) | Q(last_used_at__lt=now - USE_NOTED_EVERY)
        PushToken.objects.filter(unnoted, pk=token.pk).update(last_used_at=now)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
