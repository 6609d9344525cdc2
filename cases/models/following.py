"""What a change of rules has still to do to open cases, where they are too many to wait for."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from reviews.models import Shop

from .case import Case


class RuleFollowing(models.Model):
    """Open cases of a shop have yet to follow its rules as they stand now; gone once all of them do."""

    class Kind(models.TextChoices):
        RANKING = "ranking"
        CLOCKS = "clocks"

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=7, choices=Kind)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    """Who changed the rules last."""
    comment = models.TextField(blank=True)
    done_up_to = models.BigIntegerField(default=0)
    """Id of the last case that was ranked."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shop", "kind"], name="one_following_of_a_kind")]

    def __str__(self) -> str:
        return f"{self.shop} {self.kind}"


class ClockMove(models.Model):
    """The running clock of a case goes from one moment to another, unless something else sets it before."""

    case = models.OneToOneField(Case, models.CASCADE, primary_key=True, related_name="+", db_constraint=False)
    """Cases are never deleted; a constraint would have the change of rules wait for each that somebody holds."""
    shop = models.ForeignKey(Shop, models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    old_at = models.DateTimeField()
    new_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["shop", "case"], name="clock_move_of_shop")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.old_at:%F %T} {self.new_at:%F %T}"
