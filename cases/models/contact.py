"""What was said to the buyer, what was promised, and what later shoppers read."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from reviewdesk.append_only import AppendOnlyModel

from .case import Case
from .ruling import ContactRuling

LONGEST_TALK = 4 * 60 * 60
"""Seconds; what is longer is a timer that was forgotten."""


class ContactEntry(AppendOnlyModel):
    """One contact with the buyer, as logged."""

    class Channel(models.TextChoices):
        PHONE = "phone", _("Phone")
        CHAT = "chat", _("Wangwang chat")
        SMS = "sms", _("Text message")
        OTHER = "other", _("Other channel")

    class Direction(models.TextChoices):
        OUTGOING = "outgoing", _("We to the buyer")
        INCOMING = "incoming", _("The buyer to us")

    class Result(models.TextChoices):
        REACHED = "reached", _("Reached")
        NO_ANSWER = "no_answer", _("No answer")
        DECLINED = "declined", _("Declined")
        APPOINTMENT = "appointment", _("Call arranged")

    case = models.ForeignKey(Case, models.PROTECT, related_name="contacts")
    at = models.DateTimeField(_("time"))
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    channel = models.CharField(_("channel"), max_length=5, choices=Channel)
    direction = models.CharField(_("direction"), max_length=8, choices=Direction, default=Direction.OUTGOING)
    result = models.CharField(_("result"), max_length=11, choices=Result)
    said = models.TextField(_("what was said"), max_length=2000)
    circumstances = models.TextField(_("temperament and remarks"), max_length=1000, blank=True)
    next_contact_at = models.DateTimeField(_("next contact"), null=True, blank=True)
    duration_seconds = models.PositiveIntegerField(
        _("length of the talk (seconds)"), null=True, blank=True, validators=[MaxValueValidator(LONGEST_TALK)]
    )
    exception = models.OneToOneField(ContactRuling, models.PROTECT, null=True, blank=True, related_name="entry")
    """What allowed a contact beyond the limits; each allows one."""

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["case", "-at"], name="contact_by_case"),
            # Who was contacted today is counted every 20 seconds for each team page that is open.
            models.Index(fields=["at"], name="contact_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.case} {self.channel} {self.at:%F %T}"

    @property
    def is_missed(self) -> bool:
        """Whether the buyer tried to reach the shop in vain: nobody of the shop turned to the buyer."""
        return self.direction == self.Direction.INCOMING and self.result == self.Result.NO_ANSWER

    @property
    def duration(self) -> timedelta | None:
        """How long the talk was, None where nobody measured it."""
        return None if self.duration_seconds is None else timedelta(seconds=self.duration_seconds)


class Remedy(models.Model):
    """A compensation agreed with the buyer for the problem itself, never for the review."""

    class Kind(models.TextChoices):
        COUPON = "coupon", _("Coupon")
        POSTAGE = "postage", _("Free postage next time")
        MEMBER = "member", _("Member level")
        GIFT = "gift", _("Gift")
        EXCHANGE = "exchange", _("Exchange, postage paid")
        REFUND = "refund", _("Refund")

    class State(models.TextChoices):
        PROMISED = "promised", _("Promised")
        DONE = "done", _("Handed over")
        DROPPED = "dropped", _("Dropped")

    case = models.ForeignKey(Case, models.PROTECT, related_name="remedies")
    kind = models.CharField(_("remedy"), max_length=8, choices=Kind)
    amount = models.DecimalField(_("value (¥)"), max_digits=10, decimal_places=2)
    note = models.CharField(_("note"), max_length=300, blank=True)
    agreed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    agreed_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State, default=State.PROMISED)
    due_on = models.DateField(_("to be handed over by"))
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)
    """When it was handed over or dropped."""
    settled_note = models.CharField(_("proof or remark"), max_length=300, blank=True)

    class Meta:
        ordering = ["-agreed_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="promised", settled_at=None) | ~Q(state="promised") & Q(settled_at__isnull=False),
                name="settled_remedy_has_its_time",
            )
        ]
        indexes = [models.Index(fields=["due_on"], condition=Q(state="promised"), name="remedy_promised")]

    def __str__(self) -> str:
        return f"{self.case} {self.kind} {self.amount}"


class PublicReply(models.Model):
    """The shop's answer under the review, as drafted here. One per case; the history keeps earlier wordings."""

    case = models.OneToOneField(Case, models.PROTECT, related_name="public_reply")
    text = models.TextField(_("public reply"), max_length=500)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.case} {self.written_at:%F %T}"
