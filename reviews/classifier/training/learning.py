"""From examples to a linear model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_matrix

from ..features import Occurrences, occurrences
from ..lexicon import Groups, Lexicon
from ..linear import TYPICAL_NORM, LinearModel, complaints, lengths, review_entries
from ..model import Floats
from ..passages import Passages, has_words, read_passages
from .examples import LabelledReview, RatedReview, targets
from .fitting import fit_logistic, fit_noisy_or
from .praise import praising_clauses, with_praise

RAREST = 3
"""Reviews a feature must occur in."""
REVIEW_BITS = 31
"""Of a pair of feature and review in one 64-bit integer."""
POLARITY_STRENGTH, POLARITY_ITERATIONS = 3.0, 80
WHOLE_STRENGTH, WHOLE_ITERATIONS = 10.0, 60
CLAUSE_STRENGTH, CLAUSE_ITERATIONS = 3.0, 80


def learn_polarity(rated: Sequence[RatedReview]) -> Lexicon:
    """The regression that tells negative reviews from others."""
    passages = read_passages([review.content for review in rated])
    found = occurrences(passages)
    empty = _vocabulary(found, passages, len(rated))
    rows = _review_rows(empty, found, passages, None)
    said = np.array([[review.is_negative] for review in rated], np.float32)
    weights, bias = fit_logistic(rows, said, strength=POLARITY_STRENGTH, iterations=POLARITY_ITERATIONS)
    return Lexicon.of_weights(empty.keys, empty.rarity, weights, bias)


def learn_causes(labelled: Sequence[LabelledReview], praises: Sequence[str], polarity: Lexicon, seed: int) -> Lexicon:
    """The two regressions that tell causes, side by side: of the whole review and of the clause."""
    examples = [*labelled, *with_praise(labelled, praises, seed)]
    reviews = [review for review in examples if has_words(review.content)]
    passages = read_passages([review.content for review in reviews])
    found = occurrences(passages)
    said = targets(reviews)
    empty = _vocabulary(found, passages, sum(bool(review.id) for review in reviews))
    complaint = complaints(polarity, polarity.entries(found), passages.clauses)
    whole = fit_logistic(
        _review_rows(empty, found, passages, complaint), said, strength=WHOLE_STRENGTH, iterations=WHOLE_ITERATIONS
    )
    clause = fit_noisy_or(
        _clause_rows(empty, found, passages), passages.review_of_clause, said,
        strength=CLAUSE_STRENGTH, iterations=CLAUSE_ITERATIONS,
    )  # fmt: skip
    weights, bias = np.hstack([whole[0], clause[0]]), np.hstack([whole[1], clause[1]])
    return Lexicon.of_weights(empty.keys, empty.rarity, weights, bias)


def learn(
    labelled: Sequence[LabelledReview], rated: Sequence[RatedReview], polarity: Lexicon | None, seed: int
) -> LinearModel:
    """A model of all examples. Where nothing is rated, `polarity` serves instead, and no praise is shown."""
    if rated or polarity is None:
        polarity = learn_polarity(rated)
    praises = praising_clauses(rated, polarity)
    return LinearModel(polarity, learn_causes(labelled, praises, polarity, seed))


def _vocabulary(found: Occurrences, passages: Passages, reviews: int) -> Lexicon:
    """The features of the first `reviews` reviews that are not too rare, still without weights."""
    review = passages.review_of_clause[found.clause]
    real = review < reviews
    pairs = np.unique((found.key[real].astype(np.int64) << REVIEW_BITS) | review[real])
    keys, counts = np.unique(pairs >> REVIEW_BITS, return_counts=True)
    keys, counts = keys[counts >= RAREST], counts[counts >= RAREST]
    rarity = np.log(reviews / counts).astype(np.float32)
    return Lexicon.of_weights(
        keys.astype(np.uint32), rarity, np.zeros((len(keys), 1), np.float32), np.zeros(1, np.float32)
    )


def _review_rows(vocabulary: Lexicon, found: Occurrences, passages: Passages, complaint: Floats | None) -> csr_matrix:
    """Reviews x features, as the model weighs them in a whole review."""
    size = len(vocabulary.keys)
    whole = review_entries(vocabulary.entries(found), complaint, passages, size)
    values = vocabulary.rarity[whole.feature] * whole.complaint
    values = values / lengths(values, Groups(whole.review, passages.reviews))[whole.review]
    return csr_matrix((values, (whole.review, whole.feature)), shape=(passages.reviews, size))


def _clause_rows(vocabulary: Lexicon, found: Occurrences, passages: Passages) -> csr_matrix:
    """Clauses x features, as the model weighs them in a clause."""
    entries = vocabulary.entries(found)
    values = vocabulary.rarity[entries.feature] / np.float32(np.sqrt(TYPICAL_NORM))
    return csr_matrix((values, (entries.clause, entries.feature)), shape=(passages.clauses, len(vocabulary.keys)))
