"""One spelling for what buyers type in many: full-width letters, capitals, 差差差差差差, long numbers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

LONGEST_RUN = 3
LONG_NUMBER = 5
"""Digits from which on a number is an order, a phone or a parcel: only that it is one matters."""
_RUN = re.compile(rf"[0-9]{{{LONG_NUMBER},}}|([^0-9])\1{{{LONGEST_RUN},}}")
_ELLIPSIS = "…"


class Normalised(NamedTuple):
    """`origin[i]` is the offset in the original text of character i of `text`."""

    text: str
    origin: Sequence[int]


class _Spellings(dict[int, str]):
    """Code point → normal spelling, found once for each code point met; `uneven` are those not spelt in one."""

    def __init__(self) -> None:
        super().__init__()
        self.uneven: set[str] = set()

    def __missing__(self, code: int) -> str:
        character = chr(code)
        spelling = character if character == _ELLIPSIS else unicodedata.normalize("NFKC", character).lower()
        if unicodedata.category(character) in {"Cc", "Zl", "Zp", "Zs"}:
            spelling = " "
        elif unicodedata.category(character) in {"Cf", "Mn"}:
            spelling = ""
        if len(spelling) != 1:
            self.uneven.add(character)
        self[code] = spelling
        return spelling


_SPELLINGS = _Spellings()


def normalise(text: str) -> Normalised:
    """NFKC and lower case by character, blanks and control characters as a space, runs cut to three, long numbers to
    five nines. The result has no line breaks."""
    spelt = text.translate(_SPELLINGS)
    origin: Sequence[int] = range(len(text))
    if not _SPELLINGS.uneven.isdisjoint(text):
        origin = [at for at, character in enumerate(text) for _ in _SPELLINGS[ord(character)]]
    return _without_runs(spelt, origin) if _RUN.search(spelt) else Normalised(spelt, origin)


def _without_runs(text: str, origin: Sequence[int]) -> Normalised:
    """What is left of a run begins and ends where the run did, so a span over it still covers the whole."""
    pieces: list[str] = []
    kept: list[int] = []
    done = 0
    for run in _RUN.finditer(text):
        start, end = run.span()
        length, piece = (LONGEST_RUN, run[1]) if run[1] else (LONG_NUMBER, "9")
        pieces += [text[done:start], piece * length]
        kept += [*origin[done:start], *origin[start : start + length - 1], origin[end - 1]]
        done = end
    pieces.append(text[done:])
    kept += origin[done:]
    return Normalised("".join(pieces), kept)
