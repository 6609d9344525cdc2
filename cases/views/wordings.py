"""An earlier and a later wording of a review side by side, with what differs marked."""

from __future__ import annotations

from datetime import datetime
from difflib import SequenceMatcher
from typing import NamedTuple

from reviews.models import ReviewRevision

COMPARED_AT_MOST = 2_000
"""Characters; of longer texts the comparison would take longer than the reading."""
SAME_FROM = 0.3
"""Wordings less alike than this share only chance characters: they are marked as a whole."""


class Part(NamedTuple):
    text: str
    is_changed: bool


class Wording(NamedTuple):
    """A field that changed, by its name in words; both versions in pieces."""

    name: str
    old: list[Part]
    new: list[Part]


class Revision(NamedTuple):
    recorded_at: datetime
    takes_back: bool
    wordings: list[Wording]


def revisions_of(revisions: list[ReviewRevision]) -> list[Revision]:
    """`revisions` in their order."""
    return [
        Revision(each.recorded_at, each.takes_back, [wording(*changed) for changed in each.fields_changed])
        for each in revisions
    ]


def wording(name: str, old: str, new: str) -> Wording:
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    is_short = max(len(old), len(new)) <= COMPARED_AT_MOST
    if not (is_short and matcher.quick_ratio() >= SAME_FROM and matcher.ratio() >= SAME_FROM):
        return Wording(name, _whole(old), _whole(new))
    before, after = [], []
    for kind, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        before.append(Part(old[old_start:old_end], kind != "equal"))
        after.append(Part(new[new_start:new_end], kind != "equal"))
    return Wording(name, [part for part in before if part.text], [part for part in after if part.text])


def _whole(text: str) -> list[Part]:
    return [Part(text, True)] if text else []
