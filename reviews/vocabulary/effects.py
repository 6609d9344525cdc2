"""What a phrase would change in stored reviews, before anybody saves it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import OperationalError, connection, transaction
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from reviews.classifier import Classifier
from reviews.evidence import Piece, pieces
from reviews.ingest.storing.classifying import Opinion, words_of
from reviews.models import Review, ReviewCause
from reviews.models.review import CauseSource

from .application import FoundCause, with_words
from .matching import PhraseFinder
from .rules import Kind, Rule
from .sample import newest_complaints
from .stored import vocabulary_of

SEARCHED_AT_MOST = 20_000
JUDGED_AT_MOST = 500
SHOWN = 20
CHARACTERS_BEFORE = 24
"""What is shown of a review begins so far before the phrase."""
SECONDS_AT_MOST = 3
"""How long the database may look for the reviews."""


class Outcome(TextChoices):
    """What becomes of a review that contains the phrase."""

    ADDED = "added", _("Gains the cause")
    HAD = "had", _("Has it already")
    SILENT = "silent", _("Praises or denies it")
    TAKEN = "taken", _("Loses the cause")
    KEPT = "kept", _("Keeps it for other words")
    WITHOUT = "without", _("Does not have it")
    DECIDED = "decided", _("Decided by a person: unchanged")


OUTCOMES: Mapping[Kind, tuple[Outcome, ...]] = {
    Kind.SIGN: (Outcome.ADDED, Outcome.SILENT, Outcome.HAD, Outcome.DECIDED),
    Kind.NO_SIGN: (Outcome.TAKEN, Outcome.KEPT, Outcome.WITHOUT, Outcome.DECIDED),
    Kind.WORD: (),
}
"""In the order in which they are worth a look."""


class Changed(NamedTuple):
    """A review with the phrase: its words cut along it (code "phrase" marks it), its causes now and then."""

    review: Review
    words: list[Piece]
    before: list[ReviewCause]
    after: list[ReviewCause]
    outcome: Outcome | None


class Effect(NamedTuple):
    """`containing` of `searched` reviews have the phrase; the newest `judged` of those were read closely, and count in
    `outcomes`. `is_all` tells whether every review of the period was searched."""

    searched: int
    is_all: bool
    containing: int
    judged: int
    outcomes: list[tuple[Outcome, int]]
    shown: list[Changed]


def effect_of(rule: Rule, *, shop_id: int | None, since: datetime, classifier: Classifier) -> Effect | None:
    """The effect on reviews written from `since` on; None where the database took too long to find them."""
    finder = PhraseFinder([rule.phrase])
    try:
        rows = _searched(shop_id, since)
    except OperationalError:
        return None
    containing = [pk for pk, content, follow_up, _at in rows if finder.hits(content) or finder.hits(follow_up)]
    reviews = Review.objects.select_related("shop").prefetch_related("causes").in_bulk(containing[:JUDGED_AT_MOST])
    found = _judged([reviews[pk] for pk in containing[:JUDGED_AT_MOST] if pk in reviews], rule, finder, classifier)
    counts = Counter(changed.outcome for changed in found)
    return Effect(
        searched=len(rows),
        is_all=len(rows) < SEARCHED_AT_MOST,
        containing=len(containing),
        judged=len(found),
        outcomes=[(outcome, counts[outcome]) for outcome in OUTCOMES[rule.kind]],
        shown=sorted(found, key=lambda changed: _worth(rule.kind, changed.outcome))[:SHOWN],
    )


def _worth(kind: Kind, outcome: Outcome | None) -> int:
    return OUTCOMES[kind].index(outcome) if outcome else 0


def _searched(shop_id: int | None, since: datetime) -> list[tuple[int, str, str, datetime]]:
    """Id, content, follow-up and time, newest first. Raises OperationalError when it takes too long."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = %s", [f"{SECONDS_AT_MOST}s"])
        newest = newest_complaints(shop_id, since)
        found = newest.values_list("pk", "content", "append_content", "reviewed_at")[:SEARCHED_AT_MOST]
        return sorted(found, key=lambda row: (row[3], row[0]), reverse=True)


def _judged(reviews: Sequence[Review], rule: Rule, finder: PhraseFinder, classifier: Classifier) -> list[Changed]:
    """In the order of `reviews`, those with the phrase in what the buyer wrote."""
    by_shop: dict[int, list[Review]] = {}
    for review in reviews:
        by_shop.setdefault(review.shop_id, []).append(review)
    changed: dict[int, Changed] = {}
    for shop_id, in_shop in by_shop.items():
        texts = [_words(review) for review in in_shop]
        before = [[_found(cause) for cause in review.causes.all()] for review in in_shop]
        after = with_words(texts, before, vocabulary_of(shop_id, rule), classifier.classify)
        for review, text, causes in zip(in_shop, texts, after, strict=True):
            if hits := finder.hits(text):
                start = max(0, hits[0].start - CHARACTERS_BEFORE)
                spans = [[hit.start - start, hit.end - start] for hit in hits]
                marked = [Piece("…" if start else "", ""), *pieces(text[start:], [("phrase", spans)])]
                changed[review.pk] = _changed(review, marked, causes, rule)
    return [changed[review.pk] for review in reviews if review.pk in changed]


def _words(review: Review) -> str:
    return words_of(Opinion(review.rating, review.stars, review.content, review.append_content))


def _found(cause: ReviewCause) -> FoundCause:
    return FoundCause(cause.code, cause.score if cause.source == CauseSource.MODEL else None, cause.spans)


def _changed(review: Review, words: list[Piece], causes: list[FoundCause], rule: Rule) -> Changed:
    before = list(review.causes.all())
    if review.causes_decided_at is not None:
        return Changed(review, words, before, before, None if rule.kind is Kind.WORD else Outcome.DECIDED)
    after = [
        ReviewCause(
            code=cause.code,
            score=cause.score,
            source=CauseSource.WORDS if cause.score is None else CauseSource.MODEL,
        )
        for cause in causes
    ]
    codes_before, codes_after = ({cause.code for cause in told} for told in (before, after))
    return Changed(review, words, before, after, _outcome(rule, codes_before, codes_after))


def _outcome(rule: Rule, before: set[str], after: set[str]) -> Outcome | None:
    if rule.kind is Kind.WORD:
        return None
    if rule.kind is Kind.SIGN:
        if rule.code in before:
            return Outcome.HAD
        return Outcome.ADDED if rule.code in after else Outcome.SILENT
    if rule.code not in before:
        return Outcome.WITHOUT
    return Outcome.KEPT if rule.code in after else Outcome.TAKEN
