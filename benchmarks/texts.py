"""Made review texts: enough variety to be honest, no real buyer's words."""

from __future__ import annotations

import csv
from random import Random

from reviews import demo


def made_texts(count: int, *, negative: float = 1.0, seed: int = 7) -> list[str]:
    """`count` texts, each the clauses of two demo reviews in a new order; `negative` is the share of complaints."""
    with (demo.FOLDER / "reviews.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if 4 <= len(row["content"]) <= 200]
    praise = [row["content"] for row in rows if row["rating"] == "good"]
    complaints = [row["content"] for row in rows if row["rating"] != "good"]
    chance = Random(seed)
    return [
        ",".join(chance.sample(complaints if chance.random() < negative else praise, 2))[: chance.randint(12, 120)]
        for _ in range(count)
    ]
