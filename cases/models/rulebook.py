"""The rules a shop works by, and every change that was made to them."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.priority import Tier
from reviewdesk.append_only import AppendOnlyModel
from reviews.causes import TopCause
from reviews.models import Shop

from .contact import Remedy


class RuleChange(AppendOnlyModel):
    """Who changed which rules of a shop when, with the values before and after."""

    class Subject(models.TextChoices):
        TIERS = "tiers", _("Tier rules")
        HOURS = "hours", _("Working hours")
        LIMITS = "limits", _("Limits")
        REMEDIES = "remedies", _("Remedy standards")
        PLAYBOOK = "playbook", _("Playbook")
        SKILLS = "skills", _("Skills and capacity")

    shop = models.ForeignKey(
        Shop, models.PROTECT, null=True, blank=True, related_name="rule_changes", verbose_name=_("shop"), db_index=False
    )
    """Null where the rule holds for all shops."""
    subject = models.CharField(max_length=10, choices=Subject)
    topic = models.CharField(max_length=40, blank=True)
    """What of the subject was changed, where it has parts of their own: the cause of a playbook."""
    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    """Null where the system acted."""
    changes = models.JSONField(default=dict)
    """Name -> [old, new], as shown, in the source language where the app has a word for it; "" stands for nothing."""
    comment = models.TextField(blank=True)
    replaced = models.JSONField(null=True, blank=True)
    """The whole that was replaced, where it can be brought back."""

    class Meta:
        verbose_name = _("change of rules")
        verbose_name_plural = _("changes of rules")
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["shop", "subject", "-at"], name="rule_change_by_shop")]

    def __str__(self) -> str:
        return f"{self.get_subject_display()} {self.at:%F %T}"


class TierRule(models.Model):
    """A rule of one shop that differs from the ones every shop starts with, or that the shop made itself."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="tier_rules", verbose_name=_("shop"), db_index=False)
    key = models.CharField(max_length=40)
    """The code of the rule it replaces (`priority.Rule`), else one made for it."""
    name = models.CharField(_("reason shown"), max_length=120, blank=True)
    """"" where the rule it replaces says it."""
    tier = models.CharField(_("tier"), max_length=8, choices=Tier)
    is_on = models.BooleanField(_("in use"), default=True)
    conditions = models.JSONField(default=dict)
    """The conditions set of `priority.Conditions`, amounts as text."""

    class Meta:
        verbose_name = _("tier rule")
        verbose_name_plural = _("tier rules")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["shop", "key"], name="tier_rule_is_unique_in_shop")]

    def __str__(self) -> str:
        return self.name or self.key


class RemedyStandard(models.Model):
    """What a shop usually grants for a cause: advice for the agent, never a promise to the buyer."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="remedy_standards", verbose_name=_("shop"))
    cause = models.CharField(_("cause"), max_length=10, choices=TopCause)
    tier = models.CharField(_("tier"), max_length=8, choices=Tier, blank=True)
    """"" for every tier."""
    kind = models.CharField(_("remedy"), max_length=8, choices=Remedy.Kind)
    amount = models.DecimalField(
        _("value up to (¥)"), max_digits=10, decimal_places=2, default=0, validators=[MinValueValidator(0)]
    )
    note = models.CharField(_("note"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("remedy standard")
        verbose_name_plural = _("remedy standards")
        ordering = ["cause", "tier", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["shop", "cause", "tier", "kind"], name="remedy_standard_is_unique")
        ]

    def __str__(self) -> str:
        return f"{self.get_cause_display()} {self.get_kind_display()}"
