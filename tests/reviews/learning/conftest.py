from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from django.contrib.auth.models import User

from reviews.classifier import shipped
from reviews.classifier.adaptation import OUTPUTS, Adaptation
from reviews.classifier.model import CODES, TOPS, Floats
from reviews.correction import correct_causes
from reviews.learning.examples import shipped_validation
from reviews.models import ClassifierVersion, Review
from tests.conftest import NOW

Figures = dict[str, object]
SAYS_DISPATCH = ("等了九天才到", "物流太慢了,半个月", "快递真慢", "送得太慢", "运输慢得要命")


def figures(five: float = 0.8, all_codes: float = 0.7) -> Figures:
    causes = {name: [five, 40] for name in (*TOPS, *CODES)}
    return {"reviews": 100, "five": five, "all_codes": all_codes, "same": 0.6, "error": 0.04, "causes": causes}


def comparison(decisions: float = 0.9, worse: float = 0.2) -> dict[str, object]:
    """A champion of 0.8 and a challenger of `decisions`, both levels alike but for 0.1."""
    pair = {"champion": figures(), "challenger": figures(decisions, decisions - 0.1)}
    return {"against": "linear", "decisions": pair, "validation": pair, "worse": worse}


def layer(**bias: float) -> Adaptation:
    """Adds to the log-odds of the codes and top causes named, "." written "__"."""
    added: Floats = np.zeros(OUTPUTS, np.float32)
    for name, amount in bias.items():
        added[(*CODES, *TOPS).index(name.replace("__", "."))] = amount
    return Adaptation("test", np.zeros((shipped_validation().features.shape[1], OUTPUTS), np.float32), added)


@pytest.fixture
def make_version(db: None) -> Callable[..., ClassifierVersion]:
    """Stores a challenger over the shipped weights; `adds` are log-odds by code or top cause."""

    def make(adds: dict[str, float] | None = None, **fields: object) -> ClassifierVersion:
        number = ClassifierVersion.objects.count() + 1
        return ClassifierVersion.objects.create(
            **{
                "number": number,
                "based_on": shipped().version,
                "layer": layer(**(adds or {})).to_bytes(),
                "strength": 100,
                "decisions": 40,
                "last_decision": 0,
                "figures": comparison(),
                "status": "challenger",
                "fitted_at": NOW,
                **fields,
            }
        )

    return make


@pytest.fixture
def decide_many(make_review: Callable[..., Review], agent: User) -> Callable[..., list[Review]]:
    """Stores reviews that say slow transport and lets the agent decide on `codes` for each."""

    def decide(count: int, codes: list[str] | None = None) -> list[Review]:
        reviews = [
            make_review(content=f"{SAYS_DISPATCH[number % len(SAYS_DISPATCH)]},第{number}次买了")
            for number in range(count)
        ]
        for review in reviews:
            correct_causes(review=review, codes=codes or ["courier.slow"], actor=agent, now=NOW)
        return reviews

    return decide
