"""The classifier the rest of the product calls: texts in, predictions out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from . import storage
from .adaptation import Adaptation, AdaptedModel
from .decoding import Decoder
from .evidence import spans_of
from .model import CODES, Model, Scores
from .passages import Passages, read_passages
from .prediction import Prediction, Tag

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
        bounds = np.searchsorted(passages.review_of_clause, np.arange(len(texts) + 1)).tolist()
        for review in range(len(texts)):
            clauses = range(bounds[review], bounds[review + 1])
            if not clauses:
                yield NOTHING_SAID
                continue
            codes = np.flatnonzero(said[review])
            ranked = codes[np.argsort(-calibrated[review, codes], kind="stable")]
            negative = float(scores.negative[review])
            yield Prediction(
                negative >= NEGATIVE_FROM,
                negative,
                tuple(self._tag(passages, scores, clauses, int(code), calibrated[review, code]) for code in ranked),
            )

    def _tag(self, passages: Passages, scores: Scores, clauses: range, code: int, score: np.float32) -> Tag:
        return Tag(CODES[code], float(score), spans_of(passages, scores, clauses, code))


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
