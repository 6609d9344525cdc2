"""A review, what changed in it, and what it complains of."""

from __future__ import annotations

from datetime import UTC
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from reviewdesk.access import Role, has_role
from reviews.causes import Cause, TopCause, full_name, top_of
from reviews.certainty import CERTAIN_FROM

from .shop import Product, Shop


class Rating(models.TextChoices):
    GOOD = "good", _("Good")
    NEUTRAL = "neutral", _("Neutral")
    BAD = "bad", _("Bad")


class ReviewText(models.Model):
    """What the platform shows of a review. Empty text and null mean that the export said nothing."""

    platform_review_id = models.CharField(max_length=40, blank=True)
    order_number = models.CharField(_("order number"), max_length=40, blank=True)
    sub_order_id = models.CharField(max_length=40, blank=True)
    buyer_name = models.CharField(_("buyer"), max_length=100, blank=True)
    sku = models.CharField(_("variant"), max_length=200, blank=True)
    rating = models.CharField(_("rating"), max_length=7, choices=Rating, blank=True)
    stars = models.PositiveSmallIntegerField(_("stars"), null=True, blank=True)
    content = models.TextField(_("review"), blank=True)
    reviewed_at = models.DateTimeField(_("reviewed"))
    append_content = models.TextField(_("follow-up"), blank=True)
    append_at = models.DateTimeField(_("follow-up at"), null=True, blank=True)
    reply = models.TextField(_("seller's reply"), blank=True)
    replied_at = models.DateTimeField(_("replied"), null=True, blank=True)

    class Meta:
        abstract = True


class ReviewQuerySet(models.QuerySet["Review"]):
    def visible_to(self, user: User | AnonymousUser) -> ReviewQuerySet:
        """All reviews for an admin, else those of the user's shops."""
        if has_role(user, Role.ADMIN):
            return self
        return self.filter(shop__members=user.pk)


class LiveReviews(models.Manager["Review"]):
    """All but the withdrawn ones. A join to reviews from another model must leave those out by itself."""

    def get_queryset(self) -> ReviewQuerySet:
        return ReviewQuerySet(self.model, using=self._db).filter(withdrawn_at=None)

    def visible_to(self, user: User | AnonymousUser) -> ReviewQuerySet:
        return self.get_queryset().visible_to(user)


