"""Cuts a text along the evidence of its causes, for marking. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Piece(NamedTuple):
    """A stretch of text and the cause code it speaks for, "" for none."""

    text: str
    code: str


def pieces(text: str, evidence: Iterable[tuple[str, Sequence[Sequence[int]]]]) -> list[Piece]:
    """`text` in order, cut at the spans of `evidence` (code, [[start, end], ...]); together the pieces are the text.

    Where spans overlap, the earlier code in `evidence` wins: the primary cause comes first. Spans outside the text
    are cut to it.
    """
    owner = [""] * len(text)
    for code, spans in evidence:
        for start, end in spans:
            for at in range(max(start, 0), min(end, len(text))):
                owner[at] = owner[at] or code
    found: list[Piece] = []
    start = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or owner[at] != owner[start]:
            found.append(Piece(text[start:at], owner[start]))
            start = at
    return found
