"""The whole course of a training: validate, learn from everything, store, report."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from reviews.causes import top_of

from ..classifier import NEGATIVE_FROM
from ..lexicon import Lexicon
from ..measures import Said, table_of
from ..model import CODES, Floats
from ..storage import SHIPPED, UnusableWeights, load, save
from .crossing import Examples, Say, Unseen, cross_validated, said_across, said_of_category
from .examples import SEPARATOR, UnusableExamples, read_labelled, read_rated, targets
from .validation import fitted_decoder


class Settings(NamedTuple):
    """How to train. `folds` is at least 2. `unseen_categories` also measures each category by a model without it.
    `predictions` is where to write what the validation says of each labelled review."""

    seed: int = 0
    folds: int = 5
    unseen_categories: bool = False
    predictions: Path | None = None


def train(labels: Sequence[Path], rated: Sequence[Path], output: Path, settings: Settings, say: Say) -> None:
    """Learn from CSV files and store the weights in the directory `output`; `say` gets a report line by line.

    `rated` may be empty: then the shipped polarity is kept. The same files and seed give the same bytes. Raises
    UnusableExamples, and OSError where `output` cannot be written.
    """
    examples = _examples(labels, rated, settings)
    unseen = cross_validated(examples, settings.folds, say)
    said = said_across(unseen, examples)
    decoder = fitted_decoder(unseen.tops, unseen.codes, targets(examples.labelled))
    ranked = _ranked(said, decoder.scores(unseen.codes))
    figures = _figures(examples, unseen, said, ranked)
    _report(examples, said, figures, say)
    if settings.predictions:
        _write_predictions(settings.predictions, examples, ranked)
    model = examples.learnt(np.ones(len(examples.labelled), bool), np.ones(len(examples.rated), bool))
    version = save(output, model, decoder, {"seed": settings.seed, "reviews": len(said), "validation": figures})
    say(f"stored {version} in {output}")
    if settings.unseen_categories:
        _report_categories(examples, unseen, say)


def _examples(labels: Sequence[Path], rated: Sequence[Path], settings: Settings) -> Examples:
    examples = Examples(read_labelled(labels), read_rated(rated), _shipped_polarity(), settings.seed)
    if len(examples.labelled) < settings.folds:
        raise UnusableExamples(f"{len(examples.labelled)} labelled reviews are too few for {settings.folds} folds")
    if settings.unseen_categories and len({review.category for review in examples.labelled}) < 2:
        raise UnusableExamples("to leave a category out, there must be at least two: see the column category")
    if not examples.rated and examples.polarity is None:
        raise UnusableExamples("there are neither rated reviews nor shipped weights to take the polarity from")
    return examples


def _shipped_polarity() -> Lexicon | None:
    try:
        return load(SHIPPED)[1].polarity
    except UnusableWeights:
        return None


def _ranked(said: Said, scores: Floats) -> list[list[str]]:
    """The codes said of each review, the surest first."""
    order = np.argsort(-np.where(said, scores, -1), axis=1, kind="stable")
    return [[CODES[at] for at in row[:count]] for row, count in zip(order, said.sum(axis=1), strict=True)]


def _true(examples: Examples) -> Said:
    return targets(examples.labelled)[:, : len(CODES)] > 0


def _figures(examples: Examples, unseen: Unseen, said: Said, ranked: list[list[str]]) -> dict[str, Any]:
    table = table_of(said, _true(examples))
    first = [
        top_of(codes[0]) == top_of(review.codes[0]) for codes, review in zip(ranked, examples.labelled, strict=True)
    ]
    figures = {
        "reviews": len(first),
        "five": table.five,
        "all_codes": table.all_codes,
        "primary": float(np.mean(first)),
    }
    if examples.rated:
        negative = np.array([review.is_negative for review in examples.rated])
        figures["negative"] = float(((unseen.negative >= NEGATIVE_FROM) == negative).mean())
    return {name: round(value, 4) for name, value in figures.items()}


def _report(examples: Examples, said: Said, figures: dict[str, Any], say: Say) -> None:
    table = table_of(said, _true(examples))
    say(f"{'cause':<24}{'F1':>8}{'reviews':>9}")
    for name, (f1, reviews) in (table.tops | table.codes).items():
        say(f"{name:<24}{f1:>8.3f}{reviews:>9}")
    for name, value in figures.items():
        say(f"{name:<24}{value:>8}")


def _report_categories(examples: Examples, unseen: Unseen, say: Say) -> None:
    """Scores where each review is read by a model that knows no review of its category. Single categories lack some
    causes, so their means say less than those of all together."""
    true = _true(examples)
    said = np.zeros(true.shape, bool)
    for category in sorted({review.category for review in examples.labelled}):
        told, ours = said_of_category(category, unseen, examples)
        said[ours] = told
        table = table_of(told, true[ours])
        say(f"without {category:<16}{table.common():>8.3f}{ours.sum():>9}")
    table = table_of(said, true)
    say(f"{'each without its own':<24}{table.five:>8.3f}{len(said):>9}  all codes {table.all_codes:.3f}")


def _write_predictions(path: Path, examples: Examples, ranked: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["id", "causes"])
        for review, codes in zip(examples.labelled, ranked, strict=True):
            writer.writerow([review.id, SEPARATOR.join(codes)])
