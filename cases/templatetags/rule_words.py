"""Shows what the history of rules keeps: words of the app in the reader's language, anything else as it is."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext

register = template.Library()


@register.filter
def worded(value: object) -> str:
    """`value` translated where it is a word of the app; nothing stays nothing."""
    text = "" if value is None else str(value)
    return gettext(text) if text else ""
