"""Teachers: networks too slow to ship, which learn from the labels and then label many more texts for the student."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from ..model import OTHER, TOPS
from ..networks.lettering import Lettering
from ..networks.outputs import CAUSES
from .batches import LONGEST_SCORED, Numbers, batch_of, by_length, hidden, lengths_of, padded, shuffled
from .pretraining import WIDTH, Say
from .teachers import ConvolutionalTeacher, Outputs, RecurrentTeacher, Trunk

TEXTS_AT_ONCE = 64
SCORED_AT_ONCE = 256
JOINED_SHARE = 0.21
"""Of the examples, those to which another complaint is joined: the causes of both are to be found."""
PRAISED_SHARE = 0.14
"""Those to which praise is joined: it is no cause."""
PRAISE_SHARE = 0.1
"""Those replaced by praise, which only says that it is not negative."""
HIDDEN_SHARE = 0.05
UNTOLD = -1
PRIMARY_WEIGHT, NEGATIVE_WEIGHT, CAUSES_WEIGHT = 0.3, 0.3, 1 / 3


class Teaching(NamedTuple):
    """How to train a teacher."""

    kind: type[ConvolutionalTeacher] | type[RecurrentTeacher]
    seed: int
    epochs: int = 6

    @property
    def rate(self) -> float:
        return 1e-3 if self.kind is ConvolutionalTeacher else 2e-3

    @property
    def halves(self) -> bool:
        """Whether half precision pays: not for recurrent networks."""
        return self.kind is ConvolutionalTeacher


class Lessons(NamedTuple):
    """What teachers learn from: complaints with their targets (texts x `CAUSES`) and the index of their primary top
    cause, and texts of content buyers."""

    complaints: Sequence[Numbers]
    targets: NDArray[np.float32]
    primary: NDArray[np.int64]
    praise: Sequence[Numbers]
    joint: Numbers
    """What stands between two texts that are joined."""


class _Examples(NamedTuple):
    texts: list[Numbers]
    targets: NDArray[np.float32]
    primary: NDArray[np.int64]
    negative: NDArray[np.float32]


def taught(lessons: Lessons, teaching: Teaching, trunk: Trunk, lettering: Lettering, say: Say) -> nn.Module:
    """A teacher that starts from what `trunk` has learnt."""
    torch.manual_seed(teaching.seed)
    chance = np.random.default_rng(teaching.seed)
    teacher = new_teacher(teaching, trunk)
    optimizer = torch.optim.AdamW(teacher.parameters(), lr=teaching.rate, weight_decay=0.02)
    lengths = lengths_of(lessons.complaints)
    steps = teaching.epochs * -(-len(lengths) // TEXTS_AT_ONCE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, teaching.rate, total_steps=steps + 1, pct_start=0.1)
    for epoch in range(teaching.epochs):
        losses = []
        for chosen in shuffled(lengths, TEXTS_AT_ONCE, chance):
            examples = _examples(lessons, chosen, chance)
            batch = batch_of(hidden(padded(examples.texts), HIDDEN_SHARE, chance), lettering)
            with torch.autocast("cpu", torch.bfloat16, enabled=teaching.halves):
                outputs = teacher(batch)
            loss = _loss(outputs, examples)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(teacher.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
        say(f"{teaching.kind.__name__}, epoch {epoch + 1} of {teaching.epochs}: loss {np.mean(losses):.3f}")
    return teacher.eval()


@torch.no_grad()
def logits(teacher: nn.Module, texts: Sequence[Numbers], lettering: Lettering) -> NDArray[np.float32]:
    """What the teacher says of `texts`: causes, primary, negative, as one table."""
    said = np.zeros((len(texts), CAUSES + len(TOPS) + 1), np.float32)
    for chosen in by_length(lengths_of(texts), SCORED_AT_ONCE):
        outputs = teacher(batch_of(padded([texts[at] for at in chosen], LONGEST_SCORED), lettering))
        said[chosen] = torch.cat([outputs.causes, outputs.primary, outputs.negative[:, None]], 1).float().numpy()
    return said


def new_teacher(teaching: Teaching, trunk: Trunk) -> nn.Module:
    """A teacher before its training, which has what `trunk` learnt."""
    if teaching.kind is ConvolutionalTeacher:
        return ConvolutionalTeacher(copy.deepcopy(trunk), WIDTH)
    return RecurrentTeacher(copy.deepcopy(trunk.embedding), WIDTH)


def _examples(lessons: Lessons, chosen: NDArray[np.int64], chance: np.random.Generator) -> _Examples:
    made = _Examples(
        [lessons.complaints[at] for at in chosen],
        lessons.targets[chosen].copy(),
        lessons.primary[chosen].copy(),
        np.ones(len(chosen), np.float32),
    )
    for row, fate in enumerate(chance.random(len(chosen))):
        if fate < JOINED_SHARE:
            other = int(chance.integers(len(lessons.complaints)))
            made.texts[row] = _joined(made.texts[row], lessons.complaints[other], lessons.joint, chance)
            made.targets[row] = together(made.targets[row], lessons.targets[other])
            made.primary[row] = UNTOLD
        elif fate < JOINED_SHARE + PRAISED_SHARE and lessons.praise:
            praise = lessons.praise[int(chance.integers(len(lessons.praise)))]
            made.texts[row] = _joined(made.texts[row], praise, lessons.joint, chance)
            made.negative[row] = UNTOLD
        elif fate > 1 - PRAISE_SHARE and lessons.praise:
            made.texts[row] = lessons.praise[int(chance.integers(len(lessons.praise)))]
            made.primary[row] = UNTOLD
            made.negative[row] = 0
    return made


def together(ones: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    """Targets of two texts joined: all causes of both, but none is "other" beside one that is named."""
    union = np.maximum(ones, others)
    if union[:OTHER].any():
        union[[OTHER, CAUSES - 1]] = 0
    return union


def _joined(one: Numbers, other: Numbers, joint: Numbers, chance: np.random.Generator) -> Numbers:
    first, second = (one, other) if chance.random() < 0.5 else (other, one)
    return np.concatenate([first, joint, second])


def _loss(outputs: Outputs, examples: _Examples) -> Tensor:
    causes, primary, negative = (output.float() for output in outputs)
    complains = torch.from_numpy(examples.negative != 0)
    wanted = torch.from_numpy(examples.targets)
    loss = torch.zeros(())
    if complains.any():
        of_causes = binary_cross_entropy_with_logits(causes[complains], wanted[complains], reduction="none")
        loss = CAUSES_WEIGHT * of_causes.sum(1).mean()
    for said, truth, weight in (
        (primary, torch.from_numpy(examples.primary), PRIMARY_WEIGHT),
        (negative, torch.from_numpy(examples.negative), NEGATIVE_WEIGHT),
    ):
        told = truth != UNTOLD
        if told.any():
            measure = cross_entropy if truth.dtype == torch.int64 else binary_cross_entropy_with_logits
            loss = loss + weight * measure(said[told], truth[told])
    return loss
