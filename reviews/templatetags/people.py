"""Names people."""

from __future__ import annotations

from django import template
from django.contrib.auth.models import User

from reviewdesk.access import name_of

register = template.Library()


@register.filter
def called(person: User | None) -> str:
    """What a person goes by; a dash for one whose account was deleted.

    `default:` cannot tell that: its argument fails where there is nobody to ask for a name.
    """
    return name_of(person) if person else "–"
