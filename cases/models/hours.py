"""When the people of a shop are expected to work, and when the shop rests."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from cases.working_time import DayKind, Pattern, Period, Span, spans_in_words
from reviews.models import Shop


class Shift(models.Model):
    """Spans of time on certain days, and who is expected in them. A shop's clocks run while any of its shifts runs."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="shifts", verbose_name=_("shop"))
    name = models.CharField(_("name"), max_length=40)
    days = models.CharField(_("days"), max_length=8, choices=DayKind, default=DayKind.EVERY)
    weekdays = models.JSONField(_("days of the week"), default=list, blank=True)
    """Numbers from Monday, 0; only where the days are chosen ones."""
    spans = models.JSONField(_("times"))
    """[start, end] in minutes after midnight, as `working_time.Span`."""
    agents = models.ManyToManyField(
        settings.AUTH_USER_MODEL, related_name="shifts", blank=True, verbose_name=_("people expected")
    )

    class Meta:
        verbose_name = _("shift")
        verbose_name_plural = _("shifts")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["shop", "name"], name="shift_has_its_name_in_shop")]

    def __str__(self) -> str:
        return self.name

    @property
    def pattern(self) -> Pattern:
        return Pattern(tuple(Span(*span) for span in self.spans), self.days, frozenset(self.weekdays))

    @property
    def times(self) -> str:
        return spans_in_words(self.pattern.spans)

    @property
    def weekdays_in_words(self) -> str:
        return ", ".join(str(WEEKDAYS[day]) for day in self.weekdays)


class Pause(models.Model):
    """A time in which the shop does not work and its clocks stand still, such as a stocktaking."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="pauses", verbose_name=_("shop"))
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    reason = models.CharField(_("reason"), max_length=120)

    class Meta:
        verbose_name = _("pause")
        verbose_name_plural = _("pauses")
        ordering = ["starts_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="pause_ends_after_it_starts")
        ]

    def __str__(self) -> str:
        return self.reason

    @property
    def period(self) -> Period:
        return Period(self.starts_at, self.ends_at)
