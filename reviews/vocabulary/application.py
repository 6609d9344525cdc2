"""What the words of a shop change in what the model found. Pure.

A sign adds its cause, unless its clause praises or denies it. A phrase that is no sign of a cause takes that cause away
where the model finds it no more once the phrase is out of the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from reviews.causes import Cause
from reviews.classifier import Prediction
from reviews.classifier.passages import read_passages

from .matching import Hit
from .rules import Vocabulary

PRAISES_BELOW = 0.11
"""A clause less negative than this says nothing bad. Judged one by one, of the clauses of complaints 98 in 100 are more
negative, of those of good reviews seven in ten. It goes with the shipped weights."""
DENIED = re.compile(
    r"(?:(?<!是)不|(?<![有能])(?:没|沒|未)|[无無]|并非|毫无)"
    r"(?:有|会|會|是|曾|再|见|見|发现|發現|出现|出現|存在|什么|什麼|任何|怎么|怎麼|那么|太|也|的|[ ])*$"
)
"""What stands right before a phrase that is denied: 没有, 不会再, 也没发现任何. Not 不但, nor the question 是不是."""
INSTEAD, SHORT_INSTEAD = "东西", "它"
UNSEEN = "\u200b"
"""Fills up to the length of what was taken out, so that offsets stay; the classifier does not see it."""


class FoundCause(NamedTuple):
    """`score` is the model's probability, None where the words of the shop found the cause and the model did not.
    `spans` are [start, end] offsets into the text."""

    code: str
    score: float | None
    spans: list[list[int]]


Classify = Callable[[Sequence[str]], Sequence[Prediction]]


def found_by_model(prediction: Prediction) -> list[FoundCause]:
    return [FoundCause(tag.code, float(tag.score), [list(span) for span in tag.spans]) for tag in prediction.tags]


def with_words(
    texts: Sequence[str], found: Sequence[list[FoundCause]], vocabulary: Vocabulary, classify: Classify
) -> list[list[FoundCause]]:
    """What was `found` in each of the `texts`, negative reviews, as the vocabulary corrects it; primary cause first.

    `classify` is asked about as little as possible: the clauses with a sign, and the texts with a cause in question.
    """
    hits = [vocabulary.telling_hits(text) for text in texts]
    found = _without_no_signs(texts, found, hits, vocabulary, classify)
    return _with_signs(texts, found, hits, vocabulary, classify)


def _without_no_signs(
    texts: Sequence[str],
    found: Sequence[list[FoundCause]],
    hits: Sequence[list[Hit]],
    vocabulary: Vocabulary,
    classify: Classify,
) -> list[list[FoundCause]]:
    kept = list(found)
    doubted: dict[int, set[str]] = {}
    for at, causes in enumerate(found):
        disclaimed = {code for hit in hits[at] for code in vocabulary.no_signs.get(hit.phrase, ())}
        if in_question := disclaimed & {cause.code for cause in causes}:
            doubted[at] = in_question
    taken_out = [
        _without(texts[at], (hit for hit in hits[at] if codes & vocabulary.no_signs.get(hit.phrase, frozenset())))
        for at, codes in doubted.items()
    ]
    for (at, codes), second in zip(doubted.items(), classify(taken_out) if taken_out else (), strict=True):
        still_said = {tag.code for tag in second.tags}
        left = [cause for cause in found[at] if cause.code not in codes or cause.code in still_said]
        kept[at] = left or found_by_model(second)
    return kept


def _without(text: str, hits: Iterable[Hit]) -> str:
    """`text` with a word for any thing in the place of each hit, as long as before."""
    for hit in hits:
        length = hit.end - hit.start
        instead = INSTEAD if length >= len(INSTEAD) else SHORT_INSTEAD
        text = text[: hit.start] + instead.ljust(length, UNSEEN) + text[hit.end :]
    return text


def _with_signs(
    texts: Sequence[str],
    found: Sequence[list[FoundCause]],
    hits: Sequence[list[Hit]],
    vocabulary: Vocabulary,
    classify: Classify,
) -> list[list[FoundCause]]:
    result = list(found)
    signs = [(at, hit) for at, in_text in enumerate(hits) for hit in in_text if hit.phrase in vocabulary.signs]
    for at, hit in _complaining(texts, signs, classify):
        for code in sorted(vocabulary.signs[hit.phrase]):
            result[at] = _with(result[at], code, [hit.start, hit.end])
    return result


def _with(causes: list[FoundCause], code: str, span: list[int]) -> list[FoundCause]:
    """A cause known already gains the evidence; a new one comes last, and before it "other" has nothing to say."""
    if all(cause.code != code for cause in causes):
        return [*(cause for cause in causes if cause.code != Cause.OTHER), FoundCause(code, None, [span])]
    return [cause._replace(spans=joined([*cause.spans, span])) if cause.code == code else cause for cause in causes]


def joined(spans: Iterable[list[int]]) -> list[list[int]]:
    """`spans` in order, those that touch or overlap as one."""
    ordered: list[list[int]] = []
    for start, end in sorted(spans):
        if ordered and start <= ordered[-1][1]:
            ordered[-1] = [ordered[-1][0], max(end, ordered[-1][1])]
        else:
            ordered.append([start, end])
    return ordered


def _complaining(texts: Sequence[str], signs: Sequence[tuple[int, Hit]], classify: Classify) -> list[tuple[int, Hit]]:
    """Those of `signs` (index of a text, hit in it) that stand in a complaint."""
    clauses = _clauses(texts, signs)
    affirmed = [
        (at, hit, texts[at][start:end])
        for (at, hit), (start, end) in zip(signs, clauses, strict=True)
        if not DENIED.search(texts[at][start : hit.start])
    ]
    asked = list(dict.fromkeys(clause for _at, _hit, clause in affirmed))
    scores = dict(zip(asked, (told.negative_score for told in classify(asked)), strict=True)) if asked else {}
    return [(at, hit) for at, hit, clause in affirmed if scores[clause] >= PRAISES_BELOW]


def _clauses(texts: Sequence[str], signs: Sequence[tuple[int, Hit]]) -> list[tuple[int, int]]:
    """For each sign where its clause, or the clauses it spans, begin and end in its text."""
    concerned = list(dict.fromkeys(at for at, _hit in signs))
    passages = read_passages([texts[at] for at in concerned])
    of_text: dict[int, list[tuple[int, int]]] = {at: [] for at in concerned}
    bounds = zip(passages.clause_starts, passages.clause_ends, passages.review_of_clause, strict=True)
    for start, end, review in bounds:
        of_text[concerned[review]].append(passages.original_span(int(start), int(end)))
    found = []
    for at, hit in signs:
        touched = [(start, end) for start, end in of_text[at] if start < hit.end and hit.start < end]
        spans = [*touched, (hit.start, hit.end)]
        found.append((min(start for start, _end in spans), max(end for _start, end in spans)))
    return found
