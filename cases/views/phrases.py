"""Phrases for the contact log, one key each: what is said of most contacts again and again."""

from __future__ import annotations

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.models import ContactEntry

Result = ContactEntry.Result


class Phrase(NamedTuple):
    """What goes into the log, and the result it stands for."""

    result: Result
    text: str | Promise


PHRASES = [
    Phrase(Result.NO_ANSWER, _("Nobody answered, will try again at another time.")),
    Phrase(Result.NO_ANSWER, _("The number was busy or switched off.")),
    Phrase(Result.DECLINED, _("The buyer did not want to talk about it; ended politely.")),
    Phrase(Result.APPOINTMENT, _("The buyer was busy and named a better time.")),
    Phrase(Result.REACHED, _("Apologised and asked what went wrong; the buyer sends a photo.")),
    Phrase(Result.REACHED, _("The remedy is agreed; the buyer is content with it.")),
]
"""In the order of their keys, 1 to 6."""
