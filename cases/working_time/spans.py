"""The spans of a day in which people work: as minutes after midnight, and as a person writes them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _

DAY = 24 * 60
MOST_SPANS = 12

_SPAN = re.compile(r"(\d{1,2})[:：](\d{2})\s*(?:-|–|—|－|~|～|至|到)\s*(\d{1,2})[:：](\d{2})")
_BETWEEN = re.compile(r"[,，、;；\n]+")


class Span(NamedTuple):
    """Minutes after the midnight a day begins with; an end past 1440 lies on the day after."""

    start: int
    end: int


class SpansRefused(ValueError):
    """What was written is no list of spans. The message says why, translated."""

    def __init__(self, message: str | Promise) -> None:
        super().__init__(str(message))


def read_spans(text: str) -> tuple[Span, ...]:
    """The spans of "09:00-12:00, 13:00-18:00", in order; one that ends before it starts passes midnight.

    Raises SpansRefused for anything else, for an empty span and for spans that overlap.
    """
    spans = sorted(_span(part.strip()) for part in _BETWEEN.split(text) if part.strip())
    if not spans:
        raise SpansRefused(_("Give at least one span of time, such as 09:00-18:00."))
    if len(spans) > MOST_SPANS:
        raise SpansRefused(_("At most %(most)d spans a day.") % {"most": MOST_SPANS})
    follows = [*spans[1:], Span(spans[0].start + DAY, spans[0].end + DAY)]
    for span, later in zip(spans, follows, strict=True):
        if later.start < span.end:
            told = {"one": _in_words(span), "other": _in_words(later)}
            raise SpansRefused(_("%(one)s and %(other)s overlap.") % told)
    return tuple(spans)


def spans_in_words(spans: Iterable[Span]) -> str:
    """As `read_spans` reads them."""
    return ", ".join(_in_words(span) for span in spans)


def _span(part: str) -> Span:
    found = _SPAN.fullmatch(part)
    if found is None:
        raise SpansRefused(_("“%(part)s” is no span of time; write it like 09:00-18:00.") % {"part": part[:40]})
    hours, minutes, end_hours, end_minutes = map(int, found.groups())
    start, end = hours * 60 + minutes, end_hours * 60 + end_minutes
    if start >= DAY or end > DAY or max(minutes, end_minutes) > 59:
        raise SpansRefused(_("“%(part)s” holds no time of day; the day ends at 24:00.") % {"part": part})
    if start == end:
        raise SpansRefused(_("“%(part)s” ends as it starts; a whole day is 00:00-24:00.") % {"part": part})
    return Span(start, end if start < end else end + DAY)


def _in_words(span: Span) -> str:
    return f"{_clock(span.start % DAY)}-{_clock(span.end if span.end <= DAY else span.end % DAY)}"


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
