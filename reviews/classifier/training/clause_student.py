"""The quicker of the two students, which reads clauses as bags of n-grams."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import embedding_bag, relu

from ..networks.blocks import rounded
from ..networks.clause_network import BUCKETS, NOTHING, ClauseNetwork, buckets
from ..networks.outputs import OUTPUTS
from ..normalise import BETWEEN_REVIEWS, Codes, Ints, NormalTexts
from ..passages import cut
from .pretraining import Say
from .students import Joined, Labels, Lesson, learn

WIDTH = 48
HIDDEN = 96
NGRAMS_DROPPED = 0.2


class Bags(NamedTuple):
    """The n-grams of texts, clause by clause: where the n-grams of each clause start, and where the clauses of each
    text do, with the ends of all at the end."""

    ngrams: NDArray[np.int32]
    clauses: Ints
    texts: Ints

    def of(self, texts: Joined) -> tuple[Tensor, Tensor, Tensor]:
        """The same three of chosen texts, each the clauses of one or more of ours."""
        ours = [[slice(*self.texts[[at, at + 1]].tolist()) for at in joined] for joined in texts]
        spans = [span for joined in ours for span in joined]
        ngrams = [self.ngrams[self.clauses[span.start] : self.clauses[span.stop]] for span in spans]
        sizes = [np.diff(self.clauses[span.start : span.stop + 1]) for span in spans]
        counts = [sum(span.stop - span.start for span in joined) for joined in ours]
        return (
            torch.from_numpy(np.concatenate(ngrams).astype(np.int64)),
            torch.from_numpy(np.cumsum(np.concatenate([[0], *sizes])).astype(np.int64)),
            torch.from_numpy(np.cumsum([0, *counts])),
        )


def bags_of(texts: Sequence[Codes]) -> Bags:
    codes = np.concatenate([np.append(text, np.uint32(BETWEEN_REVIEWS)) for text in texts])
    starts = np.cumsum([0, *(len(text) + 1 for text in texts)])
    passages = cut(NormalTexts(codes, np.arange(len(codes)), starts))
    found, clause = [], []
    for bucket in buckets(codes, passages.clause_starts, passages.clause_ends):
        known = np.flatnonzero(bucket < BUCKETS)
        found.append(bucket[known].astype(np.int32))
        clause.append(np.searchsorted(passages.clause_starts, known, side="right") - 1)
    order = np.argsort(np.concatenate(clause), kind="stable")
    sizes = np.bincount(np.concatenate(clause), minlength=len(passages.clause_starts))
    return Bags(
        np.concatenate(found)[order],
        np.concatenate(([0], np.cumsum(sizes))),
        np.searchsorted(passages.review_of_clause, np.arange(len(texts) + 1)),
    )


class ClauseStudent(nn.Module):
    """What `ClauseNetwork` reckons with, in a form that learns."""

    def __init__(self) -> None:
        super().__init__()
        self.vectors = nn.Parameter(torch.randn(BUCKETS, WIDTH) * 0.05)
        self.norm = nn.LayerNorm(WIDTH)
        self.drop = nn.Dropout(0.1)
        self.hidden = nn.Linear(4 * WIDTH, HIDDEN)
        self.output = nn.Linear(HIDDEN, OUTPUTS)

    def forward(self, ngrams: Tensor, clauses: Tensor, texts: Tensor) -> Tensor:
        """Logits, texts x `OUTPUTS`."""
        kept = (torch.rand(len(ngrams)) >= NGRAMS_DROPPED).float() if self.training else torch.ones(len(ngrams))
        sums = embedding_bag(ngrams, self.vectors, clauses[:-1], mode="sum", per_sample_weights=kept)
        vectors = self.norm(sums / clauses.diff().clamp(min=1).sqrt()[:, None])
        counts = texts.diff()
        text = torch.repeat_interleave(torch.arange(len(counts)), counts)
        mean = torch.zeros(len(counts), WIDTH).index_add(0, text, vectors) / counts.clamp(min=1)[:, None]
        same = (text[1:] == text[:-1]).float()[:, None]
        nothing = torch.zeros(1, WIDTH)
        before, after = torch.cat([nothing, vectors[:-1] * same]), torch.cat([vectors[1:] * same, nothing])
        around = self.drop(torch.cat([vectors, mean[text], before, after], 1))
        return _soft_maximum(self.output(relu(self.hidden(around))), text, len(counts))

    @torch.no_grad()
    def shipped(self) -> ClauseNetwork:
        """The same network in numpy, its vectors rounded to bytes."""
        arrays = {name: parameter.numpy().copy() for name, parameter in self.named_parameters()}
        bytes_of = rounded("vectors", np.concatenate([arrays["vectors"], np.zeros((1, WIDTH), np.float32)]))
        return ClauseNetwork(
            vectors=bytes_of["vectors"],
            scale=bytes_of["vectors.scale"],
            norm=arrays["norm.weight"],
            norm_bias=arrays["norm.bias"],
            hidden=arrays["hidden.weight"].T,
            hidden_bias=arrays["hidden.bias"],
            output=arrays["output.weight"].T,
            output_bias=arrays["output.bias"],
        )


def _soft_maximum(logits: Tensor, text: Tensor, texts: int) -> Tensor:
    """Log of the sum of exponentials over the clauses of each text."""
    most = torch.full((texts, OUTPUTS), NOTHING)
    most = most.scatter_reduce(0, text[:, None].expand(-1, OUTPUTS), logits.detach(), "amax")
    sums = torch.zeros(texts, OUTPUTS).index_add(0, text, torch.exp(logits - most[text]))
    return most + torch.log(sums.clamp(min=1e-9))


def clause_network_of(texts: Sequence[Codes], labels: Labels, lesson: Lesson, say: Say) -> ClauseNetwork:
    """The network that has learnt the labels of `texts`."""
    torch.manual_seed(lesson.seed)
    student = ClauseStudent()
    learn(student, labels, bags_of(texts).of, lesson, say)
    return student.shipped()
