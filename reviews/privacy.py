"""How personal data is shown where the work needs no more than a part of it."""

from __future__ import annotations

import re

_MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)", re.ASCII)


def masked(phone: str) -> str:
    """`phone` with its first three and last four digits; of a short number only the last two are left."""
    places = [match.start() for match in re.finditer(r"[\d*]", phone)]
    hidden = set(places[3:-4] if len(places) >= 10 else places[:-2])
    return "".join("*" if place in hidden else char for place, char in enumerate(phone))


def with_phones_masked(text: str) -> str:
    """`text` with whatever stands in it like a Chinese mobile number masked."""
    return _MOBILE.sub(lambda found: masked(found[0]), text)
