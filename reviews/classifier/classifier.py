"""The classifier the rest of the product calls: texts in, predictions out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path

import numpy as np

from . import storage
from .adaptation import Adaptation, AdaptedModel
from .decoding import Decoder
from .evidence import spans_of
from .model import CODES, PRAISE_BELOW, TOP_OF_CODE, Floats, Model
from .passages import read_passages
from .prediction import Prediction, Span, Tag

NEGATIVE_FROM = 0.5
BATCH_CHARACTERS = 100_000
"""What is read at once: enough for arrays to pay, little enough to stay within some tens of megabytes."""


@dataclass(frozen=True, slots=True)
class Classifier:
    """Holds a model and how its probabilities become tags. Safe to share between threads."""

    version: str
    model: Model
    decoder: Decoder

    @classmethod
    def load(cls, directory: Path | str) -> Classifier:
        """The classifier stored in `directory`. Raises UnusableWeights."""
        return cls(*storage.load(Path(directory)))

    def adapted(self, adaptation: Adaptation) -> Classifier:
        """This classifier with a layer over its model, and a version that tells of it."""
        model = AdaptedModel(self.model, adaptation)
        return replace(self, version=f"{self.version}+{adaptation.name}", model=model)

    def classify(self, texts: Sequence[str]) -> list[Prediction]:
        """One prediction for each text, in order."""
        return [prediction for batch in batches(texts) for prediction in self._classify_batch(batch)]

    def _classify_batch(self, texts: Sequence[str]) -> Iterator[Prediction]:
        passages = read_passages(texts)
        scores = self.model.score(passages)
        said = self.decoder.said(scores.tops, scores.codes)
        calibrated = self.decoder.scores(scores.codes)
        reviews, codes = np.nonzero(said)
        given = calibrated[reviews, codes]
        order = np.lexsort((-given * scores.primary[reviews, TOP_OF_CODE[codes]], reviews))
        reviews, codes, given = reviews[order], codes[order], given[order]
        spans: list[tuple[Span, ...]] = [()] * len(reviews)
        explained = np.flatnonzero(scores.negative[reviews] >= PRAISE_BELOW)
        marks = spans_of(passages, scores.shares, reviews[explained], codes[explained])
        for at, found in zip(explained.tolist(), marks, strict=True):
            spans[at] = found
        tags = list(map(_TAG, zip(_CODES[codes], _rounded(given), spans, strict=True)))
        ends = np.cumsum(said.sum(axis=1)).tolist()
        has_words = np.bincount(passages.review_of_clause, minlength=len(texts)) > 0
        start = 0
        for end, negative, is_said in zip(ends, _rounded(scores.negative), has_words.tolist(), strict=True):
            told = (negative >= NEGATIVE_FROM, negative, tuple(tags[start:end]))
            yield _PREDICTION(told) if is_said else NOTHING_SAID
            start = end


def _rounded(probabilities: Floats) -> list[float]:
    """To as many digits as mean something: the last ones depend on what else was read in the same batch."""
    return np.round(probabilities.astype(np.float64), 2).tolist()


_CODES = np.array(CODES, object)
# Millions are made; calling the classes would cost three times as much.
_TAG = partial(tuple.__new__, Tag)
_PREDICTION = partial(tuple.__new__, Prediction)

NOTHING_SAID = Prediction(False, 0.0, (Tag("other", 1.0, ()),))
"""A text without a word: empty, or punctuation only."""


def batches(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    """`texts` in parts that are read at once."""
    start = characters = 0
    for at, text in enumerate(texts):
        characters += len(text)
        if characters >= BATCH_CHARACTERS:
            yield texts[start : at + 1]
            start, characters = at + 1, 0
    if start < len(texts):
        yield texts[start:]


@cache
def shipped() -> Classifier:
    """The classifier with the committed weights, loaded once."""
    return Classifier.load(storage.SHIPPED)
