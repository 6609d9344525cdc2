"""The texts that teachers label for the student: whole reviews, parts of them, and parts joined with praise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from ..normalise import BETWEEN_REVIEWS, Codes, NormalTexts
from ..passages import cut

Item = TypeVar("Item")

LONGEST = 200
LEAST_CLAUSE = 2
CLAUSES, WINDOWS, PAIRS, PRAISED, PRAISES = 30_000, 15_000, 15_000, 25_000, 12_000
"""How many texts are made of each kind: single clauses of complaints, some clauses in a row, two that do not belong
together, complaints with praise, praise alone."""
JOINT = ","
TURNS = ("但是", "可惜", "就是", "不过", "但", ",", ",但是", ",可惜", ",就是", ",不过", " ")
"""What leads from praise to a complaint."""


def parts(
    complaints: Sequence[Codes], praise: Sequence[Codes], chance: np.random.Generator, effort: float
) -> list[Codes]:
    """Texts made of clauses of `complaints` and `praise`, for teachers to label; `effort` is the share of them all."""
    bad = [_clauses(text) for text in complaints]
    bad = [clauses for clauses in bad if clauses]
    single = [clause for clauses in bad for clause in clauses]
    good = [clause for text in praise for clause in _clauses(text)]
    joint = spelt(JOINT)
    long = [clauses for clauses in bad if len(clauses) > LEAST_CLAUSE]

    def times(count: int, material: Sequence[object]) -> range:
        return range(int(effort * count) if material else 0)

    made = [single[at] for at in chance.permutation(len(single))[: int(effort * CLAUSES)]]
    made += [_window(_any(long, chance), joint, chance) for _ in times(WINDOWS, long)]
    made += [np.concatenate([_any(single, chance), joint, _any(single, chance)]) for _ in times(PAIRS, single)]
    if single and good:
        turns = [spelt(turn) for turn in TURNS]
        made += [_praised(single, complaints, good, turns, chance) for _ in times(PRAISED, good)]
        made += [good[at] for at in chance.permutation(len(good))[: int(effort * PRAISES)]]
    return [text[:LONGEST] for text in made]


def _window(clauses: Sequence[Codes], joint: Codes, chance: np.random.Generator) -> Codes:
    count = int(chance.integers(2, len(clauses)))
    start = int(chance.integers(len(clauses) - count + 1))
    pieces = [piece for clause in clauses[start : start + count] for piece in (joint, clause)]
    return np.concatenate(pieces[1:])


def _praised(
    single: Sequence[Codes],
    whole: Sequence[Codes],
    good: Sequence[Codes],
    turns: Sequence[Codes],
    chance: np.random.Generator,
) -> Codes:
    complaint = _any(single, chance) if chance.random() < 0.6 else _any(whole, chance)
    praise, turn = _any(good, chance), _any(turns, chance)
    if chance.random() < 0.5:
        praise = np.concatenate([praise, spelt(JOINT), _any(good, chance)])
    if chance.random() < 0.75:
        return np.concatenate([praise, turn, complaint])
    return np.concatenate([complaint, spelt(JOINT), praise])


def _any(texts: Sequence[Item], chance: np.random.Generator) -> Item:
    return texts[int(chance.integers(len(texts)))]


def _clauses(text: Codes) -> list[Codes]:
    ended = np.append(text, np.uint32(BETWEEN_REVIEWS))
    passages = cut(NormalTexts(ended, np.arange(len(ended)), np.array([0, len(ended)])))
    bounds = zip(passages.clause_starts.tolist(), passages.clause_ends.tolist(), strict=True)
    return [text[start:end] for start, end in bounds if end - start >= LEAST_CLAUSE]


def spelt(text: str) -> Codes:
    return np.array([ord(character) for character in text], np.uint32)
