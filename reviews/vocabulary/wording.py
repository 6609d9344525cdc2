"""What an admin says of a phrase, and what is wrong with it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from reviews.causes import Cause
from reviews.models import Shop, ShopPhrase

from .matching import LONGEST, SHORTEST, has_letters, normal_form
from .rules import Kind, Rule

LONGEST_NOTE = 200
CAUSES = tuple(cause for cause in Cause if cause is not Cause.OTHER)
"""What a phrase can speak for: "other" means that nothing is named."""
_LONG_NUMBER = re.compile(r"[0-9]{5}")


@dataclass(frozen=True, kw_only=True)
class Wording:
    """`shop` is None for all shops; `cause` is empty exactly where the phrase is just a word."""

    shop: Shop | None
    text: str
    kind: Kind
    cause: str
    note: str = ""
    is_active: bool = True

    @classmethod
    def of(cls, phrase: ShopPhrase) -> Wording:
        return cls(
            shop=phrase.shop,
            text=phrase.text,
            kind=Kind(phrase.kind),
            cause=phrase.cause,
            note=phrase.note,
            is_active=phrase.is_active,
        )

    def switched(self, is_active: bool) -> Wording:
        return replace(self, is_active=is_active)

    @property
    def rule(self) -> Rule:
        return Rule(normal_form(self.text), self.kind, self.cause)

    @property
    def shown(self) -> dict[str, Any]:
        """Field -> value as the history keeps it."""
        return {**asdict(replace(self, shop=None)), "kind": self.kind.value, "shop": self.shop and self.shop.name}

    @property
    def address_parameters(self) -> dict[str, str]:
        """The fields of the form that says this."""
        fields = {"shop": str(self.shop.pk) if self.shop else "", "text": self.text, "kind": self.kind.value}
        return {**fields, "cause": self.cause, "note": self.note}


def checked_text(text: str) -> str:
    """`text` without blanks around it and signs nobody sees. Raises ValidationError where it is no useful phrase."""
    visible = _visible(text)
    normal = normal_form(visible)
    if not has_letters(normal):
        raise ValidationError(_("A phrase needs letters or characters that buyers write."))
    if len(normal) < SHORTEST:
        raise ValidationError(_("One character is part of too many words. Add what stands around it."))
    if max(len(visible), len(normal)) > LONGEST:
        raise ValidationError(_("A phrase has at most %(longest)d characters."), params={"longest": LONGEST})
    if _LONG_NUMBER.search(normal):
        raise ValidationError(_("Numbers of five digits and more are not told apart. Leave the number out."))
    return visible


def checked_wording(shop: Shop | None, text: str, kind: str, cause: str, note: str = "") -> Wording:
    """Raises ValidationError, by field, for what cannot be kept. The cause of what is just a word is left out."""
    errors: dict[str, Any] = {}
    try:
        text = checked_text(text)
    except ValidationError as error:
        errors["text"] = error
    if kind not in Kind.values:
        errors["kind"] = _("This meaning is unknown.")
    elif kind == Kind.WORD:
        cause = ""
    elif not cause:
        errors["cause"] = _("Choose the cause that this is about.")
    elif cause not in CAUSES:
        errors["cause"] = _("This cause is unknown.")
    # A file may hold what no form lets through, and no database keeps: a NUL.
    note = _visible(note)
    if len(note) > LONGEST_NOTE:
        errors["note"] = _("The note is too long.")
    if errors:
        raise ValidationError(errors)
    return Wording(shop=shop, text=text, kind=Kind(kind), cause=cause, note=note)


def _visible(text: str) -> str:
    return "".join(sign for sign in text if unicodedata.category(sign) not in {"Cc", "Cf", "Cs"}).strip()
