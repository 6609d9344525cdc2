"""The Chinese working calendar: public holidays, and the weekend days on which people make up for them."""

from __future__ import annotations

from datetime import date
from functools import cache

import chinese_calendar
from chinese_calendar.constants import holidays

KNOWN_UNTIL = max(holidays).year
"""The last year whose holidays are announced; the State Council tells the next year's late in the autumn."""


@cache
def is_working_day(day: date) -> bool:
    """Whether people in China work on `day`. Beyond the known years it is Monday to Friday."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5
