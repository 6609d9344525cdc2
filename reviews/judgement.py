"""Whether a review is a negative one: from its rating, its stars, and what its text says."""

from __future__ import annotations

import re
import unicodedata

NEGATIVE_RATINGS = frozenset({"neutral", "bad"})
MOST_STARS_OF_A_NEGATIVE = 3

_NOT_WORDS = re.compile(r"[\W_]+")
_DEFAULT = re.compile(
    r"评价方未及时(?:做出|作出)评价(?:系统默认(?:好评|评价)?)?"
    r"|(?:此|该)?(?:用户|买家|会员)(?:没有|未|暂未|未及时|未填写)(?:填写|作出|做出|发表)?(?:任何)?(?:评价|评论|评价内容|文字评价|评论内容)"
    r"(?:系统默认(?:好评|评价)?)?"
    r"|(?:系统)?默认(?:好评|评价)|系统自动(?:好评|评价)"
)


def is_default_text(text: str) -> bool:
    """Whether the platform wrote `text` because the buyer wrote nothing. An empty text is nobody's, so no default."""
    return bool(_DEFAULT.fullmatch(_NOT_WORDS.sub("", unicodedata.normalize("NFKC", text))))


def is_negative(*, rating: str, stars: int | None, is_complaint: bool) -> bool:
    """A middling or bad rating makes a review negative, and so does a text that complains, whatever the rating.

    `is_complaint` is the classifier's answer for what the buyer wrote, False where that is nothing.
    """
    if rating in NEGATIVE_RATINGS or (stars is not None and stars <= MOST_STARS_OF_A_NEGATIVE):
        return True
    return is_complaint
