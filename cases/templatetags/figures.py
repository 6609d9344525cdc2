"""Shows figures: numbers with their link, changes against the previous period, lengths of talks."""

from __future__ import annotations

from datetime import timedelta

from django import template
from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from reviews.scope import Number

register = template.Library()

MOST_PERCENT = 999
"""Beyond it a percentage says no more than "many times as much"."""


@register.simple_tag
def number(number: Number) -> SafeString:
    """The count as a link to what was counted; nothing counted, nothing to go to."""
    if not number.value:
        return format_html('<span class="muted">{}</span>', number.value)
    return format_html('<a href="{}">{}</a>', number.url, intcomma(number.value))


@register.inclusion_tag("cases/_change.html")
def change(value: float | None, *, more_is: str, unit: str = "%", decimals: int = 0) -> dict[str, object]:
    """A change with its sign in word, shape and colour; `more_is` says what an increase means: better or worse.

    None means that there was nothing to compare with.
    """
    rounded = None if value is None else round(value, decimals)
    if not rounded:
        return {"size": None, "is_known": value is not None}
    worse_or_better = more_is if rounded > 0 else {"better": "worse", "worse": "better"}[more_is]
    size = number_format(abs(rounded), decimals)
    if unit == "%" and abs(rounded) > MOST_PERCENT:
        size = f"> {MOST_PERCENT}"
    return {"size": size, "unit": unit, "is_more": rounded > 0, "tone": worse_or_better, "is_known": True}


@register.filter
def stopwatch(length: timedelta) -> str:
    """Minutes and seconds: 12:05."""
    minutes, seconds = divmod(int(length.total_seconds()), 60)
    return f"{minutes}:{seconds:02}"
