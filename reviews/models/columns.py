"""What an admin once said that the columns of a file mean."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .shop import Shop


class RememberedColumns(models.Model):
    """The meaning of one set of headings in one shop, whatever their order in the next file."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="remembered_columns")
    digest = models.CharField(max_length=64)
    """SHA-256 of the headings as `ingest.remembering` writes and sorts them, in hexadecimal."""
    fields = models.JSONField()
    """Heading -> field name, "" where the column is ignored."""
    remembered_at = models.DateTimeField()
    remembered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("remembered columns")
        verbose_name_plural = _("remembered columns")
        constraints = [models.UniqueConstraint(fields=["shop", "digest"], name="headings_remembered_once_per_shop")]

    def __str__(self) -> str:
        return f"{self.shop_id}: {', '.join(self.fields)}"
