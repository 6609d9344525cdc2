"""What is learnt before any cause: to tell hidden characters, and with them whether a buyer is content."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from ..networks.lettering import BOUNDARY, MASK, Lettering
from .batches import Numbers, batch_of, lengths_of, padded, shuffled
from .teachers import Reader, Trunk

Say = Callable[[str], None]

WIDTH = 192
BLOCKS = 4
TEXTS_AT_ONCE = 128
RATE = 2e-3
STARTS = 0.09
"""Share of characters at which one to three are hidden: a fifth of all."""
LONGEST_HIDDEN = 3
NEGATIVE_WEIGHT = 0.5


def pretrained(
    texts: Sequence[Numbers], negative: NDArray[np.float32], lettering: Lettering, epochs: int, seed: int, say: Say
) -> Trunk:
    """A trunk that has read `texts`; `negative` is 1 where the buyer rated badly."""
    torch.manual_seed(seed)
    chance = np.random.default_rng(seed)
    reader = Reader(Trunk(lettering, WIDTH, BLOCKS), WIDTH, lettering)
    optimizer = torch.optim.AdamW(reader.parameters(), lr=RATE, weight_decay=0.01)
    lengths = lengths_of(texts)
    steps = epochs * -(-len(texts) // TEXTS_AT_ONCE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps + 1, pct_start=0.1)
    for epoch in range(epochs):
        losses = []
        for chosen in shuffled(lengths, TEXTS_AT_ONCE, chance):
            characters = padded([texts[at] for at in chosen])
            hides = _spans(characters, chance)
            batch = batch_of(np.where(hides, MASK, characters), lettering)
            with torch.autocast("cpu", torch.bfloat16):
                guessed, verdict = reader(batch, torch.from_numpy(hides))
            loss = cross_entropy(guessed.float(), torch.from_numpy(characters[hides]).long())
            loss = loss + NEGATIVE_WEIGHT * binary_cross_entropy_with_logits(
                verdict.float(), torch.from_numpy(negative[chosen])
            )
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(reader.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
        say(f"pre-training, epoch {epoch + 1} of {epochs}: loss {np.mean(losses):.3f}")
    return reader.trunk


def _spans(characters: Numbers, chance: np.random.Generator) -> NDArray[np.bool_]:
    """Which characters to hide: spans of one to three."""
    starts = chance.random(characters.shape) < STARTS
    lengths = chance.integers(1, LONGEST_HIDDEN + 1, characters.shape)
    hides = starts.copy()
    for further in range(1, LONGEST_HIDDEN):
        hides[:, further:] |= (starts & (lengths > further))[:, : hides.shape[1] - further]
    return hides & (characters != BOUNDARY)
