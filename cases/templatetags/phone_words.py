"""Marks, in what a buyer said, the words that ask not to be phoned."""

from __future__ import annotations

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from cases.contacts.phone_refusal import phone_refusals
from reviews.evidence import pieces
from reviews.models import Review
from reviews.templatetags.review_text import marked_piece

register = template.Library()

PHONE = "phone"


@register.simple_tag
def with_phone_words(text: str) -> SafeString:
    """`text`, escaped, with the wishes not to be phoned in `<mark>`."""
    return _joined(text, [])


@register.simple_tag
def review_with_phone_words(review: Review) -> SafeString:
    """The review's text with the evidence of its causes marked too; a wish stands before a cause."""
    return _joined(review.content, [(cause.code, cause.spans) for cause in review.causes.all()])


def _joined(text: str, evidence: list[tuple[str, list[list[int]]]]) -> SafeString:
    wishes = (PHONE, [list(span) for span in phone_refusals(text)])
    return format_html_join("", "{}", ((_piece(*piece),) for piece in pieces(text, [wishes, *evidence])))


def _piece(text: str, code: str) -> SafeString | str:
    if code != PHONE:
        return marked_piece(text, code)
    return format_html('<mark class="mark mark-phone" title="{}">{}</mark>', _("Asks not to be phoned"), text)
