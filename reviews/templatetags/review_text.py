"""Shows what a buyer wrote: verbatim, never as markup, with the evidence of each cause marked."""

from __future__ import annotations

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from reviews.causes import full_name, top_of
from reviews.evidence import pieces
from reviews.models import Review

register = template.Library()


@register.simple_tag
def marked_text(review: Review) -> SafeString:
    """The review's text with its evidence in `<mark>`; reads `review.causes.all()`, so prefetch it for lists."""
    evidence = [(cause.code, cause.spans) for cause in review.causes.all()]
    return format_html_join("", "{}", ((marked_piece(text, code),) for text, code in pieces(review.content, evidence)))


def marked_piece(text: str, code: str) -> SafeString | str:
    """`text` in the mark of a cause; as it is where `code` is ""."""
    if not code:
        return text
    return format_html('<mark class="mark mark-{}" title="{}">{}</mark>', top_of(code).value, full_name(code), text)
