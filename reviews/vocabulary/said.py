"""What buyers of a shop say about each cause, from its newest complaints."""

from __future__ import annotations

from typing import NamedTuple

from reviews.causes import TopCause, top_of
from reviews.period import Period
from reviews.search import ReviewFilter

from .cutting import cut
from .matching import PhraseFinder
from .sample import newest_complaints
from .stored import phrases_known
from .typical import TypicalWord, typical_words

READ_AT_MOST = 2_000


class SaidWord(NamedTuple):
    """A word typical of a cause, and the list of reviews that have it."""

    told: TypicalWord
    url: str


class Said(NamedTuple):
    """`read` complaints were counted, all of the period where `is_all`."""

    read: int
    is_all: bool
    by_cause: list[tuple[TopCause, list[SaidWord]]]


def said_words(shop_id: int | None, period: Period) -> Said:
    """What the newest complaints of the period say, in the shop or in all. Takes a third of a second at most."""
    newest = newest_complaints(shop_id, period.starts_at).filter(reviewed_at__lt=period.ends_at, causes__rank=0)
    rows = list(newest.values_list("causes__code", "content", "append_content")[:READ_AT_MOST])
    own_words = PhraseFinder(phrases_known(shop_id))
    found = typical_words((top_of(code).value, cut(f"{content}\n{more}", own_words)) for code, content, more in rows)
    by_cause = [
        (top, [SaidWord(told, _address(told.word, shop_id, period)) for told in found[top.value]])
        for top in TopCause
        if found.get(top.value)
    ]
    return Said(len(rows), len(rows) < READ_AT_MOST, by_cause)


def _address(word: str, shop_id: int | None, period: Period) -> str:
    return ReviewFilter(q=word, shop=shop_id, negative=True, first=period.first, last=period.last).address
