"""Who works at the desk, by which clock, with which playbook."""

from __future__ import annotations

from datetime import time

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from reviewdesk.access import name_of
from reviews.causes import TopCause
from reviews.models import Shop

LONGEST_MINUTES = 7 * 24 * 60
"""Working time that a shop may give itself for a contact or an answer: more is a slip of the keyboard."""


class Agent(models.Model):
    """An agent at work: only those on duty are handed new cases, of what they can do, as many as they can carry."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="agent", verbose_name=_("user"))
    is_on_duty = models.BooleanField(_("on duty"), default=False)
    causes = models.JSONField(_("causes"), default=list, blank=True)
    """Codes of the top causes whose cases are handed out to them; none stands for all."""
    lines = models.JSONField(_("product lines"), default=list, blank=True)
    """As in `Product.line`; none stands for all."""
    open_capacity = models.PositiveSmallIntegerField(_("open cases at most"), default=60)
    daily_capacity = models.PositiveSmallIntegerField(_("new cases a day at most"), default=100)
    given_on = models.DateField(null=True, blank=True, editable=False)
    given_count = models.PositiveIntegerField(default=0, editable=False)
    """Cases handed out to them on the day `given_on`."""

    class Meta:
        verbose_name = _("agent")
        verbose_name_plural = _("agents")

    def __str__(self) -> str:
        return name_of(self.user)


class ShopPolicy(models.Model):
    """The numbers a shop works by. A shop without its own row works by the defaults given here."""

    shop = models.OneToOneField(Shop, models.CASCADE, related_name="policy", verbose_name=_("shop"))
    first_contact_minutes = models.PositiveIntegerField(
        _("minutes to first contact"), default=30, validators=[MinValueValidator(1), MaxValueValidator(LONGEST_MINUTES)]
    )
    quiet_starts = models.TimeField(
        _("quiet hours start"),
        default=time(21),
        help_text=_("No calls or text messages in the quiet hours. Where they start as they end, there are none."),
    )
    quiet_ends = models.TimeField(_("quiet hours end"), default=time(9))
    calls_a_day = models.PositiveSmallIntegerField(
        _("calls to a buyer within 24 hours"), default=2, validators=[MinValueValidator(1)]
    )
    calls_a_week = models.PositiveSmallIntegerField(
        _("calls to a buyer within 7 days"), default=4, validators=[MinValueValidator(1)]
    )
    messages_a_day = models.PositiveSmallIntegerField(
        _("other contacts with a buyer within 24 hours"), default=4, validators=[MinValueValidator(1)]
    )
    messages_a_week = models.PositiveSmallIntegerField(
        _("other contacts with a buyer within 7 days"), default=10, validators=[MinValueValidator(1)]
    )
    backlog_days = models.PositiveSmallIntegerField(
        _("days after which a review opens as backlog"),
        default=30,
        validators=[MinValueValidator(1)],
        help_text=_("Cases of older reviews have no clock and are handed to nobody. They wait to be claimed."),
    )
    remedy_cap = models.DecimalField(_("remedy an agent may grant"), max_digits=10, decimal_places=2, default=50)
    remedy_days = models.PositiveSmallIntegerField(
        _("days to hand over a remedy"), default=3, validators=[MinValueValidator(1)]
    )
    answer_minutes = models.PositiveIntegerField(
        _("minutes to answer a question"),
        default=60,
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST_MINUTES)],
    )
    confirmation_days = models.PositiveSmallIntegerField(
        _("days until an unconfirmed outcome is checked"), default=14, validators=[MinValueValidator(1)]
    )
    credit_days = models.PositiveSmallIntegerField(
        _("days for which a contact is credited with a change"), default=30, validators=[MinValueValidator(1)]
    )

    class Meta:
        verbose_name = _("shop policy")
        verbose_name_plural = _("shop policies")

    def __str__(self) -> str:
        return str(self.shop)

    @classmethod
    def of(cls, shop: Shop) -> ShopPolicy:
        """The shop's own policy, else the defaults (not saved)."""
        return cls.objects.filter(shop=shop).first() or cls(shop=shop)


class Playbook(models.Model):
    """How cases of one top cause are talked through; `rulebook.playbooks` says what may stand in it."""

    cause = models.CharField(_("cause"), max_length=10, choices=TopCause, unique=True)
    guidance_zh = models.TextField(_("guidance (Chinese)"))
    guidance_en = models.TextField(_("guidance (English)"))
    steps = models.JSONField(_("steps"))
    """Four objects in call order: key, goal_zh, goal_en, scripts [{zh, en}]; a script may hold {buyer}, {shop},
    {product}, {order} and {agent}."""

    class Meta:
        verbose_name = _("playbook")
        verbose_name_plural = _("playbooks")

    def __str__(self) -> str:
        return str(self.get_cause_display())

    @property
    def guidance(self) -> str:
        return self.guidance_zh if (get_language() or "").startswith("zh") else self.guidance_en
