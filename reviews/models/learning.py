"""What people decided about causes, what the model learnt from it, and which model is in force."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from reviewdesk.append_only import AppendOnlyModel

from .review import Review


class CauseDecision(AppendOnlyModel):
    """A person chose the causes of a review, confirmed them, or found no complaint. The last one of a review counts."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="cause_decisions")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()
    model_version = models.CharField(max_length=40, blank=True)
    said_by_model = models.JSONField(default=list)
    """[code, score] of each cause the model had given, primary first; also where a person decided before."""
    decided = models.JSONField(default=list)
    """Codes, primary first; empty where there is no complaint."""
    replaced = models.JSONField(default=list)
    """[code, score, source, spans] of each cause that stood before, primary first: what taking it back restores."""
    is_withdrawn = models.BooleanField(default=False)
    """The person took a decision back: what the model said is in force again, and nothing is to be learnt here."""

    class Meta:
        verbose_name = _("decision on causes")
        verbose_name_plural = _("decisions on causes")
        indexes = [
            models.Index(fields=["review", "-id"], name="decision_by_review"),
            models.Index(fields=["-decided_at"], name="decision_by_date"),
        ]

    def __str__(self) -> str:
        return f"{self.review} {self.decided_at:%F %T}"


class ClassifierVersion(models.Model):
    """A light layer over the shipped weights, fitted to decisions. Without a champion the shipped weights serve alone.

    A version belongs to the weights it was fitted over: it is of no use over others.
    """

    class Status(models.TextChoices):
        CHALLENGER = "challenger", _("Waiting to be promoted")
        CHAMPION = "champion", _("In force")
        RETIRED = "retired", _("Set aside")
        REJECTED = "rejected", pgettext_lazy("version", "Rejected")

    class Reason(models.TextChoices):
        DECISIONS = "decisions", _("No better on the decisions of people.")
        VALIDATION = "validation", _("Worse on the shipped validation data.")

    number = models.PositiveIntegerField(_("number"), unique=True)
    based_on = models.CharField(_("shipped weights"), max_length=30)
    layer = models.BinaryField()
    """See `reviews.classifier.adaptation.Adaptation.to_bytes`."""
    strength = models.FloatField()
    """How strongly the layer was held to "no change"."""
    decisions = models.PositiveIntegerField(_("decisions"))
    """How many it learnt from."""
    last_decision = models.BigIntegerField()
    """Id of the newest decision it knows."""
    figures = models.JSONField(default=dict)
    """See `reviews.learning.comparison.Comparison`."""
    status = models.CharField(_("status"), max_length=10, choices=Status)
    reason = models.CharField(_("reason"), max_length=10, choices=Reason, blank=True)
    fitted_at = models.DateTimeField(_("fitted"))

    class Meta:
        ordering = ["-number"]
        verbose_name = _("classifier version")
        verbose_name_plural = _("classifier versions")
        constraints = [
            models.UniqueConstraint(fields=["status"], condition=Q(status="champion"), name="one_champion"),
        ]

    def __str__(self) -> str:
        return f"{self.based_on}+{self.number}"


class ChampionChange(AppendOnlyModel):
    """One version took the place of another; null stands for the shipped weights alone."""

    version = models.ForeignKey(ClassifierVersion, models.PROTECT, null=True, related_name="+")
    replaced = models.ForeignKey(ClassifierVersion, models.PROTECT, null=True, related_name="+")
    shipped = models.CharField(max_length=30)
    """The shipped weights at that time."""
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    """Null where new shipped weights put a version out of use."""
    at = models.DateTimeField()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.replaced_id} -> {self.version_id} {self.at:%F %T}"


class FittingRun(models.Model):
    """An attempt to learn from decisions, asked for by a supervisor or by the clock, and what came of it."""

    class Outcome(models.TextChoices):
        FITTED = "fitted", _("A new version was fitted.")
        TOO_FEW = "too_few", _("There are too few decisions to learn from.")
        NOTHING_NEW = "nothing_new", _("Nothing was decided since the last version.")
        FAILED = "failed", _("It stopped unexpectedly.")

    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    requested_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=11, choices=Outcome, blank=True)
    decisions = models.PositiveIntegerField(default=0)
    """How many there were to learn from."""
    version = models.ForeignKey(ClassifierVersion, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"#{self.pk} {self.outcome}"


class TagRefresh(models.Model):
    """The model's tags are given anew by the champion, review by review in the order of their ids."""

    class Status(models.TextChoices):
        RUNNING = "running", pgettext_lazy("refresh", "Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    requested_at = models.DateTimeField()
    status = models.CharField(max_length=7, choices=Status, default=Status.RUNNING)
    error = models.CharField(max_length=200, blank=True)
    version = models.CharField(max_length=40)
    """The version whose tags it stores; starts over when another one comes into force."""
    position = models.BigIntegerField(default=0)
    """Id of the last review looked at; where a killed refresh goes on."""
    total = models.PositiveIntegerField(null=True)
    """Reviews to look at, null until the worker has counted them."""
    done = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    """Reviews whose causes are others now."""
    cases_opened = models.PositiveIntegerField(default=0)
    beat_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["status"], condition=Q(status="running"), name="one_refresh_at_a_time"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.version}"

    @property
    def is_running(self) -> bool:
        return self.status == self.Status.RUNNING

    @property
    def percent(self) -> int:
        return min(100, self.done * 100 // self.total) if self.total else 0
