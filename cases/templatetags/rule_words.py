"""Shows what the history of rules keeps: words of the app in the reader's language, anything else as it is."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext

from cases.rule_history import JOINT
from cases.rulebook.stated import in_words, read_conditions

register = template.Library()


@register.filter
def worded(value: object) -> str:
    """A value of a change as a reader says it; nothing stays nothing, conditions of a tier rule become a sentence."""
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, dict):
        return in_words(read_conditions(value))
    text = "" if value is None else str(value)
    return JOINT.join(gettext(part) for part in text.split(JOINT)) if text else ""
