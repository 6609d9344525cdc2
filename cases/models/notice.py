"""What people are told at once, how each wants to be told, and what is sent to chats and other programs."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from reviewdesk.access import Role, has_role
from reviews.models import Shop

from .case import Case

MINUTES_BEFORE = 10
LONGEST_MINUTES_BEFORE = 120


class NoticeKind(models.TextChoices):
    URGENT = "urgent", _("Urgent case")
    SOON = "soon", _("Contact about to be due")
    OVERDUE = "overdue", _("Contact overdue")
    QUESTION = "question", _("Question for the supervisor")
    REQUEST = "request", _("Remedy to be granted")
    LATE = "late", _("Question not answered in time")
    ANSWER = "answer", _("The supervisor's answer")


ASKED_OF_SUPERVISORS = (NoticeKind.QUESTION, NoticeKind.REQUEST, NoticeKind.LATE)


def every_kind() -> list[str]:
    return list(NoticeKind.values)


class Kinds(ArrayField):
    """Some of the kinds of notices, all of them at first."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs |= {"base_field": models.CharField(max_length=8, choices=NoticeKind), "default": every_kind}
        super().__init__(*args, **kwargs)


class NoticeChoice(models.Model):
    """How one person wants to be told. Who never chose is told by the defaults given here."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notice_choice")
    kinds = Kinds(verbose_name=_("shown in the page"), blank=True)
    minutes_before = models.PositiveSmallIntegerField(
        _("minutes before a contact is due"),
        default=MINUTES_BEFORE,
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST_MINUTES_BEFORE)],
    )
    is_quiet_off_duty = models.BooleanField(_("send me nothing while I am off duty"), default=True)

    def __str__(self) -> str:
        return str(self.person)

    @classmethod
    def of(cls, person: User) -> NoticeChoice:
        """The person's own choice, else the defaults (not saved)."""
        return cls.objects.filter(person=person).first() or cls(person=person)


class Notice(models.Model):
    """Something one person was told of a case: once for each kind and occasion."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notices", db_index=False)
    kind = models.CharField(max_length=8, choices=NoticeKind)
    case = models.ForeignKey(Case, models.CASCADE, related_name="notices")
    occasion = models.DateTimeField()
    """What makes it a new one: the moment a clock runs to, or at which the case opened or the question was asked."""
    created_at = models.DateTimeField()
    is_shown = models.BooleanField(default=True)
    """Whether the person wanted this kind in the page when it was written."""
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "person", "kind", "occasion"], name="told_once_of_an_occasion")
        ]
        indexes = [
            models.Index(fields=["person", "-created_at"], condition=Q(is_shown=True), name="notice_of_person"),
            models.Index(
                fields=["person"], condition=Q(is_shown=True, read_at__isnull=True), name="unread_notice_of_person"
            ),
            models.Index(fields=["created_at"], name="notice_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.case_id} {self.occasion:%F %T}"

    @property
    def is_unread(self) -> bool:
        """Whether the person has yet to look at it; of a case that was closed meanwhile nothing is left to do."""
        return self.read_at is None and self.case.is_open


class NoticeChannelQuerySet(models.QuerySet["NoticeChannel"]):
    def editable_by(self, user: User | AnonymousUser) -> NoticeChannelQuerySet:
        """The user's own, and those of the shops the user supervises."""
        return self.filter(Q(person=user.pk) | Q(shop__in=supervised_shops(user)))


def supervised_shops(user: User | AnonymousUser) -> models.QuerySet[Shop]:
    return Shop.objects.visible_to(user) if has_role(user, Role.SUPERVISOR) else Shop.objects.none()


class NoticeChannel(models.Model):
    """A robot of a chat group, or a program, to which notices are sent: one person's own, or a shop's."""

    class Service(models.TextChoices):
        DINGTALK = "dingtalk", _("DingTalk")
        FEISHU = "feishu", _("Feishu")
        WECOM = "wecom", _("WeCom")
        WEBHOOK = "webhook", _("Webhook")

    name = models.CharField(_("name"), max_length=60)
    service = models.CharField(_("service"), max_length=8, choices=Service)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="notice_channels"
    )
    shop = models.ForeignKey(Shop, models.CASCADE, null=True, blank=True, related_name="notice_channels")
    address = models.CharField(_("address"), max_length=500)
    """Holds the robot's token: shown nowhere but for its host."""
    secret = models.CharField(_("secret"), max_length=200, blank=True)
    kinds = Kinds(verbose_name=_("what is sent"))
    language = models.CharField(_("language"), max_length=7, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE)
    sent_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    """Of the last message, when it could not be sent; null again once one was."""
    error = models.CharField(max_length=300, blank=True)

    objects = NoticeChannelQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(person=None, shop__isnull=False) | Q(person__isnull=False, shop=None),
                name="channel_is_of_a_person_or_a_shop",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def host(self) -> str:
        """All of the address that may be shown."""
        return urlsplit(self.address).hostname or ""


class NoticeDelivery(models.Model):
    """One notice on its way through one channel. Those of the same `bundle` go in one message."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")
        OUTDATED = "outdated", _("Outdated")

    channel = models.ForeignKey(NoticeChannel, models.CASCADE, related_name="deliveries", db_index=False)
    kind = models.CharField(max_length=8, choices=NoticeKind)
    case = models.ForeignKey(Case, models.CASCADE, related_name="+")
    occasion = models.DateTimeField()
    created_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State, default=State.WAITING, db_default=State.WAITING)
    bundle = models.UUIDField(null=True, blank=True)
    """The message it is part of, from the first attempt on: what receivers tell a repetition by."""
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    attempted_at = models.DateTimeField(null=True, blank=True)
    next_attempt_at = models.DateTimeField()
    error = models.CharField(max_length=300, blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "channel", "kind", "occasion"], name="sent_once_of_an_occasion")
        ]
        indexes = [
            models.Index(fields=["channel", "next_attempt_at"], condition=Q(state="waiting"), name="delivery_waiting"),
            models.Index(fields=["channel", "attempted_at"], name="delivery_by_attempt"),
            models.Index(fields=["created_at"], name="delivery_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.channel_id} {self.kind} {self.case_id}"
