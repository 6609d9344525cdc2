"""What an agent asks of a supervisor: an answer, or a remedy above what agents may grant."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .case import Case
from .contact import Remedy


class Escalation(models.Model):
    """A question about a case, with what the agent would do; it waits until it is answered or its case closes."""

    class Suggestion(models.TextChoices):
        REMEDY = "remedy", _("Grant a remedy")
        REFUSE = "refuse", _("Close as refused")
        REPORT = "report", _("Report as malicious")
        HAND_OVER = "hand_over", _("Hand the case over to the supervisor")
        OTHER = "other", _("Something else")

    case = models.ForeignKey(Case, models.PROTECT, related_name="escalations")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    question = models.TextField(_("question for the supervisor"), max_length=1000)
    suggestion = models.CharField(_("suggested decision"), max_length=9, choices=Suggestion, default=Suggestion.OTHER)
    remedy = models.CharField(_("remedy"), max_length=8, choices=Remedy.Kind, blank=True)
    amount = models.DecimalField(_("value (¥)"), max_digits=10, decimal_places=2, null=True, blank=True)
    """Of the suggested remedy."""
    due_at = models.DateTimeField()
    """By when the supervisor should answer."""
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    """A question whose case closed is set aside by the next one; then nobody answered."""
    is_agreed = models.BooleanField(default=False)
    """What was suggested was done."""
    answer = models.TextField(_("answer"), max_length=1000, blank=True)

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(answered_at=None), name="one_question_waits_for_an_answer"
            )
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(answered_at=None), name="question_waiting")]

    def __str__(self) -> str:
        return f"{self.case} {self.asked_at:%F %T}"


class RemedyRequest(models.Model):
    """A remedy above the cap that an agent asks for. It is a remedy only once it is granted."""

    class State(models.TextChoices):
        ASKED = "asked", _("Waits for the supervisor")
        GRANTED = "granted", _("Granted")
        REFUSED = "refused", _("Not granted")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    case = models.ForeignKey(Case, models.PROTECT, related_name="remedy_requests")
    kind = models.CharField(_("remedy"), max_length=8, choices=Remedy.Kind)
    amount = models.DecimalField(_("value (¥)"), max_digits=10, decimal_places=2)
    note = models.CharField(_("note"), max_length=300, blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=9, choices=State, default=State.ASKED)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    remark = models.CharField(_("remark"), max_length=300, blank=True)
    remedy = models.OneToOneField(Remedy, models.PROTECT, null=True, blank=True, related_name="request")
    """What came of it."""

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(state="asked"), name="one_remedy_waits_for_a_decision"
            ),
            models.CheckConstraint(
                condition=Q(state="asked", decided_at=None) | ~Q(state="asked") & Q(decided_at__isnull=False),
                name="decided_request_has_its_time",
            ),
        ]
        indexes = [models.Index(fields=["asked_at"], condition=Q(state="asked"), name="request_waiting")]

    def __str__(self) -> str:
        return f"{self.case} {self.kind} {self.amount}"
