"""Marks the words of a search in what it found."""

from __future__ import annotations

from collections.abc import Sequence

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from reviews.text_search.marking import cut_at, found_spans, near_first

register = template.Library()
Spans = Sequence[tuple[int, int]]


@register.filter
def found(text: str, terms: Sequence[str]) -> SafeString | str:
    """`text` with `terms` (as of `terms_of`) marked where they stand."""
    return with_found(text, 0, found_spans(text, terms))


@register.filter
def found_early(text: str, terms: Sequence[str]) -> SafeString | str:
    """The same for a single line: it begins close before the first of them."""
    spans = found_spans(text, terms)
    start = near_first(text, spans)
    words = with_found(text[start:], start, spans)
    return format_html("…{}", words) if start else words


def with_found(text: str, start: int, spans: Spans) -> SafeString | str:
    """`text`, which begins at `start` of what `spans` were found in, with those in `<mark>`."""
    if not spans:
        return text
    return format_html_join("", "{}", ((_piece(*piece),) for piece in cut_at(text, start, spans)))


def _piece(words: str, is_found: bool) -> SafeString | str:
    return format_html('<mark class="found">{}</mark>', words) if is_found else words
