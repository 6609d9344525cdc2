"""Adding and changing the phrases of a shop. Every change leaves a line of who changed what."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from reviews.models import PhraseChange, ShopPhrase

from .wording import Wording


def add_phrase(*, wording: Wording, actor: User, now: datetime) -> ShopPhrase:
    """Raises ValidationError where the shop has a rule for this phrase and cause already."""
    return _store(ShopPhrase(created_by=actor, created_at=now), wording, actor, now)


def change_phrase(*, phrase: ShopPhrase, wording: Wording, actor: User, now: datetime) -> ShopPhrase:
    """Make `phrase` what `wording` says; nothing is noted without a difference. Raises like `add_phrase`."""
    return _store(phrase, wording, actor, now)


def switch_phrase(*, phrase: ShopPhrase, is_active: bool, actor: User, now: datetime) -> ShopPhrase:
    return _store(phrase, Wording.of(phrase).switched(is_active), actor, now)


def _store(phrase: ShopPhrase, wording: Wording, actor: User, now: datetime) -> ShopPhrase:
    try:
        with transaction.atomic():
            before: dict[str, Any] = {}
            if phrase.pk:
                phrase = ShopPhrase.objects.select_for_update(of=("self",)).select_related("shop").get(pk=phrase.pk)
                before = Wording.of(phrase).shown
            changes = {
                name: [before.get(name), value]
                for name, value in wording.shown.items()
                if not before or before[name] != value
            }
            if changes:
                _set(phrase, wording)
                PhraseChange.objects.create(phrase=phrase, actor=actor, at=now, changes=changes)
    except IntegrityError as clash:
        raise ValidationError(_("There is a rule for this phrase and cause already.")) from clash
    return phrase


def _set(phrase: ShopPhrase, wording: Wording) -> None:
    phrase.shop = wording.shop
    phrase.text = wording.text
    phrase.normal = wording.rule.phrase
    phrase.kind = wording.kind
    phrase.cause = wording.cause
    phrase.note = wording.note
    phrase.is_active = wording.is_active
    phrase.save()
