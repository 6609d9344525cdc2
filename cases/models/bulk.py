"""One act upon many cases at once: what was chosen, what it would do, what it did."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .case import Case


class BulkAct(models.Model):
    """What somebody does with many cases at once: looked at first, then done, and taken back as one."""

    class Kind(models.TextChoices):
        CLAIM = "claim", pgettext_lazy("bulk", "Claim")
        RELEASE = "release", pgettext_lazy("bulk", "Release")
        GIVE = "give", pgettext_lazy("bulk", "Give to")
        TIER = "tier", pgettext_lazy("bulk", "Set tier")
        CLOSE = "close", pgettext_lazy("bulk", "Close")
        ESCALATE = "escalate", pgettext_lazy("bulk", "Escalate")

    class Status(models.TextChoices):
        CHOSEN = "chosen", _("Chosen")
        LOOKING = "looking", _("Looking ahead")
        FORESEEN = "foreseen", _("Foreseen")
        DOING = "doing", _("At work")
        DONE = "done", _("Done")
        UNDOING = "undoing", _("Taking back")
        UNDONE = "undone", _("Taken back")
        FAILED = "failed", _("Failed")

    RUNNING = (Status.LOOKING, Status.DOING, Status.UNDOING)

    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind)
    details = models.JSONField(default=dict)
    """What the form of its kind said: `outcome`, `comment`, `tier`, `question`, or `to`, the id of a user."""
    status = models.CharField(max_length=8, choices=Status, default=Status.CHOSEN)
    query = models.CharField(max_length=1000, blank=True)
    """Of the list it was chosen from, for the way back."""
    language = models.CharField(max_length=10)
    """That reasons are told in."""
    is_cut = models.BooleanField(default=False)
    """The list held more than can be chosen at once."""
    made_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    beat_at = models.DateTimeField(null=True)
    """Last sign of life while it runs."""

    class Meta:
        indexes = [models.Index(fields=["beat_at"], name="bulk_running", condition=models.Q(beat_at__isnull=False))]

    def __str__(self) -> str:
        return f"#{self.pk} {self.kind}"

    def get_absolute_url(self) -> str:
        return reverse("cases:bulk", args=[self.pk])

    @property
    def is_running(self) -> bool:
        return self.status in self.RUNNING


class BulkItem(models.Model):
    """A case of a bulk act, and what comes of it. In the order of their ids the best case goes first."""

    class Status(models.TextChoices):
        CHOSEN = "chosen", _("Chosen")
        WILL = "will", _("Will be done")
        WILL_NOT = "will_not", _("Will not be done")
        DONE = "done", _("Done")
        REFUSED = "refused", _("Not done")
        UNDONE = "undone", _("Taken back")
        KEPT = "kept", _("Not taken back")

    act = models.ForeignKey(BulkAct, models.CASCADE, related_name="items")
    case = models.ForeignKey(Case, models.CASCADE, related_name="+", db_index=False)
    status = models.CharField(max_length=8, choices=Status, default=Status.CHOSEN)
    reason = models.TextField(blank=True)
    """Why not."""
    line = models.BigIntegerField(null=True)
    """Until it is done the last line that a person wrote in the case's history, afterwards the line of the act."""
    before = models.JSONField(default=dict)
    """The fields it changed, as they were."""

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["act", "case"], name="case_once_in_bulk_act")]
        indexes = [models.Index(fields=["act", "status"], name="bulk_item_by_status")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.status}"
