"""What is counted of reviews, day by day, so that statistics need not read millions of them.

`RatingTotal` and `CauseTotal` are written by `reviews.totals`. A day on which something changed since is stale:
triggers of the database mark it, so that no way of changing a review is forgotten. Two views, `RatingCount` and
`CauseCount`, take stale days from the reviews themselves and all others from the totals; what they hold is at every
moment what counting all reviews would give. The SQL of both is in migration 0020.

A day is one of `settings.TIME_ZONE`. Withdrawn reviews do not count.
"""

from __future__ import annotations

from django.db import models

from .shop import Product, Shop


class OfADay(models.Model):
    """What belongs to a day of a shop. Where a shop is deleted its days become stale, and their totals go with that."""

    shop = models.ForeignKey(Shop, models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False)
    day = models.DateField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.shop_id} {self.day}"


class StaleDay(OfADay):
    """A mark that something which counts has changed. A day may have several: setting one waits for nobody."""

    class Meta:
        indexes = [models.Index(fields=["shop", "day"], name="stale_day")]


class RatingFigures(OfADay):
    """How many reviews are negative, carry a rating (as `search.RATED_AS` has it), and carry a good one."""

    negative = models.PositiveIntegerField()
    rated = models.PositiveIntegerField()
    good = models.PositiveIntegerField()

    class Meta:
        abstract = True


class RatingTotal(RatingFigures):
    class Meta:
        constraints = [models.UniqueConstraint(fields=["shop", "day"], name="rating_total_of_a_day")]


class RatingCount(RatingFigures):
    pk = models.CompositePrimaryKey("shop", "day")

    class Meta:
        managed = False
        db_table = "reviews_ratingcount"


class CauseFigures(OfADay):
    """How many negative reviews of a product name a cause, and for how many of them it is the first.

    A code is a cause as it is stored, or a top cause, for which a review counts once and `primary` is 0; "" stands for
    all negative reviews.
    """

    product = models.ForeignKey(
        Product, models.DO_NOTHING, null=True, related_name="+", db_index=False, db_constraint=False
    )
    code = models.CharField(max_length=30)
    reviews = models.PositiveIntegerField()
    primary = models.PositiveIntegerField()

    class Meta:
        abstract = True


class CauseTotal(CauseFigures):
    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "day", "product", "code"], name="cause_total_of_a_day", nulls_distinct=False
            )
        ]


class CauseCount(CauseFigures):
    # Django wants a key, which cannot have the product that may be null; single rows are never asked for.
    pk = models.CompositePrimaryKey("shop", "day", "code")

    class Meta:
        managed = False
        db_table = "reviews_causecount"
