"""What both students share: the labels they learn from, and how they learn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from ..model import OTHER
from ..networks.outputs import CAUSES, NEGATIVE, PRIMARY
from ..normalise import Ints
from ..passages import Bools
from .batches import shuffled
from .pretraining import Say

JOINED_SHARE = 0.4
"""Of the texts, those to which another one is joined."""
PRIMARY_WEIGHT, NEGATIVE_WEIGHT, CAUSES_WEIGHT = 0.3, 0.7, 0.5

Joined = Sequence[Sequence[int]]
"""Texts by their indices, each alone or joined of two."""


class Labels(NamedTuple):
    """What should be said of each text (texts x `OUTPUTS`, probabilities), how much it counts, and its length."""

    targets: NDArray[np.float32]
    weight: NDArray[np.float32]
    lengths: Ints


class Lesson(NamedTuple):
    """How a student learns."""

    name: str
    rate: float
    texts_at_once: int
    epochs: int
    seed: int


def learn(student: nn.Module, labels: Labels, inputs: Callable[[Joined], tuple], lesson: Lesson, say: Say) -> None:
    """Train `student`; `inputs` makes of texts what it is called with."""
    chance = np.random.default_rng(lesson.seed)
    optimizer = torch.optim.AdamW(student.parameters(), lr=lesson.rate, weight_decay=0.01)
    steps = lesson.epochs * -(-len(labels.lengths) // lesson.texts_at_once)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, lesson.rate, total_steps=steps + 1, pct_start=0.1)
    for epoch in range(lesson.epochs):
        losses = []
        for chosen in shuffled(labels.lengths, lesson.texts_at_once, chance):
            texts, targets, is_joined = _examples(labels, chosen, chance)
            loss = _loss(student(*inputs(texts)), targets, labels.weight[chosen], is_joined)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
        say(f"{lesson.name}, epoch {epoch + 1} of {lesson.epochs}: loss {np.mean(losses):.3f}")
    student.eval()


def _examples(labels: Labels, chosen: Ints, chance: np.random.Generator) -> tuple[Joined, NDArray[np.float32], Bools]:
    """The chosen texts, some with another one joined to them, which has causes of its own."""
    texts = [[int(at)] for at in chosen]
    targets = labels.targets[chosen].copy()
    is_joined = chance.random(len(chosen)) < JOINED_SHARE
    for row in np.flatnonzero(is_joined):
        other = int(chance.integers(len(labels.lengths)))
        texts[row].insert(int(chance.integers(2)), other)
        targets[row, :CAUSES] = either(targets[row, :CAUSES], labels.targets[other, :CAUSES])
    return texts, targets, is_joined


def either(ones: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    """Probabilities that at least one of two texts has a cause; "other" is said only where both say it."""
    together = 1 - (1 - ones) * (1 - others)
    nothing = [OTHER, CAUSES - 1]
    together[nothing] = ones[nothing] * others[nothing]
    return together


def _loss(logits: Tensor, targets: NDArray[np.float32], weight: NDArray[np.float32], is_joined: Bools) -> Tensor:
    """Of joined texts only the causes are known."""
    wanted, counts = torch.from_numpy(targets), torch.from_numpy(weight)
    alone = torch.from_numpy((~is_joined).astype(np.float32))
    causes = binary_cross_entropy_with_logits(logits[:, :CAUSES], wanted[:, :CAUSES], reduction="none").sum(1)
    primary = -(wanted[:, PRIMARY] * logits[:, PRIMARY].log_softmax(1)).sum(1)
    negative = binary_cross_entropy_with_logits(logits[:, NEGATIVE], wanted[:, NEGATIVE], reduction="none")
    return (
        CAUSES_WEIGHT * (causes * counts).mean()
        + PRIMARY_WEIGHT * (primary * alone).mean()
        + NEGATIVE_WEIGHT * (negative * alone).mean()
    )
