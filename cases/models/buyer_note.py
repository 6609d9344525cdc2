"""What agents note about a buyer for whoever talks to them next."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from reviewdesk.append_only import AppendOnlyModel, AppendOnlyQuerySet

from .case import Case


class BuyerNoteQuerySet(AppendOnlyQuerySet):
    def forget(self) -> int:
        """End the notes whose time is over; how many. The only way they go."""
        return models.QuerySet.delete(self)[0]


class BuyerNote(AppendOnlyModel):
    """A note on how to talk with the buyer of a case; it is shown at the buyer's other cases in the shop too."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="buyer_notes")
    at = models.DateTimeField(_("time"))
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    text = models.CharField(_("note about the buyer"), max_length=300)

    objects = BuyerNoteQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("note about a buyer")
        verbose_name_plural = _("notes about buyers")
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.case} {self.at:%F %T}"
