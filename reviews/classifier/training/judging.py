"""A teacher for one question alone: whether the buyer rated badly."""

from __future__ import annotations

import copy
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from ..networks.lettering import Lettering
from .batches import LONGEST_SCORED, Batch, Numbers, batch_of, by_length, hidden, lengths_of, padded, shuffled
from .pretraining import WIDTH, Say
from .teachers import Trunk, pooled

TEXTS_AT_ONCE = 128
SCORED_AT_ONCE = 256
RATE = 6e-4
HIDDEN_SHARE = 0.1
DOUBT = 0.02
"""Of a rating that contradicts its text; half of the surest errors are such."""


class Judge(nn.Module):
    def __init__(self, trunk: Trunk) -> None:
        super().__init__()
        self.trunk = copy.deepcopy(trunk)
        self.drop = nn.Dropout(0.3)
        self.verdict = nn.Linear(2 * WIDTH, 1)

    def forward(self, batch: Batch) -> Tensor:
        """Logits, by text."""
        places, inside = self.trunk(batch)
        return self.verdict(pooled(self.drop(places), inside))[:, 0]


def train_judge(
    judge: Judge,
    texts: Sequence[Numbers],
    negative: NDArray[np.bool_],
    lettering: Lettering,
    epochs: int,
    seed: int,
    say: Say,
) -> None:
    """`negative` tells of each text whether the buyer rated badly."""
    chance = np.random.default_rng(seed)
    optimizer = torch.optim.AdamW(judge.parameters(), lr=RATE, weight_decay=0.05)
    steps = epochs * -(-len(texts) // TEXTS_AT_ONCE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps + 1, pct_start=0.1)
    wanted = np.where(negative, 1 - DOUBT, DOUBT).astype(np.float32)
    for epoch in range(epochs):
        losses = []
        for chosen in shuffled(lengths_of(texts), TEXTS_AT_ONCE, chance):
            batch = batch_of(hidden(padded([texts[at] for at in chosen]), HIDDEN_SHARE, chance), lettering)
            with torch.autocast("cpu", torch.bfloat16):
                verdict = judge(batch)
            loss = binary_cross_entropy_with_logits(verdict.float(), torch.from_numpy(wanted[chosen]))
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(judge.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
        say(f"judge, epoch {epoch + 1} of {epochs}: loss {np.mean(losses):.3f}")
    judge.eval()


@torch.no_grad()
def verdicts(judge: Judge, texts: Sequence[Numbers], lettering: Lettering) -> NDArray[np.float32]:
    """Logits, by text."""
    said = np.zeros(len(texts), np.float32)
    for chosen in by_length(lengths_of(texts), SCORED_AT_ONCE):
        said[chosen] = judge(batch_of(padded([texts[at] for at in chosen], LONGEST_SCORED), lettering)).numpy()
    return said
