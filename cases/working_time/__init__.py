"""Working time: when a shop's people are there, and what that makes of a number of minutes. Pure."""

from .calendar import KNOWN_UNTIL, is_working_day
from .hours import DEFAULT_HOURS, DayKind, Hours, NoWorkingTime, Pattern, Period
from .spans import Span, SpansRefused, read_spans, spans_in_words

__all__ = [
    "DEFAULT_HOURS",
    "KNOWN_UNTIL",
    "DayKind",
    "Hours",
    "NoWorkingTime",
    "Pattern",
    "Period",
    "Span",
    "SpansRefused",
    "is_working_day",
    "read_spans",
    "spans_in_words",
]
