"""Which reviews a list shows: the filters of /reviews/, their address, and the query behind them.

Whatever counts reviews builds its link from a `ReviewFilter`, so that the list shows exactly what was counted.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q, TextChoices
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from reviews.causes import TopCause, subs_of
from reviews.certainty import CERTAIN_FROM
from reviews.models import Review, ReviewCause, ReviewRevision
from reviews.models.review import CauseSource, Rating, ReviewQuerySet
from reviews.period import end_of, start_of
from reviews.text_search.query import saying

PAGE_SIZE = 50
COUNTED_AT_MOST = 10_000
"""Totals are exact up to here; counting further would read millions of rows to say "many"."""

FOUND_AT_MOST = 1_000
"""The same where a text is looked for: every hit has to be read."""

UNSURE_OF_NEGATIVE = (0.4, 0.6)
"""Scores at which the model's verdict is worth a second look: close to even odds."""


class RatingFilter:
    """Values of the `rating` filter: the three ratings, and whether there is any."""

    RATED = "rated"
    UNRATED = "unrated"
    CHOICES = [*Rating.choices, (RATED, _("Any rating")), (UNRATED, _("Without rating"))]


RATED_AS: dict[str, Q] = {
    Rating.GOOD: Q(rating=Rating.GOOD) | Q(rating="", stars__gte=4),
    Rating.NEUTRAL: Q(rating=Rating.NEUTRAL) | Q(rating="", stars__in=(2, 3)),
    Rating.BAD: Q(rating=Rating.BAD) | Q(rating="", stars=1),
    RatingFilter.RATED: ~Q(rating="") | Q(stars__isnull=False),
    RatingFilter.UNRATED: Q(rating="", stars__isnull=True),
}
"""A review without a rating of its own is rated by its stars, the way JD counts them: 4-5 good, 2-3 neutral, 1 bad."""


class PresenceFilter(TextChoices):
    """Values of the `not_seen` filter: of reviews that an import lacked, those nobody looked up yet, and the others."""

    MISSING = "missing", _("Not seen, to be looked up")
    GONE = "gone", _("Confirmed gone")


PRESENT_AS: dict[str, Q] = {
    PresenceFilter.MISSING: Q(not_seen_at__isnull=False, gone_at=None),
    # What is gone was not seen before: saying so lets the index of marked reviews be used.
    PresenceFilter.GONE: Q(not_seen_at__isnull=False, gone_at__isnull=False),
}


@dataclass(frozen=True, kw_only=True)
class ReviewFilter:
    """What is wanted of a list of reviews; the default wants all. `first` and `last` are days, both included."""

    q: str = ""
    shop: int | None = None
    product: int | None = None
    batch: int | None = None
    """The import that brought the review or changed it."""
    negative: bool | None = None
    rating: str = ""
    cause: str = ""
    """Code of either level: a top cause stands for all its sub-causes."""
    is_primary: bool = False
    """Only the first cause of a review is compared with `cause`."""
    first: date | None = None
    last: date | None = None
    is_uncertain: bool = False
    not_seen: str = ""
    """One of `PresenceFilter`."""

    @property
    def parameters(self) -> dict[str, str]:
        """Query parameters of /reviews/; what is not wanted is left out."""
        values = {
            "q": self.q,
            "shop": self.shop,
            "product": self.product,
            "batch": self.batch,
            "negative": None if self.negative is None else int(self.negative),
            "rating": self.rating,
            "cause": self.cause,
            "primary": 1 if self.is_primary else None,
            "from": self.first,
            "to": self.last,
            "uncertain": 1 if self.is_uncertain else None,
            "not_seen": self.not_seen,
        }
        return {name: str(value) for name, value in values.items() if value not in (None, "")}

    @property
    def address(self) -> str:
        return f"{reverse('reviews:reviews')}?{urlencode(self.parameters)}"


def codes_of(cause: str) -> list[str]:
    """The codes a review can carry under `cause`, itself of either level. Raises ValueError for an unknown one."""
    return [code.value for code in subs_of(TopCause(cause))] if cause in TopCause.values else [cause]


