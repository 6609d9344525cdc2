"""Who may push reviews into a shop without a person at hand, and what was answered."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .shop import Shop


class PushToken(models.Model):
    """Lets a program, named by people, push reviews into one shop. Of the secret only a digest is kept."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="push_tokens", verbose_name=_("shop"))
    name = models.CharField(_("name"), max_length=60)
    prefix = models.CharField(max_length=12)
    """First characters of the secret: enough to tell tokens apart, not to use one."""
    digest = models.CharField(max_length=64, unique=True)
    """SHA-256 of the secret, in hexadecimal. The secret is random and long, so that no salt is needed."""
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    """To the minute."""
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("push token")
        verbose_name_plural = _("push tokens")

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class PushAnswer(models.Model):
    """What a push with an idempotency key was answered, so that its repetition gets the same answer."""

    token = models.ForeignKey(PushToken, models.CASCADE, related_name="answers")
    key = models.CharField(max_length=200)
    body_digest = models.CharField(max_length=64)
    """SHA-256 of what was pushed: the same key with something else in it is a mistake of the sender."""
    answer = models.JSONField(default=dict)
    answered_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="push_answered_once_per_key")]
        indexes = [models.Index(fields=["answered_at"], name="push_answer_by_age")]

    def __str__(self) -> str:
        return f"{self.token_id}: {self.key}"