class Review(ReviewText):
    # Keys without a constraint: the database would look for the other end of each, for every row of an import. What
    # holds instead, docs/imports.md says.
    shop = models.ForeignKey(
        Shop, models.CASCADE, related_name="reviews", verbose_name=_("shop"), db_index=False, db_constraint=False
    )
    product = models.ForeignKey(
        Product,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="reviews",
        verbose_name=_("product"),
        db_index=False,
        db_constraint=False,
    )
    identity = models.CharField(max_length=80)
    """What makes the review the same one in the next export; see ingest.identity."""
    is_default = models.BooleanField(_("given by the system"), default=False)
    is_negative = models.BooleanField(_("negative"), default=False)
    negative_score = models.FloatField(_("negative by text"), default=0)
    """Probability 0-1 the classifier gives from the text alone."""
    classifier_version = models.CharField(max_length=40, blank=True)
    causes_decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    causes_decided_at = models.DateTimeField(null=True, blank=True)
    """Set once a person chose the causes: no model and no import changes them any more."""
    batch = models.ForeignKey(
        "reviews.ImportBatch", models.PROTECT, related_name="created_reviews", db_index=False, db_constraint=False
    )
    """The import that brought it first."""
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    """When that import was undone. The identity is free again then: the next export may bring the review anew."""
    not_seen_at = models.DateTimeField(_("not seen"), null=True, blank=True)
    """When an import that covers its date first lacked it; null again once an import has it."""
    not_seen_in = models.ForeignKey(
        "reviews.ImportBatch", models.PROTECT, null=True, blank=True, related_name="not_seen", db_index=False
    )
    gone_at = models.DateTimeField(_("confirmed gone"), null=True, blank=True)
    """When a person confirmed that the platform no longer shows it."""
    gone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = LiveReviews()
    with_withdrawn = ReviewQuerySet.as_manager()

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        constraints = [
            models.UniqueConstraint(fields=["shop", "identity"], name="review_is_unique_in_shop"),
            models.CheckConstraint(
                condition=Q(not_seen_at__isnull=False) | Q(gone_at__isnull=True), name="gone_review_was_not_seen"
            ),
            models.CheckConstraint(condition=Q(stars__isnull=True) | Q(stars__range=(1, 5)), name="stars_are_1_to_5"),
        ]
        indexes = [
            # What an import brought lies side by side.
            BrinIndex(fields=["batch"], name="review_by_import", autosummarize=True),
            models.Index(fields=["shop", "-reviewed_at"], name="review_by_date"),
            models.Index(fields=["shop", "-reviewed_at"], condition=Q(is_negative=True), name="review_negative"),
            models.Index(
                fields=["-reviewed_at", "-id"],
                condition=Q(is_negative=True, causes_decided_at__isnull=True),
                name="review_undecided",
            ),
            models.Index(
                fields=["shop", "-reviewed_at"], condition=Q(not_seen_at__isnull=False), name="review_not_seen"
            ),
            models.Index(fields=["shop", "buyer_name"], name="review_by_buyer"),
            models.Index(fields=["shop", "order_number"], name="review_by_order"),
            models.Index(fields=["product", "-reviewed_at"], name="review_by_product"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("reviews:review", args=[self.pk])

    @property
    def causes_seen(self) -> str:
        """Who said what of the causes, for a form to send along: a decision must not overrule a word nobody showed."""
        decided_at = self.causes_decided_at.astimezone(UTC).isoformat() if self.causes_decided_at else ""
        return " ".join([decided_at, *(cause.code for cause in self.causes.all())])


class ReviewRevision(models.Model):
    """A change that a later import showed: `changes` maps a field to its [old, new] values."""

    review = models.ForeignKey(Review, models.CASCADE, related_name="revisions")
    batch = models.ForeignKey("reviews.ImportBatch", models.PROTECT, related_name="revisions")
    recorded_at = models.DateTimeField()
    changes = models.JSONField()
    takes_back = models.BooleanField(default=False, db_default=False)
    """The import was undone, and the review has its earlier values again."""

    class Meta:
        ordering = ["-recorded_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.review} {self.recorded_at:%F %T}"

    @property
    def fields_changed(self) -> list[tuple[str, str, str]]:
        """(translated field name, old, new) for display, "" for nothing."""
        told = []
        for name, (old, new) in self.changes.items():
            field = cast("models.Field[Any, Any]", Review._meta.get_field(name))
            told.append((str(field.verbose_name), _in_words(field, old), _in_words(field, new)))
        return told


def _in_words(field: models.Field[Any, Any], value: Any) -> str:
    """A value of `changes` as people read it: choices by their label, times to the minute."""
    if value is None:
        return ""
    if isinstance(field, models.DateTimeField):
        return str(value)[:16]
    return str(dict(field.flatchoices).get(value, value))


class CauseSource(models.TextChoices):
    MODEL = "model", _("Model")
    PERSON = "person", _("Person")
    WORDS = "words", _("Shop's word")


class ReviewCause(models.Model):
    """One cause of a negative review. `rank` 0 is the primary one; `spans` are [start, end] offsets into `content`."""

    review = models.ForeignKey(Review, models.CASCADE, related_name="causes", db_index=False)
    code = models.CharField(_("cause"), max_length=30, choices=Cause)
    rank = models.PositiveSmallIntegerField()
    score = models.FloatField(null=True)
    """Probability 0-1; 1 where a person decided, null where only the words of the shop told."""
    source = models.CharField(max_length=6, choices=CauseSource, default=CauseSource.MODEL)
    spans = models.JSONField(default=list)

    class Meta:
        ordering = ["rank"]
        verbose_name = _("cause")
        verbose_name_plural = _("causes")
        constraints = [models.UniqueConstraint(fields=["review", "code"], name="cause_once_per_review")]
        indexes = [
            models.Index(fields=["code", "review"], name="cause_by_code"),
            models.Index(
                fields=["review", "code"],
                condition=Q(source=CauseSource.MODEL, score__lt=CERTAIN_FROM),
                name="cause_uncertain",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def top(self) -> TopCause:
        return top_of(self.code)

    @property
    def name(self) -> str:
        return full_name(self.code)

    @property
    def is_uncertain(self) -> bool:
        """Whether the model gave it and was not sure."""
        return self.source == CauseSource.MODEL and self.score is not None and self.score < CERTAIN_FROM