def has_uncertain_cause(cause: str = "") -> Q:
    """Reviews with a cause the model was unsure of, under `cause` (code of either level) where one is given."""
    unsure = ReviewCause.objects.filter(review=OuterRef("pk"), source=CauseSource.MODEL, score__lt=CERTAIN_FROM)
    return Q(Exists(unsure.filter(code__in=codes_of(cause)) if cause else unsure))


def uncertain() -> Q:
    """Reviews whose verdict or one of whose causes the model was unsure of, and nobody has decided yet."""
    by_text = ~Q(rating__in=(Rating.NEUTRAL, Rating.BAD)) & Q(negative_score__range=UNSURE_OF_NEGATIVE)
    return Q(causes_decided_at__isnull=True) & (by_text | has_uncertain_cause())


def matching_reviews(reviews: ReviewQuerySet, wanted: ReviewFilter) -> ReviewQuerySet:
    """Those of `reviews` that `wanted` describes, each once."""
    condition = saying(wanted.q, one_by_one=True)
    for name in ("shop", "product"):
        if (pk := getattr(wanted, name)) is not None:
            condition &= Q(**{name: pk})
    if wanted.batch is not None:
        revised = ReviewRevision.objects.filter(review=OuterRef("pk"), batch=wanted.batch)
        condition &= Q(batch=wanted.batch) | Q(Exists(revised))
    if wanted.negative is not None:
        condition &= Q(is_negative=wanted.negative)
    if wanted.rating:
        condition &= RATED_AS[wanted.rating]
    if wanted.not_seen:
        condition &= PRESENT_AS[wanted.not_seen]
    if wanted.first:
        condition &= Q(reviewed_at__gte=start_of(wanted.first))
    if wanted.last:
        condition &= Q(reviewed_at__lt=end_of(wanted.last))
    if wanted.cause:
        named = ReviewCause.objects.filter(review=OuterRef("pk"), code__in=codes_of(wanted.cause))
        condition &= Q(Exists(named.filter(rank=0) if wanted.is_primary else named))
    if wanted.is_uncertain:
        condition &= uncertain()
    return reviews.filter(condition)


class Page(NamedTuple):
    """A stretch of a list, newest first. `newer` and `older` are ids to go on from, None at an end of the list."""

    reviews: list[Review]
    newer: int | None
    older: int | None


def page_of(
    reviews: ReviewQuerySet,
    *,
    older: Review | None = None,
    newer: Review | None = None,
    size: int | None = None,
    shops: Collection[int] = (),
) -> Page:
    """The page after `older`, or before `newer`, or the first: found by position, so every page costs the same.

    `shops` are ids of all shops the reviews are of: where several are told, each is read along its own index.
    """
    size = size or PAGE_SIZE
    if newer is not None:
        at = newer.reviewed_at
        later = reviews.filter(reviewed_at__gte=at).filter(Q(reviewed_at__gt=at) | Q(pk__gt=newer.pk))
        found = _first(later, ("reviewed_at", "pk"), size + 1, shops)
        has_newer, has_older = len(found) > size, True
        found = found[:size][::-1]
    else:
        if older is not None:
            at = older.reviewed_at
            reviews = reviews.filter(reviewed_at__lte=at).filter(Q(reviewed_at__lt=at) | Q(pk__lt=older.pk))
        found = _first(reviews, ("-reviewed_at", "-pk"), size + 1, shops)
        has_newer, has_older = older is not None, len(found) > size
        found = found[:size]
    if not found:
        return Page([], None, None)
    return Page(found, found[0].pk if has_newer else None, found[-1].pk if has_older else None)


def _first(reviews: ReviewQuerySet, order: tuple[str, str], size: int, shops: Collection[int]) -> list[Review]:
    """The first `size` of `reviews`; of several shops each gives its own first ones, since no index orders them all."""
    if len(shops) > 1:
        parts = [reviews.filter(shop=shop).order_by(*order).values_list("pk", "reviewed_at")[:size] for shop in shops]
        first = parts[0].union(*parts[1:], all=True).order_by(*order)[:size]
        reviews = reviews.filter(pk__in=[pk for pk, _at in first])
    return list(reviews.order_by(*order)[:size])
