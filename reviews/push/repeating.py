"""A push that comes again with the key of an earlier one gets the answer of that one, and stores nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from reviews.models import PushAnswer, PushToken

from .problems import Problem

KEPT = timedelta(hours=24)
KEY_CHARACTERS = 200


@transaction.atomic
def answered_once(
    *, token: PushToken, key: str, body: bytes, now: datetime, answer: Callable[[], dict[str, Any]]
) -> dict[str, Any]:
    """`answer()`, or what it was when `token` sent `key` before; without a key every push is a new one.

    Of two at once the second waits for the first. Raises Problem where the key came with another body.
    """
    if not key:
        return answer()
    if len(key) > KEY_CHARACTERS:
        raise _misuse(_("The idempotency key has more than %(limit)d characters.") % {"limit": KEY_CHARACTERS})
    PushAnswer.objects.filter(answered_at__lt=now - KEPT).delete()
    digest = hashlib.sha256(body).hexdigest()
    kept, is_new = PushAnswer.objects.get_or_create(
        token=token, key=key, defaults={"body_digest": digest, "answered_at": now}
    )
    if is_new:
        kept.answer = answer()
        kept.save(update_fields=["answer"])
    elif kept.body_digest != digest:
        raise _misuse(_("This idempotency key came with other reviews before. Give every push a key of its own."))
    return kept.answer


def _misuse(detail: str) -> Problem:
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "idempotency_key", detail)
