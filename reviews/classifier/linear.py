"""The linear model: one logistic regression reads the review as a whole, another each clause for itself.

Of the clauses, a review has a cause unless every clause lacks it (noisy-or). In the whole, a feature counts as much as
the clause around it complains: how much that is, a third regression says, the one that tells negative reviews from
others. So praise (物流很快,可惜质量差) adds little to its cause.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .features import Occurrences, occurrences
from .lexicon import Entries, Groups, Lexicon, grouped_sums
from .model import CODES, TOPS, Floats, Scores, log_odds, sigmoid, top_probabilities
from .passages import Ints, Passages

OUTPUTS = len(CODES) + len(TOPS)
"""Outputs of each of the two cause regressions: every code, then every top cause."""
WHOLE, CLAUSE = slice(0, OUTPUTS), slice(OUTPUTS, 2 * OUTPUTS)
"""Where a lexicon of causes has the outputs of the two. A lexicon of polarity has one, for the whole."""
SMALLEST_NORM = 1.0
"""Added to squared lengths of texts, so that one rare word is not taken for a full statement."""
TYPICAL_NORM = 155.0
"""Squared length of a usual clause. Clauses are not normed by their own: a longer one may say more."""
COMPLAINT_OFFSET = 1.0
"""Added to the logit of a clause's polarity: a clause in doubt counts as a complaint."""


class ReviewEntries(NamedTuple):
    """Which features reviews have, each once: parallel arrays ascending by review. `complaint` (0-1) is the most that
    a clause with the feature complains."""

    review: Ints
    feature: Ints
    complaint: Floats


def review_entries(entries: Entries, complaint: Floats | None, passages: Passages, vocabulary: int) -> ReviewEntries:
    """Join the clauses' entries by review. `complaint` is by clause, None where every clause counts in full;
    `vocabulary` is the number of known features."""
    if complaint is None:
        complaint = np.ones(passages.clauses, np.float32)
    key = passages.review_of_clause[entries.clause] * vocabulary + entries.feature
    order = np.argsort(key, kind="stable")
    starts = np.flatnonzero(np.diff(key[order], prepend=-1))
    most = np.maximum.reduceat(complaint[entries.clause][order], starts) if len(starts) else np.zeros(0, np.float32)
    review, feature = np.divmod(key[order][starts], max(vocabulary, 1))
    return ReviewEntries(review, feature, most)


def any_of_clauses(logits: Floats, groups: Groups) -> Floats:
    """Probability that a clause of the group has the cause, by group and output: not the one that none has it."""
    return -np.expm1(-grouped_sums(np.logaddexp(0, logits), groups))


@dataclass(frozen=True, slots=True)
class LinearModel:
    """`polarity` has one output; `causes` has two times `OUTPUTS`: for the whole, then for the clause."""

    polarity: Lexicon
    causes: Lexicon

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray]) -> LinearModel:
        """Raises KeyError when an array is missing."""
        return cls(Lexicon.from_arrays(arrays, "polarity"), Lexicon.from_arrays(arrays, "causes"))

    def to_arrays(self) -> dict[str, NDArray]:
        return self.polarity.to_arrays("polarity") | self.causes.to_arrays("causes")

    def score(self, passages: Passages) -> Scores:
        found = occurrences(passages)
        entries = self.polarity.entries(found)
        complaint = complaints(self.polarity, entries, passages.clauses)
        negative = sigmoid(_whole_logits(self.polarity, entries, passages, None)[:, 0])
        entries = self.causes.entries(found)
        as_whole = sigmoid(_whole_logits(self.causes, entries, passages, complaint))
        logits = _clause_logits(self.causes, entries, passages.clauses)
        by_clauses = any_of_clauses(logits, Groups(passages.review_of_clause, passages.reviews))
        mean = (as_whole + by_clauses) / 2
        codes, heads = mean[:, : len(CODES)], mean[:, len(CODES) :]
        clauses = sigmoid(logits[:, : len(CODES)])
        tops = top_probabilities(heads, codes)
        features = log_odds(np.hstack([codes, tops]))
        emphasis = partial(self._emphasis, passages, found)
        return Scores(negative, tops, codes, features, clauses, emphasis)

    def _emphasis(self, passages: Passages, found: Occurrences, clause: int, code: int) -> Floats:
        """Each feature's weight, spread evenly over its characters."""
        first, last = np.searchsorted(found.clause, [clause, clause + 1])
        feature, known = self.causes.find(found.key[first:last])
        weights = np.where(known, self.causes.weights[feature, OUTPUTS + code] * self.causes.rarity[feature], 0)
        start, end = (at[first:last] - passages.clause_starts[clause] for at in (found.start, found.end))
        change = np.zeros(passages.clause_ends[clause] - passages.clause_starts[clause] + 1, np.float32)
        np.add.at(change, start, weights / (end - start))
        np.subtract.at(change, end, weights / (end - start))
        return np.cumsum(change)[:-1]


def complaints(polarity: Lexicon, entries: Entries, clauses: int) -> Floats:
    """How much each clause complains, 0 to 1."""
    ones = np.ones(len(entries.clause), np.float32)
    logits = normed_sums(polarity, entries.feature, ones, Groups(entries.clause, clauses))[:, 0] + polarity.bias[0]
    return sigmoid(logits + COMPLAINT_OFFSET)


def normed_sums(lexicon: Lexicon, features: Ints, amounts: Floats, groups: Groups) -> Floats:
    """What the features of whole texts add up to, by the length of the vector of all their rarities."""
    return lexicon.sums(features, amounts, groups, WHOLE) / lengths(lexicon.rarity[features] * amounts, groups)[:, None]


def lengths(values: Floats, groups: Groups) -> Floats:
    return np.sqrt(grouped_sums(values * values, groups) + np.float32(SMALLEST_NORM))


def _whole_logits(lexicon: Lexicon, entries: Entries, passages: Passages, complaint: Floats | None) -> Floats:
    whole = review_entries(entries, complaint, passages, len(lexicon.keys))
    groups = Groups(whole.review, passages.reviews)
    return normed_sums(lexicon, whole.feature, whole.complaint, groups) + lexicon.bias[WHOLE]


def _clause_logits(causes: Lexicon, entries: Entries, clauses: int) -> Floats:
    amounts = np.full(len(entries.clause), 1 / np.sqrt(TYPICAL_NORM), np.float32)
    return causes.sums(entries.feature, amounts, Groups(entries.clause, clauses), CLAUSE) + causes.bias[CLAUSE]
