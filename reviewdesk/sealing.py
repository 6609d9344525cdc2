"""Kept sealed: only with the keys of `settings.PHONE_KEYS` can it be read, whoever has a copy of the database."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class Unreadable(Exception):
    """None of the keys opens the seal: the one it was made with is gone, or the text was changed."""


def checked(keys: Sequence[str]) -> list[str]:
    """`keys` as they are. Raises ImproperlyConfigured for what is no key of Fernet: 32 bytes in URL-safe base64."""
    for place, key in enumerate(keys, start=1):
        try:
            Fernet(key)
        except ValueError:
            # The key itself must not stand in a log.
            raise ImproperlyConfigured(f"PHONE_KEYS: key {place} is not 32 bytes in URL-safe base64.") from None
    return list(keys)


def key_from(secret: str) -> str:
    """The key of a machine that has none of its own."""
    return urlsafe_b64encode(sha256(f"phones {secret}".encode()).digest()).decode()


def seal(text: str) -> str:
    """`text` under the first key. Sealed twice, it comes out in two different ways."""
    return _locks(tuple(settings.PHONE_KEYS)).encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """What `seal` was given, under whichever key. Raises Unreadable."""
    try:
        return _locks(tuple(settings.PHONE_KEYS)).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise Unreadable from None


def sealed_anew(sealed: str) -> str:
    """The same under the first key. Raises Unreadable."""
    try:
        return _locks(tuple(settings.PHONE_KEYS)).rotate(sealed.encode()).decode()
    except InvalidToken:
        raise Unreadable from None


@lru_cache(maxsize=8)
def _locks(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])
