"""The check of a draft reply: every rule in turn, findings in the order of the text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from cases.replies.compensation import bought_reviews, tied_compensation
from cases.replies.draft import Draft, Span
from cases.replies.honesty import (
    ABSOLUTE_TERM,
    BLAMES_COURIER,
    BOASTS_QUALITY,
    DENIES_RESPONSIBILITY,
    PRICE_PROVERB,
)
from cases.replies.manners import BLAMES_BUYER, INSULT, THREAT
from cases.replies.privacy import outside_contacts, personal_data
from cases.replies.review_requests import leaves_review_free, wanted_reviews
from cases.replies.rules import Decision, Rule
from cases.replies.specifics import APOLOGY, is_specific
from reviews.causes import Cause, TopCause, top_of

# Taobao and Tmall publish no more characters of a reply; no platform is known to publish fewer.
LONGEST_REPLY = 500
# A draft far too long is blocked for that; reading on would only cost time.
READ_AT_MOST = 4 * LONGEST_REPLY
# Platforms on which a buyer cannot change a review once it is written.
WITHOUT_REVIEW_CHANGE = frozenset({"tmall"})

_WORDINGS = (
    (Rule.THREAT, THREAT),
    (Rule.INSULT, INSULT),
    (Rule.BLAMES_BUYER, BLAMES_BUYER),
    (Rule.BLAMES_COURIER, BLAMES_COURIER),
    (Rule.DENIES_RESPONSIBILITY, DENIES_RESPONSIBILITY),
    (Rule.BOASTS_QUALITY, PRICE_PROVERB),
    (Rule.ABSOLUTE_TERM, ABSOLUTE_TERM),
)
_PLACEHOLDER = re.compile(r"\{(?:buyer|shop|product|order|agent)\}")


@dataclass(frozen=True, slots=True)
class Finding:
    """`start:end` are offsets, in characters, of the draft as typed; 0:0 where something is missing from all of it."""

    rule: Rule
    start: int
    end: int
    message: str


@dataclass(frozen=True, slots=True)
class Verdict:
    verdict: Decision
    findings: tuple[Finding, ...]


def check_reply(text: str, *, cause: str | None, platform: str | None = None) -> Verdict:
    """Check a draft public reply or message; the verdict is that of the heaviest finding.

    `cause` is a code of either level and turns on what depends on it; `platform` tells whether reviews can change.
    Raises ValueError for an unknown cause.
    """
    if cause is not None and cause not in {*Cause.values, *TopCause.values}:
        raise ValueError(f"unknown cause: {cause}")
    draft = Draft(text[:READ_AT_MOST])
    if not draft.letters.text:
        spans: Iterable[tuple[Rule, Span]] = [(Rule.EMPTY, (0, 0))]
    else:
        found = [_of_the_length(text), _of_the_text(draft), _of_the_words(draft), _of_the_case(draft, cause, platform)]
        spans = _merged([*chain.from_iterable(found)])
    findings = tuple(Finding(rule, start, end, str(rule.label)) for rule, (start, end) in spans)
    decisions = {finding.rule.decision for finding in findings}
    for decision in (Decision.BLOCK, Decision.REVISE):
        if decision in decisions:
            return Verdict(decision, findings)
    return Verdict(Decision.OK, findings)


def _of_the_length(text: str) -> Iterator[tuple[Rule, Span]]:
    blank = len(text) - len(text.lstrip())
    length = len(text.strip())
    if length > LONGEST_REPLY:
        yield Rule.TOO_LONG, (blank + LONGEST_REPLY, blank + length)


def _of_the_text(draft: Draft) -> Iterator[tuple[Rule, Span]]:
    """Rules that work on the draft as typed."""
    for match in _PLACEHOLDER.finditer(draft.typed):
        yield Rule.UNFILLED_PLACEHOLDER, match.span()
    yield from ((Rule.PERSONAL_DATA, span) for span in personal_data(draft))
    yield from ((Rule.OFF_PLATFORM, span) for span in outside_contacts(draft))


def _of_the_words(draft: Draft) -> Iterator[tuple[Rule, Span]]:
    """Rules that object to words wherever they stand."""
    yield from ((Rule.COMPENSATION_TIED, draft.letters.typed(*span)) for span in tied_compensation(draft))
    yield from ((Rule.BOUGHT_REVIEWS, draft.letters.typed(*span)) for span in bought_reviews(draft))
    for rule, wording in _WORDINGS:
        yield from ((rule, draft.letters.typed(*span)) for span in wording.found_in(draft))


def _of_the_case(draft: Draft, cause: str | None, platform: str | None) -> Iterator[tuple[Rule, Span]]:
    """Rules that ask what a reply in this case should hold, and in which order."""
    apology = min((start for start, _ in APOLOGY.found_in(draft)), default=None)
    if apology is None:
        yield Rule.NO_APOLOGY, (0, 0)
    for start, end in wanted_reviews(draft):
        if draft.is_negated(start) or leaves_review_free(draft.sentence_text(start)):
            continue
        if apology is None or start < apology:
            yield Rule.ASKS_BEFORE_APOLOGY, draft.letters.typed(start, end)
        if platform in WITHOUT_REVIEW_CHANGE:
            yield Rule.REVIEW_CANNOT_CHANGE, draft.letters.typed(start, end)
    if cause is None:
        return
    if not is_specific(draft, cause):
        yield Rule.NOT_SPECIFIC, (0, 0)
    if top_of(cause) is TopCause.PRICE:
        yield from ((Rule.BOASTS_QUALITY, draft.letters.typed(*span)) for span in BOASTS_QUALITY.found_in(draft))


def _merged(found: list[tuple[Rule, Span]]) -> list[tuple[Rule, Span]]:
    """Overlapping spans of one rule as one, everything in the order of the text."""
    merged: list[tuple[Rule, Span]] = []
    last: dict[Rule, int] = {}
    for rule, (start, end) in sorted(found, key=lambda each: each[1]):
        index = last.get(rule)
        if index is not None and start < merged[index][1][1]:
            merged[index] = rule, (merged[index][1][0], max(end, merged[index][1][1]))
        else:
            last[rule] = len(merged)
            merged.append((rule, (start, end)))
    return merged
