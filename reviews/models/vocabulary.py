"""The words of a shop as its admins keep them, and who changed what."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from reviewdesk.append_only import AppendOnlyModel
from reviews.causes import Cause, TopCause, full_name, top_of
from reviews.vocabulary.matching import LONGEST
from reviews.vocabulary.rules import Kind

from .shop import Shop


class ShopPhrase(models.Model):
    """A phrase that says something of a cause, or is just a word. `normal` is how texts are compared with it."""

    shop = models.ForeignKey(
        Shop, models.CASCADE, null=True, blank=True, related_name="phrases", verbose_name=_("shop")
    )
    """None: it counts in all shops, unless a shop has a rule of its own for the same phrase and cause."""
    text = models.CharField(_("phrase"), max_length=LONGEST)
    normal = models.CharField(max_length=2 * LONGEST)
    kind = models.CharField(_("meaning"), max_length=8, choices=Kind, default=Kind.SIGN)
    cause = models.CharField(_("cause"), max_length=30, choices=Cause, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    is_active = models.BooleanField(_("switched on"), default=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["normal", "cause", "pk"]
        verbose_name = _("phrase")
        verbose_name_plural = _("phrases")
        constraints = [
            models.UniqueConstraint(fields=["shop", "normal", "cause"], name="phrase_once_per_shop_and_cause"),
            models.UniqueConstraint(
                fields=["normal", "cause"], condition=Q(shop__isnull=True), name="phrase_once_for_all_shops"
            ),
            models.CheckConstraint(
                condition=Q(kind=Kind.WORD, cause="") | (~Q(kind=Kind.WORD) & ~Q(cause="")),
                name="only_a_word_has_no_cause",
            ),
        ]

    def __str__(self) -> str:
        return self.text

    def get_absolute_url(self) -> str:
        return reverse("reviews:phrase", args=[self.pk])

    @property
    def top(self) -> TopCause | None:
        return top_of(self.cause) if self.cause else None

    @property
    def cause_name(self) -> str:
        """Translated name on both levels, "" where it is just a word."""
        return full_name(self.cause) if self.cause else ""


FIELDS_TOLD = ("text", "kind", "cause", "shop", "note", "is_active")
"""In the order in which the history tells of them."""


class PhraseChange(AppendOnlyModel):
    """What somebody changed of a phrase: `changes` maps a field to its [old, new] values; old is None at the start."""

    phrase = models.ForeignKey(ShopPhrase, models.CASCADE, related_name="changes")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    changes = models.JSONField()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("change of a phrase")
        verbose_name_plural = _("changes of phrases")

    def __str__(self) -> str:
        return f"{self.phrase} {self.at:%F %T}"

    @property
    def is_first(self) -> bool:
        """Whether the phrase was added here."""
        return self.changes["text"][0] is None if "text" in self.changes else False

    @property
    def shown(self) -> list[tuple[str, str, str]]:
        """(translated field name, old, new) of what is worth telling."""
        return [
            (str(ShopPhrase._meta.get_field(name).verbose_name), _told(name, old), _told(name, new))  # type: ignore[union-attr]
            for name, (old, new) in ((name, self.changes[name]) for name in FIELDS_TOLD if name in self.changes)
            if not (self.is_first and new in ("", True))
        ]


def _told(name: str, value: str | bool | None) -> str:
    """A value of the history in words."""
    if name == "shop":
        return str(value or _("All shops"))
    if name == "is_active":
        return str(_("yes") if value else _("no"))
    if name == "kind" and value:
        return str(Kind(str(value)).label)
    if name == "cause" and value:
        return full_name(str(value))
    return str(value or "–")
