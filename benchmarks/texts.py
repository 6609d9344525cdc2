"""Made review texts: enough variety to be honest, no real buyer's words."""

from __future__ import annotations

import csv
from random import Random

from reviews import demo


def made_texts(count: int, *, seed: int = 7) -> list[str]:
    """`count` texts, each the clauses of two or three demo reviews in a new order."""
    with (demo.FOLDER / "reviews.csv").open(encoding="utf-8", newline="") as file:
        texts = [row["content"] for row in csv.DictReader(file) if 4 <= len(row["content"]) <= 200]
    chance = Random(seed)
    return [",".join(chance.sample(texts, 2))[: chance.randint(12, 120)] for _ in range(count)]
