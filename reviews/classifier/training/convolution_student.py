"""The larger of the two students, which reads characters in their surroundings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import relu

from ..networks.convolution import MOST_ATTENTION, Convolution, Layer
from ..networks.lettering import UNKNOWN, Lettering
from ..networks.outputs import CAUSES, OUTPUTS
from ..normalise import Codes
from .batches import Batch, batch_of, hidden, padded
from .pretraining import Say
from .students import Joined, Labels, Lesson, learn
from .teachers import Embedding, inside_of

WIDTH = 48
REACHES = (1, 3)
HIDDEN_SHARE = 0.04
PAIRS_DROPPED = 0.1
EPSILON = 1e-5


class ConvolutionStudent(nn.Module):
    """What `Convolution` reckons with, in a form that learns."""

    def __init__(self, lettering: Lettering) -> None:
        super().__init__()
        self.embedding = Embedding(lettering, WIDTH)
        self.layers = nn.ModuleList(
            nn.Conv1d(WIDTH, WIDTH, 3, padding=reach, dilation=reach, bias=False) for reach in REACHES
        )
        self.norms = nn.ModuleList(nn.BatchNorm1d(WIDTH, eps=EPSILON) for _ in REACHES)
        self.drop = nn.Dropout(0.1)
        self.attention = nn.Linear(WIDTH, CAUSES)
        self.value = nn.Linear(WIDTH, CAUSES)
        self.mean = nn.Linear(WIDTH, OUTPUTS)

    def forward(self, batch: Batch) -> Tensor:
        """Logits, texts x `OUTPUTS`."""
        inside = inside_of(batch)
        if self.training:
            kept = (torch.rand(batch.pairs.shape) >= PAIRS_DROPPED).long()
            batch = batch._replace(pairs=batch.pairs * kept)
        places = self.embedding(batch) * inside
        for layer, norm in zip(self.layers, self.norms, strict=True):
            places = (places + relu(norm(layer(places.transpose(1, 2)))).transpose(1, 2)) * inside
        places = self.drop(places)
        attention = torch.exp(self.attention(places).clamp(-MOST_ATTENTION, MOST_ATTENTION)) * inside
        attended = (attention * self.value(places)).sum(1) / attention.sum(1).clamp(min=1e-6)
        outputs = self.mean(places.sum(1) / inside.sum(1).clamp(min=1))
        return torch.cat([outputs[:, :CAUSES] + attended, outputs[:, CAUSES:]], 1)

    @torch.no_grad()
    def shipped(self, lettering: Lettering) -> Convolution:
        """The same network in numpy, with the norms folded into the convolutions."""
        arrays = {name: parameter.numpy().copy() for name, parameter in self.named_parameters()}
        layers = []
        for reach, layer, norm in zip(REACHES, self.layers, self.norms, strict=True):
            learnt, kernel = norm.state_dict(), layer.state_dict()["weight"]
            scale = learnt["weight"] / torch.sqrt(learnt["running_var"] + EPSILON)
            weights = (kernel * scale[:, None, None]).permute(2, 1, 0).reshape(3 * WIDTH, WIDTH)
            bias = learnt["bias"] - learnt["running_mean"] * scale
            layers.append(Layer(weights.numpy().copy(), bias.numpy(), reach))
        return Convolution.of(
            lettering=lettering,
            characters=arrays["embedding.characters.weight"],
            pairs=arrays["embedding.pairs.weight"],
            layers=tuple(layers),
            **{name: arrays[f"{name}.weight"].T for name in ("attention", "value", "mean")},
            **{f"{name}_bias": arrays[f"{name}.bias"] for name in ("attention", "value", "mean")},
        )


def convolution_of(
    texts: Sequence[Codes], labels: Labels, joint: Codes, lettering: Lettering, lesson: Lesson, say: Say
) -> Convolution:
    """The network that has learnt the labels of `texts`; `joint` is what stands between two that are joined."""
    torch.manual_seed(lesson.seed)
    chance = np.random.default_rng(lesson.seed)
    numbers = [lettering.numbers(text) for text in texts]
    between = lettering.numbers(joint)

    def inputs(joined: Joined) -> tuple[Batch]:
        read = [np.concatenate([part for at in text for part in (between, numbers[at])][1:]) for text in joined]
        return (batch_of(hidden(padded(read), HIDDEN_SHARE, chance, UNKNOWN), lettering),)

    student = ConvolutionStudent(lettering)
    learn(student, labels, inputs, lesson, say)
    return student.shipped(lettering)
