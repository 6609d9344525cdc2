"""Which words are typical of the complaints about each cause. Pure."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

FEWEST = 3
"""Reviews that must have a word before it says anything."""
SURE_FROM = 1.96
"""Standard deviations from which a word is typical: one in forty would get there by chance."""
PRIOR = 0.05
"""Weight of what all complaints together say, as a share of their words: it holds rare words to be ordinary."""
SHOWN = 12
STOP_WORDS = frozenset((Path(__file__).parent / "stop_words.txt").read_text(encoding="utf-8").split())
_WORDY = re.compile(r"[^\W_]*[^\W\d_][^\W_]*")


class TypicalWord(NamedTuple):
    """`reviews` with this cause first have the word, `others` with another; `sureness` is in standard deviations."""

    word: str
    reviews: int
    others: int
    sureness: float


def is_telling(word: str) -> bool:
    """Whether a word can be typical of anything: not a single character, a number, or one that every text has."""
    return len(word) > 1 and word not in STOP_WORDS and bool(_WORDY.fullmatch(word))


def typical_words(complaints: Iterable[tuple[str, Iterable[str]]]) -> dict[str, list[TypicalWord]]:
    """Group -> its typical words, the surest first; `complaints` are the group and the words of each review.

    The measure is the log-odds ratio with an informative Dirichlet prior, by its z-score: B. Monroe, M. Colaresi, K.
    Quinn, "Fightin' Words", Political Analysis 16 (2008), with the whole sample as the prior. A review counts a word
    once, so that one angry buyer cannot make it typical.
    """
    counts: dict[str, Counter[str]] = {}
    for group, words in complaints:
        counts.setdefault(group, Counter()).update({word for word in words if is_telling(word)})
    total: Counter[str] = Counter()
    for in_group in counts.values():
        total += in_group
    return {group: _typical(in_group, total) for group, in_group in counts.items()}


def _typical(inside: Counter[str], total: Counter[str]) -> list[TypicalWord]:
    size, inside_size = total.total(), inside.total()
    found = []
    for word, count in inside.items():
        if count < FEWEST:
            continue
        others = total[word] - count
        prior = PRIOR * total[word]
        odds = _log_odds(count + prior, inside_size + PRIOR * size) - _log_odds(
            others + prior, size - inside_size + PRIOR * size
        )
        sureness = odds / math.sqrt(1 / (count + prior) + 1 / (others + prior))
        if sureness >= SURE_FROM:
            found.append(TypicalWord(word, count, others, sureness))
    return sorted(found, key=lambda told: (-told.sureness, told.word))[:SHOWN]


def _log_odds(count: float, size: float) -> float:
    return math.log(count / max(size - count, 1e-9))
