"""What people decided about turning to a buyer."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from reviewdesk.append_only import AppendOnlyModel

from .case import Case


class ContactRuling(AppendOnlyModel):
    """A decision about phoning the buyer of a case, which holds for the buyer's other cases too, or an exception."""

    class Kind(models.TextChoices):
        NO_PHONE = "no_phone", _("Not to be phoned")
        MAY_PHONE = "may_phone", _("May be phoned again")
        EXCEPTION = "exception", _("One contact beyond the limits")

    case = models.ForeignKey(Case, models.PROTECT, related_name="contact_rulings")
    at = models.DateTimeField(_("time"))
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    kind = models.CharField(_("decision"), max_length=9, choices=Kind)
    reason = models.CharField(_("reason"), max_length=500)
    answers = models.JSONField(default=list)
    """Keys of the wishes that "may be phoned again" lifts: what the buyer says later stands for itself."""

    class Meta:
        verbose_name = _("contact ruling")
        verbose_name_plural = _("contact rulings")
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.case} {self.kind} {self.at:%F %T}"
