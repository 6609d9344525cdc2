"""What the classifier, the rating and the words of the shop together say of reviews on their way in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from reviews.causes import Cause
from reviews.classifier import Classifier, Prediction
from reviews.judgement import MOST_STARS_OF_A_NEGATIVE, is_default_text, is_negative
from reviews.learning.champions import champion
from reviews.models.review import Rating
from reviews.vocabulary.application import FoundCause, found_by_model, with_words
from reviews.vocabulary.stored import vocabulary_of


class Opinion(NamedTuple):
    """What a review is judged by."""

    rating: str
    stars: int | None
    content: str
    append_content: str


class Judgement(NamedTuple):
    """`causes` has the primary one first; it is empty exactly where the review is not negative."""

    is_default: bool
    is_negative: bool
    negative_score: float
    causes: list[FoundCause]


BEYOND_DOUBT = 0.9
"""Score from which words without a cause count as a complaint although the buyer rated well."""
NO_CAUSE_GIVEN = [FoundCause(Cause.OTHER.value, 1.0, [])]
"""A bad rating without a word to explain it."""


def classifier_version() -> str:
    return champion().version


def judge(opinions: Sequence[Opinion], shops: Sequence[int] = ()) -> list[Judgement]:
    """One judgement for each opinion, in order. Words that the platform put in the buyer's mouth are left out.

    `shops` has the shop (id) of each opinion, whose own words then count; without it the model speaks alone.
    """
    if not opinions:
        return []
    defaults = [is_default_text(opinion.content) for opinion in opinions]
    words = [_words(opinion, is_default) for opinion, is_default in zip(opinions, defaults, strict=True)]
    classifier = champion()
    predictions = _predictions(words, classifier)
    follow_ups = _predictions([opinion.append_content for opinion in opinions], classifier)
    judgements = [
        _judgement(opinion, is_default, predictions.get(index), follow_ups.get(index))
        for index, (opinion, is_default) in enumerate(zip(opinions, defaults, strict=True))
    ]
    if shops:
        _apply_shop_words(judgements, words, shops, classifier)
    return [
        _marked_within(0 if judgement.is_default else len(opinion.content), judgement)
        for opinion, judgement in zip(opinions, judgements, strict=True)
    ]


def words_of(opinion: Opinion) -> str:
    """What the buyer wrote: content, then follow-up. Offsets into the content are offsets into it."""
    return _words(opinion, is_default_text(opinion.content))


def _predictions(texts: Sequence[str], classifier: Classifier) -> dict[int, Prediction]:
    """What the classifier says, by index, of those texts that are words of a buyer. Many buyers use the same."""
    spoken = {index: text for index, text in enumerate(texts) if text and not is_default_text(text)}
    distinct = list(dict.fromkeys(spoken.values()))
    said = dict(zip(distinct, classifier.classify(distinct), strict=True))
    return {index: said[text] for index, text in spoken.items()}


def _words(opinion: Opinion, is_default: bool) -> str:
    # The content comes first and unchanged, so offsets into these words are offsets into the content.
    follow_up = "" if is_default_text(opinion.append_content) else opinion.append_content
    return "\n".join(part for part in ("" if is_default else opinion.content, follow_up) if part)


def _judgement(
    opinion: Opinion, is_default: bool, prediction: Prediction | None, follow_up: Prediction | None
) -> Judgement:
    """A follow-up counts by itself too: praise before it must not drown its complaint."""
    told = [found for found in (prediction, follow_up) if found]
    is_rated_good = opinion.rating == Rating.GOOD or (opinion.stars or 0) > MOST_STARS_OF_A_NEGATIVE
    is_complaint = any(_complains(found, is_rated_good=is_rated_good) for found in told)
    score = max((float(found.negative_score) for found in told), default=0.0)
    if not is_negative(rating=opinion.rating, stars=opinion.stars, is_complaint=is_complaint):
        return Judgement(is_default, False, score, [])
    return Judgement(is_default, True, score, (prediction and found_by_model(prediction)) or NO_CAUSE_GIVEN)


def _complains(found: Prediction, *, is_rated_good: bool) -> bool:
    """Who rated well complains by naming something, or beyond doubt: of a few words the model is easily mistaken."""
    names_something = found.tags[0].code != Cause.OTHER
    return found.is_negative and (not is_rated_good or names_something or found.negative_score >= BEYOND_DOUBT)


def _apply_shop_words(
    judgements: list[Judgement], words: Sequence[str], shops: Sequence[int], classifier: Classifier
) -> None:
    """Correct the causes of complaints by the vocabulary of each one's shop, in place."""
    of_shop: dict[int, list[int]] = defaultdict(list)
    for index, shop in enumerate(shops):
        if judgements[index].is_negative and words[index]:
            of_shop[shop].append(index)
    for shop, indexes in of_shop.items():
        vocabulary = vocabulary_of(shop)
        if not vocabulary.has_rules:
            continue
        texts = [words[index] for index in indexes]
        found = with_words(texts, [judgements[index].causes for index in indexes], vocabulary, classifier.classify)
        for index, causes in zip(indexes, found, strict=True):
            judgements[index] = judgements[index]._replace(causes=causes)


def _marked_within(length: int, judgement: Judgement) -> Judgement:
    """Evidence in the follow-up lies beyond the content and cannot be marked in it."""
    return judgement._replace(
        causes=[
            cause._replace(spans=[[start, min(end, length)] for start, end in cause.spans if start < length])
            for cause in judgement.causes
        ]
    )
