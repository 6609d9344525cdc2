"""The whole course of a training: pre-train, teach, distil, then measure what is stored on reviews set aside."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from reviews.causes import top_of

from ..classifier import NEGATIVE_FROM
from ..decoding import Decoder
from ..measures import Said, Table, reliability_of, table_of, targets_of
from ..model import CODES, TOP_OF_CODE, Floats, Scores
from ..network import Network
from ..normalise import Codes
from ..passages import Bools, read_passages
from ..storage import Validation, save
from .examples import (
    SEPARATOR,
    LabelledReview,
    RatedReview,
    UnusableExamples,
    folds_of,
    read_labelled,
    read_rated,
    texts_of,
)
from .pretraining import Say
from .schooling import Schooling, schooled
from .validation import fitted_decoder

SET_ASIDE = 10
"""One review in so many is never learnt from: thresholds, calibration and figures come from those."""
LEAST = 20
"""Labelled reviews below which there is nothing to learn from."""


class Settings(NamedTuple):
    """How to train. `effort` is the share of the full training, for trying things out. Reviews of the categories
    `without` are not learnt from, but reported on. `checkpoints` is where stages are kept, so that an interrupted
    training goes on. `predictions` is where to write what is said of the reviews set aside."""

    seed: int = 0
    effort: float = 1.0
    without: frozenset[str] = frozenset()
    checkpoints: Path | None = None
    predictions: Path | None = None


class Corpus(NamedTuple):
    """Reviews that were read, each with its text spelt alike; `is_learnt` tells which are learnt from."""

    labelled: Sequence[LabelledReview]
    labelled_texts: Sequence[Codes]
    labelled_learnt: Bools
    rated: Sequence[RatedReview]
    rated_texts: Sequence[Codes]
    rated_learnt: Bools


def corpus_of(labels: Sequence[Path], rated: Sequence[Path], settings: Settings) -> Corpus:
    """Raises UnusableExamples."""
    labelled, others = read_labelled(labels), read_rated(rated)
    labelled_texts = texts_of([review.content for review in labelled])
    rated_texts = texts_of([review.content for review in others])
    corpus = Corpus(
        labelled,
        labelled_texts,
        _learnt(labelled, labelled_texts, settings),
        others,
        rated_texts,
        _learnt(others, rated_texts, settings),
    )
    if corpus.labelled_learnt.sum() < LEAST:
        raise UnusableExamples(f"{len(labelled)} labelled reviews are too few to learn from")
    return corpus


def _learnt(
    reviews: Sequence[LabelledReview] | Sequence[RatedReview], texts: Sequence[Codes], settings: Settings
) -> Bools:
    is_set_aside = folds_of(texts, folds=SET_ASIDE, seed=settings.seed) == 0
    is_left_out = np.array([review.category in settings.without for review in reviews], bool)
    has_text = np.array([len(text) > 0 for text in texts], bool)
    return ~is_set_aside & ~is_left_out & has_text


def schooling_of(corpus: Corpus, settings: Settings) -> Schooling:
    learnt = np.flatnonzero(corpus.labelled_learnt).tolist()
    rated = np.flatnonzero(corpus.rated_learnt).tolist()
    codes = [corpus.labelled[at].codes for at in learnt]
    return Schooling(
        complaints=[corpus.labelled_texts[at] for at in learnt],
        targets=targets_of(codes),
        primary=np.array([TOP_OF_CODE[CODES.index(said[0])] for said in codes], np.int64),
        rated=[corpus.rated_texts[at] for at in rated],
        negative=np.array([corpus.rated[at].is_negative for at in rated], np.bool_),
        seed=settings.seed,
        effort=settings.effort,
        checkpoints=settings.checkpoints,
    )


class Judged(NamedTuple):
    """Reviews that were not learnt from, what the network as it is stored says of them, and what is true."""

    reviews: Sequence[LabelledReview]
    scores: Scores
    targets: Floats

    @property
    def true(self) -> Said:
        return self.targets[:, : len(CODES)] > 0

    def of(self, chosen: Bools) -> Judged:
        reviews = [review for review, is_chosen in zip(self.reviews, chosen, strict=True) if is_chosen]
        # Shares are by character, and nothing here asks for them.
        by_review = {name: table[chosen] for name, table in self.scores._asdict().items() if name != "shares"}
        scores = self.scores._replace(**by_review)
        return Judged(reviews, scores, self.targets[chosen])


def train(labels: Sequence[Path], rated: Sequence[Path], output: Path, settings: Settings, say: Say) -> None:
    """Learn from CSV files and store the weights in the directory `output`; `say` gets a report line by line.

    Without `rated` reviews every text counts as negative. The same files and settings give the same bytes. Raises
    UnusableExamples, and OSError where `output` cannot be written.
    """
    corpus = corpus_of(labels, rated, settings)
    say(f"{corpus.labelled_learnt.sum()} labelled and {corpus.rated_learnt.sum()} rated reviews to learn from")
    # As it will be read from disk: what is measured is what is shipped, its rounding included.
    network = Network.from_arrays(schooled(schooling_of(corpus, settings)).to_arrays())
    judged = _judged(network, corpus)
    is_left_out = np.array([review.category in settings.without for review in judged.reviews], bool)
    aside = judged.of(~is_left_out)
    decoder = fitted_decoder(aside.scores.tops, aside.scores.codes, aside.targets)
    said, calibrated = _across_halves(aside)
    ranked = _ranked(aside, said, calibrated)
    figures = {
        **_figures(aside, said, ranked),
        "calibration_error": reliability_of(calibrated, said, aside.true).error,
        **_negative(network, corpus, settings),
    }
    _report(table_of(said, aside.true), figures, say)
    if settings.predictions:
        _write_predictions(settings.predictions, aside, ranked)
    for category in sorted(settings.without):
        _report_category(category, judged, decoder, say)
    validation = Validation(aside.scores.features, aside.scores.codes, aside.scores.tops, aside.targets)
    rounded = {name: round(value, 4) for name, value in figures.items()}
    facts = {"seed": settings.seed, "reviews": int(corpus.labelled_learnt.sum()), "validation": rounded}
    say(f"stored {save(output, network, decoder, validation, facts)} in {output}")


def _judged(network: Network, corpus: Corpus) -> Judged:
    unseen = [
        review for review, is_learnt in zip(corpus.labelled, corpus.labelled_learnt, strict=True) if not is_learnt
    ]
    scores = network.score(read_passages([review.content for review in unseen]))
    return Judged(unseen, scores, targets_of([review.codes for review in unseen]))


def _across_halves(judged: Judged) -> tuple[Said, Floats]:
    """What is said of each review, and how surely, with thresholds and calibration that the other half gave."""
    said = np.zeros(judged.scores.codes.shape, bool)
    calibrated = np.zeros(judged.scores.codes.shape, np.float32)
    half = np.arange(len(judged.reviews)) % 2 == 0
    for ours in (half, ~half):
        theirs, mine = judged.of(~ours), judged.of(ours)
        decoder = fitted_decoder(theirs.scores.tops, theirs.scores.codes, theirs.targets)
        said[ours] = decoder.said(mine.scores.tops, mine.scores.codes)
        calibrated[ours] = decoder.scores(mine.scores.codes)
    return said, calibrated


def _figures(judged: Judged, said: Said, ranked: Sequence[Sequence[str]]) -> dict[str, float]:
    table = table_of(said, judged.true)
    first = [top_of(codes[0]) == top_of(review.codes[0]) for codes, review in zip(ranked, judged.reviews, strict=True)]
    return {"five": table.five, "all_codes": table.all_codes, "primary": sum(first) / len(first)}


def _ranked(judged: Judged, said: Said, calibrated: Floats) -> list[list[str]]:
    """The codes said of each review, the primary one first, as `Classifier` orders them."""
    order = np.argsort(-np.where(said, calibrated * judged.scores.primary[:, TOP_OF_CODE], -1), axis=1, kind="stable")
    return [[CODES[at] for at in row[:count]] for row, count in zip(order, said.sum(axis=1), strict=True)]


def _negative(network: Network, corpus: Corpus, settings: Settings) -> dict[str, float]:
    """The share of rated reviews set aside whose verdict the text alone gives; nothing where none is rated."""
    aside = [
        review
        for review, is_learnt in zip(corpus.rated, corpus.rated_learnt, strict=True)
        if not is_learnt and review.category not in settings.without
    ]
    if not aside:
        return {}
    said = network.score(read_passages([review.content for review in aside])).negative >= NEGATIVE_FROM
    return {"negative": float((said == np.array([review.is_negative for review in aside])).mean())}


def _report(table: Table, figures: dict[str, float], say: Say) -> None:
    say(f"{'cause':<24}{'F1':>8}{'reviews':>9}")
    for name, (f1, reviews) in (table.tops | table.codes).items():
        say(f"{name:<24}{f1:>8.3f}{reviews:>9}")
    for name, value in figures.items():
        say(f"{name:<24}{value:>8.4f}")


def _report_category(category: str, judged: Judged, decoder: Decoder, say: Say) -> None:
    """Single categories lack some causes, so the mean is over those that are common enough here."""
    ours = judged.of(np.array([review.category == category for review in judged.reviews], bool))
    table = table_of(decoder.said(ours.scores.tops, ours.scores.codes), ours.true)
    say(f"without {category:<16}{table.common():>8.3f}{len(ours.reviews):>9}")


def _write_predictions(path: Path, judged: Judged, ranked: Sequence[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["id", "causes"])
        writer.writerows(
            [review.id, SEPARATOR.join(codes)] for review, codes in zip(judged.reviews, ranked, strict=True)
        )
