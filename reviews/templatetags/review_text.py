"""Shows what a buyer wrote: verbatim, never as markup, with the evidence of each cause marked."""

from __future__ import annotations

from collections.abc import Sequence

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from reviews.causes import full_name, top_of
from reviews.evidence import pieces
from reviews.models import Review
from reviews.templatetags.found_words import with_found
from reviews.text_search.marking import found_spans

register = template.Library()


@register.simple_tag
def marked_text(review: Review, found: Sequence[str] = ()) -> SafeString:
    """The review's text with its evidence in `<mark>`, and the words `found` (as of `terms_of`) marked within; reads
    `review.causes.all()`, so prefetch it for lists."""
    evidence = [(cause.code, cause.spans) for cause in review.causes.all()]
    spans = found_spans(review.content, found)
    marked = []
    start = 0
    for text, code in pieces(review.content, evidence):
        marked.append((marked_piece(with_found(text, start, spans), code),))
        start += len(text)
    return format_html_join("", "{}", marked)


def marked_piece(text: SafeString | str, code: str) -> SafeString | str:
    """`text` in the mark of a cause; as it is where `code` is ""."""
    if not code:
        return text
    return format_html('<mark class="mark mark-{}" title="{}">{}</mark>', top_of(code).value, full_name(code), text)
