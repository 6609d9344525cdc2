"""Praise as teaching material: what is praised is no cause, however many words it takes."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np

from ..features import occurrences
from ..lexicon import Lexicon
from ..linear import complaints
from ..passages import read_passages
from .examples import LabelledReview, RatedReview

PRAISED_SHARE = 0.5
"""How many of the labelled reviews are shown once more with praise around them."""
PRAISE_ONLY_SHARE = 0.15
"""How many texts of nothing but praise are added, for each labelled review."""
CLEARLY_PRAISE = 0.5
"""How much a clause of a well-rated review may seem to complain and still be taken for praise."""
SHORTEST, LONGEST = 4, 20
"""Characters of a praising clause."""
BEFORE_COMPLAINT = (",", ",", ",但是", ",就是", ",不过", ",可惜", " ")


def praising_clauses(rated: Sequence[RatedReview], polarity: Lexicon) -> list[str]:
    """Clauses of well-rated reviews that praise."""
    passages = read_passages([review.content for review in rated if not review.is_negative])
    length = passages.clause_ends - passages.clause_starts
    complaint = complaints(polarity, polarity.entries(occurrences(passages)), passages.clauses)
    praises = (complaint < CLEARLY_PRAISE) & (length >= SHORTEST) & (length <= LONGEST)
    return [passages.text[passages.clause_starts[at] : passages.clause_ends[at]] for at in np.flatnonzero(praises)]


def with_praise(labelled: Sequence[LabelledReview], praises: Sequence[str], seed: int) -> list[LabelledReview]:
    """Further examples made of `labelled` and `praises`, without ids; none where there is no praise."""
    if not praises:
        return []
    chance = random.Random(seed)  # noqa: S311  reproducible, not secret

    def praise() -> str:
        return ",".join(chance.choice(praises) for _ in range(chance.choice((1, 1, 2, 3))))

    made = [
        review._replace(id="", content=_joined(praise(), review.content, chance))
        for review in labelled
        if chance.random() < PRAISED_SHARE
    ]
    only = round(len(labelled) * PRAISE_ONLY_SHARE)
    return made + [LabelledReview("", "", praise(), ("other",)) for _ in range(only)]


def _joined(praise: str, complaint: str, chance: random.Random) -> str:
    if chance.random() < 0.3:
        return f"{complaint},{praise}"
    return praise + chance.choice(BEFORE_COMPLAINT) + complaint
