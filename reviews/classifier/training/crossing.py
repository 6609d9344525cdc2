"""Cross-validation: every review is scored by a model that has seen neither it nor, if asked, its category."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from ..lexicon import Lexicon
from ..linear import LinearModel
from ..measures import Said
from ..model import CODES, TOPS, Floats, Scores
from ..passages import read_passages
from .examples import LabelledReview, RatedReview, folds_of, targets
from .learning import learn
from .validation import fitted_decoder

Say = Callable[[str], None]
Example = TypeVar("Example", LabelledReview, RatedReview)


class Examples(NamedTuple):
    """All there is to learn from. `polarity` stands in where nothing is rated, and is needed then."""

    labelled: Sequence[LabelledReview]
    rated: Sequence[RatedReview]
    polarity: Lexicon | None
    seed: int

    def learnt(self, labelled: NDArray[np.bool_], rated: NDArray[np.bool_]) -> LinearModel:
        """The model learnt from the examples marked."""
        return learn(_marked(self.labelled, labelled), _marked(self.rated, rated), self.polarity, self.seed)


class Unseen(NamedTuple):
    """Probabilities by models that had not seen the reviews: `tops` and `codes` of the labelled ones, `negative` of
    the rated ones, with the `fold` of each labelled review."""

    tops: Floats
    codes: Floats
    negative: Floats
    fold: NDArray[np.int64]


def cross_validated(examples: Examples, folds: int, say: Say) -> Unseen:
    """Learn `folds` times, each time without one fold, and score that fold."""
    labelled = folds_of([review.content for review in examples.labelled], folds=folds, seed=examples.seed)
    rated = folds_of([review.content for review in examples.rated], folds=folds, seed=examples.seed)
    unseen = Unseen(
        np.zeros((len(labelled), len(TOPS)), np.float32),
        np.zeros((len(labelled), len(CODES)), np.float32),
        np.zeros(len(rated), np.float32),
        labelled,
    )
    for fold in range(folds):
        ours, theirs = labelled == fold, rated == fold
        model = examples.learnt(~ours, ~theirs)
        unseen.tops[ours], unseen.codes[ours] = _causes(model, _marked(examples.labelled, ours))
        unseen.negative[theirs] = _scored(model, _marked(examples.rated, theirs)).negative
        say(f"fold {fold + 1} of {folds} learnt and scored")
    return unseen


def said_across(unseen: Unseen, examples: Examples) -> Said:
    """What is said of each labelled review with thresholds that the other folds gave."""
    true = targets(examples.labelled)
    said = np.zeros(unseen.codes.shape, bool)
    for fold in np.unique(unseen.fold):
        ours = unseen.fold == fold
        decoder = fitted_decoder(unseen.tops[~ours], unseen.codes[~ours], true[~ours])
        said[ours] = decoder.said(unseen.tops[ours], unseen.codes[ours])
    return said


def said_of_category(category: str, unseen: Unseen, examples: Examples) -> tuple[Said, NDArray[np.bool_]]:
    """What a model that knows no review of `category` says of its labelled reviews, thresholds included, and which
    those are."""
    ours = np.array([review.category == category for review in examples.labelled])
    theirs = np.array([review.category == category for review in examples.rated], bool)
    decoder = fitted_decoder(unseen.tops[~ours], unseen.codes[~ours], targets(examples.labelled)[~ours])
    model = examples.learnt(~ours, ~theirs)
    return decoder.said(*_causes(model, _marked(examples.labelled, ours))), ours


def _causes(model: LinearModel, reviews: Sequence[LabelledReview]) -> tuple[Floats, Floats]:
    scores = _scored(model, reviews)
    return scores.tops, scores.codes


def _scored(model: LinearModel, reviews: Sequence[LabelledReview] | Sequence[RatedReview]) -> Scores:
    return model.score(read_passages([review.content for review in reviews]))


def _marked(reviews: Sequence[Example], marked: NDArray[np.bool_]) -> list[Example]:
    return [review for review, is_marked in zip(reviews, marked, strict=True) if is_marked]
