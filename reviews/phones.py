"""Phone numbers of buyers: brought into one form, shown by a mask, kept whole only under seal."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from reviewdesk.sealing import seal
from reviews.privacy import masked

_MOBILE = re.compile(
    r"(?:\+?(?:00)?86[- ]?)?(1[3-9]\d)[- ]?(\d{4})[- ]?(\d{4})(?:\s*(?:[-,#]|转|分机|ext\.?)\s*(\d{1,6}))?",
    re.ASCII | re.IGNORECASE,
)
_LEAST_DIGITS = 7
"""What has fewer is no number that could be dialled."""


class KeptPhone(NamedTuple):
    """`mask` is what is shown; `sealed` the whole number, "" where the export told no more than a part of it."""

    mask: str
    sealed: str


def normalised(phone: str) -> str:
    """A mobile number as its eleven digits, with "-" and its extension where it is a virtual one of the platform.

    Anything else, such as a landline, stays as it was written.
    """
    written = unicodedata.normalize("NFKC", phone).strip()
    found = _MOBILE.fullmatch(written)
    if found is None:
        return written
    return "".join(found.group(1, 2, 3)) + (f"-{found[4]}" if found[4] else "")


def is_virtual(phone: str) -> bool:
    """Whether `phone`, normalised, masked or not, goes through the platform and ends with it: told by its extension."""
    number, _, extension = phone.partition("-")
    return len(number) == 11 and number.startswith("1") and extension.isdigit()


def kept(phone: str) -> KeptPhone:
    """What is stored of a number that an export told."""
    number = normalised(phone)
    is_whole = "*" not in number and sum(char.isdigit() for char in number) >= _LEAST_DIGITS
    return KeptPhone(masked(number), seal(number) if is_whole else "")


def dialled(phone: str) -> str:
    """The address of a link that dials `phone`; the extension is dialled after a pause."""
    number, _, extension = phone.partition("-") if is_virtual(phone) else (phone, "", "")
    digits = re.sub(r"[^\d+]", "", number)
    return f"tel:{digits},{extension}" if extension else f"tel:{digits}"
