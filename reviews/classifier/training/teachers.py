"""The networks of the training, in PyTorch. What is shipped is written again in numpy: see convolution.py."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu

from ..model import TOPS
from ..networks.lettering import Lettering
from ..networks.outputs import CAUSES
from .batches import Batch

NEVER = -1e4
"""A logit that no softmax and no maximum takes."""


class Outputs(NamedTuple):
    """Logits of a batch: texts x `CAUSES`; texts x top causes, one of which is the primary one; whether negative."""

    causes: Tensor
    primary: Tensor
    negative: Tensor


class Embedding(nn.Module):
    """A vector for each character: its own, and that of the pair it ends."""

    def __init__(self, lettering: Lettering, width: int) -> None:
        super().__init__()
        self.characters = nn.Embedding(lettering.characters, width)
        self.pairs = nn.Embedding(lettering.pairs, width)
        nn.init.normal_(self.characters.weight, std=0.1)
        nn.init.normal_(self.pairs.weight, std=0.05)
        with torch.no_grad():
            self.pairs.weight[0] = 0

    def forward(self, batch: Batch) -> Tensor:
        return self.characters(batch.characters) + self.pairs(batch.pairs)


class Block(nn.Module):
    """Mixes neighbours channel by channel, then channels place by place."""

    def __init__(self, width: int, reach: int = 7, widening: int = 2) -> None:
        super().__init__()
        self.neighbours = nn.Conv1d(width, width, reach, padding=reach // 2, groups=width)
        self.norm = nn.LayerNorm(width)
        self.wide = nn.Linear(width, widening * width)
        self.narrow = nn.Linear(widening * width, width)

    def forward(self, places: Tensor, inside: Tensor) -> Tensor:
        mixed = self.neighbours((places * inside).transpose(1, 2)).transpose(1, 2)
        return places + self.narrow(gelu(self.wide(self.norm(mixed))))


class Trunk(nn.Module):
    """Places of a text read in their surroundings; also answers which places are inside the text."""

    def __init__(self, lettering: Lettering, width: int, blocks: int) -> None:
        super().__init__()
        self.embedding = Embedding(lettering, width)
        self.blocks = nn.ModuleList(Block(width) for _ in range(blocks))
        self.norm = nn.LayerNorm(width)

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor]:
        inside = inside_of(batch)
        places = self.embedding(batch)
        for block in self.blocks:
            places = block(places, inside)
        return self.norm(places), inside


class Reader(nn.Module):
    """What is learnt first: which characters are hidden, and whether the buyer rated badly."""

    def __init__(self, trunk: Trunk, width: int, lettering: Lettering) -> None:
        super().__init__()
        self.trunk = trunk
        self.hidden = nn.Linear(width, lettering.characters)
        self.negative = nn.Linear(2 * width, 1)

    def forward(self, batch: Batch, hidden: Tensor) -> tuple[Tensor, Tensor]:
        places, inside = self.trunk(batch)
        return self.hidden(places[hidden]), self.negative(pooled(places, inside))[:, 0]


class Head(nn.Module):
    """Reads the outputs from places: each cause attends to places of its own, and all to the maxima and means."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.drop = nn.Dropout(0.3)
        self.attention = nn.Linear(width, CAUSES)
        self.value = nn.Linear(width, CAUSES)
        self.whole = nn.Linear(2 * width, CAUSES)
        self.primary = nn.Linear(2 * width, len(TOPS))
        self.negative = nn.Linear(2 * width, 1)

    def forward(self, places: Tensor, inside: Tensor) -> Outputs:
        places = self.drop(places)
        attention = self.attention(places).masked_fill(inside == 0, NEVER).softmax(1)
        attended = (attention * self.value(places)).sum(1)
        whole = pooled(places, inside)
        return Outputs(attended + self.whole(whole), self.primary(whole), self.negative(whole)[:, 0])


class ConvolutionalTeacher(nn.Module):
    def __init__(self, trunk: Trunk, width: int) -> None:
        super().__init__()
        self.trunk = trunk
        self.head = Head(width)

    @property
    def embedding(self) -> Embedding:
        return self.trunk.embedding

    def forward(self, batch: Batch) -> Outputs:
        return self.head(*self.trunk(batch))


class RecurrentTeacher(nn.Module):
    def __init__(self, embedding: Embedding, width: int) -> None:
        super().__init__()
        self.embedding = embedding
        self.drop = nn.Dropout(0.3)
        self.recurrent = nn.GRU(width, width, batch_first=True, bidirectional=True)
        self.head = Head(2 * width)

    def forward(self, batch: Batch) -> Outputs:
        inside = inside_of(batch)
        lengths = inside[..., 0].sum(1).long().clamp(min=1)
        packed = nn.utils.rnn.pack_padded_sequence(
            self.drop(self.embedding(batch)), lengths, batch_first=True, enforce_sorted=False
        )
        places, _ = nn.utils.rnn.pad_packed_sequence(
            self.recurrent(packed)[0], batch_first=True, total_length=batch.characters.shape[1]
        )
        return self.head(places, inside)


def inside_of(batch: Batch) -> Tensor:
    """1 where a place is inside its text, texts x places x 1."""
    return (batch.characters > 0).float()[..., None]


def pooled(places: Tensor, inside: Tensor) -> Tensor:
    """Maximum and mean over the places of each text."""
    mean = (places * inside).sum(1) / inside.sum(1).clamp(min=1)
    return torch.cat([places.masked_fill(inside == 0, NEVER).max(1)[0], mean], 1)
