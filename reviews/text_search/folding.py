"""One spelling for what is looked for and where: 評論 and 评论, USB and usb are the same. Pure."""

from __future__ import annotations

import unicodedata
from functools import cache
from itertools import pairwise

from reviews.classifier.normalise import simplified

INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufe0e\ufe0f\ufeff"


def folded(text: str) -> str:
    """`text` in simplified characters, lower case and half width, without invisible ones; blanks as single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).lower().translate(_spellings()).split())


def pairs_of(text: str) -> list[int]:
    """The pairs of neighbouring characters of `text` as the database numbers them (`character_pairs`), each once."""
    return sorted({ord(first) << 21 | ord(second) for first, second in pairwise(text)})


@cache
def _spellings() -> dict[int, str | None]:
    spellings: dict[int, str | None] = {ord(each): simple for each, simple in simplified().items() if each != simple}
    return spellings | dict.fromkeys(map(ord, INVISIBLE))
