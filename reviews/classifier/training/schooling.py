"""From labelled reviews to the model that is shipped: letters, pre-training, teachers, what they say, two students,
and a verdict by words.

Each stage hangs on its seed and on the stages before it alone. With a directory for checkpoints, a training that was
interrupted goes on where it stopped, and comes to the same weights.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from ..model import sigmoid
from ..network import Network
from ..networks.clause_network import ClauseNetwork
from ..networks.convolution import Convolution
from ..networks.lettering import Lettering
from ..networks.outputs import CAUSES, NEGATIVE, OUTPUTS, PRIMARY
from ..normalise import Codes
from .batches import Numbers
from .clause_student import clause_network_of
from .convolution_student import convolution_of
from .distilling import JOINT, parts, spelt
from .judging import Judge, train_judge, verdicts
from .ngram_verdict import ngram_verdict_of
from .pretraining import BLOCKS, WIDTH, pretrained
from .students import Labels, Lesson
from .teachers import ConvolutionalTeacher, RecurrentTeacher, Trunk
from .teaching import Lessons, Teaching, logits, new_teacher, taught

Module = TypeVar("Module", bound=nn.Module)

LEAST_CHARACTERS, LEAST_PAIRS = 5, 8
SHORTEST_PRAISE, LONGEST_PRAISE = 4, 80
TEACHERS = (
    Teaching(RecurrentTeacher, seed=1, epochs=6),
    Teaching(ConvolutionalTeacher, seed=2, epochs=5),
    Teaching(ConvolutionalTeacher, seed=3, epochs=5),
)
AT_ONCE = 2
"""Teachers trained at the same time, each in a process and on a core of its own."""
PRETRAINING_EPOCHS = 6
JUDGE_EPOCHS = 2
CLAUSE_LESSON = Lesson("clause network", rate=3e-3, texts_at_once=256, epochs=8, seed=0)
CONVOLUTION_LESSON = Lesson("convolution", rate=4e-3, texts_at_once=128, epochs=10, seed=0)
LABEL_SHARE = 0.5
"""Of what is taught of a labelled or rated text, what is known of it; the teachers say the rest."""
LABELLED_WEIGHT = 1.5


class Schooling(NamedTuple):
    """What there is to learn from. `complaints` have `targets` (texts x `CAUSES`) and the index of their `primary` top
    cause; `negative` tells of `rated` whether the buyer rated badly."""

    complaints: Sequence[Codes]
    targets: NDArray[np.float32]
    primary: NDArray[np.int64]
    rated: Sequence[Codes]
    negative: NDArray[np.bool_]
    seed: int
    effort: float
    checkpoints: Path | None

    def epochs(self, full: int) -> int:
        return max(1, round(full * self.effort))

    @property
    def contents(self) -> list[Codes]:
        """Texts of content buyers."""
        return [text for text, is_bad in zip(self.rated, self.negative, strict=True) if not is_bad]

    @property
    def others(self) -> tuple[list[Codes], NDArray[np.bool_]]:
        """Rated texts that are not among the complaints, and whether they are negative."""
        known = {text.tobytes() for text in self.complaints}
        new = np.array([text.tobytes() not in known for text in self.rated], bool)
        return [text for text, is_new in zip(self.rated, new, strict=True) if is_new], self.negative[new]


def schooled(schooling: Schooling) -> Network:
    """The model that has learnt all this."""
    _settle()
    others, negative = schooling.others
    texts = [*schooling.complaints, *others]
    negative = np.concatenate([np.ones(len(schooling.complaints), bool), negative])
    lettering = Lettering.of_texts(texts, least_characters=LEAST_CHARACTERS, least_pairs=LEAST_PAIRS)
    trunk = _pretrained(schooling, texts, negative, lettering)
    # One process and thread for each: two threads of one training mostly wait for each other.
    with ProcessPoolExecutor(AT_ONCE, mp_context=get_context("spawn")) as processes:
        jobs = [processes.submit(_taught, schooling, teaching, trunk, lettering) for teaching in TEACHERS]
        judge = processes.submit(_judge, schooling, texts, negative, trunk, lettering)
        teachers = [job.result() for job in jobs]
        every = _with_parts(schooling, texts, negative)
        numbers = [lettering.numbers(text) for text in every]
        said = [processes.submit(_logits, teacher, numbers, lettering) for teacher in teachers]
        judged = processes.submit(_verdicts, judge.result(), numbers, lettering)
        opinions = np.mean([job.result() for job in said], axis=0)
        _say(f"{len(every)} texts labelled by {len(teachers)} teachers")
        labels = _labels(schooling, every, negative, opinions, judged.result())
        quick = processes.submit(_clause_network, schooling, every, labels)
        thorough = processes.submit(_convolution, schooling, every, labels, lettering)
        verdict = ngram_verdict_of(schooling.rated, schooling.negative, _say)
        return Network(quick.result(), thorough.result(), verdict)


def _settle(threads: int = 1) -> None:
    """The same sums in the same order, whatever the machine has."""
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(True)


def _pretrained(
    schooling: Schooling, texts: Sequence[Codes], negative: NDArray[np.bool_], lettering: Lettering
) -> Trunk:
    def learnt() -> Trunk:
        numbers = [lettering.numbers(text) for text in texts]
        rated_badly = negative.astype(np.float32)
        epochs = schooling.epochs(PRETRAINING_EPOCHS)
        return pretrained(numbers, rated_badly, lettering, epochs, schooling.seed, _say)

    return _kept(schooling.checkpoints, "pretrained", Trunk(lettering, WIDTH, BLOCKS), learnt)


def _taught(schooling: Schooling, teaching: Teaching, trunk: Trunk, lettering: Lettering) -> nn.Module:
    _settle()
    ours = teaching._replace(seed=schooling.seed + teaching.seed, epochs=schooling.epochs(teaching.epochs))
    praise = [text for text in schooling.contents if SHORTEST_PRAISE <= len(text) <= LONGEST_PRAISE]
    lessons = Lessons(
        [lettering.numbers(text) for text in schooling.complaints],
        schooling.targets,
        schooling.primary,
        [lettering.numbers(text) for text in praise],
        lettering.numbers(spelt(JOINT)),
    )
    name = f"{teaching.kind.__name__}-{teaching.seed}"
    return _kept(
        schooling.checkpoints, name, new_teacher(ours, trunk), lambda: taught(lessons, ours, trunk, lettering, _say)
    )


def _kept(checkpoints: Path | None, name: str, untrained: Module, learnt: Callable[[], Module]) -> Module:
    """What was learnt in an earlier run, or now."""
    if checkpoints is None:
        return learnt()
    path = checkpoints / f"{name}.pt"
    if path.exists():
        untrained.load_state_dict(torch.load(path))
        return untrained.eval()
    module = learnt()
    checkpoints.mkdir(parents=True, exist_ok=True)
    torch.save(module.state_dict(), path)
    return module


def _judge(
    schooling: Schooling, texts: Sequence[Codes], negative: NDArray[np.bool_], trunk: Trunk, lettering: Lettering
) -> Judge:
    _settle()
    torch.manual_seed(schooling.seed)
    judge = Judge(trunk)

    def learnt() -> Judge:
        numbers = [lettering.numbers(text) for text in texts]
        train_judge(judge, numbers, negative, lettering, schooling.epochs(JUDGE_EPOCHS), schooling.seed, _say)
        return judge

    return _kept(schooling.checkpoints, "judge", judge, learnt)


def _with_parts(schooling: Schooling, texts: Sequence[Codes], negative: NDArray[np.bool_]) -> list[Codes]:
    complaints = [text for text, is_bad in zip(texts, negative, strict=True) if is_bad]
    praise = [text for text, is_bad in zip(texts, negative, strict=True) if not is_bad]
    return [*texts, *parts(complaints, praise, np.random.default_rng(schooling.seed), schooling.effort)]


def _logits(teacher: nn.Module, texts: Sequence[Numbers], lettering: Lettering) -> NDArray[np.float32]:
    _settle()
    return logits(teacher, texts, lettering)


def _verdicts(judge: Judge, texts: Sequence[Numbers], lettering: Lettering) -> NDArray[np.float32]:
    _settle()
    return verdicts(judge, texts, lettering)


def _labels(
    schooling: Schooling,
    texts: Sequence[Codes],
    negative: NDArray[np.bool_],
    said: NDArray[np.float32],
    verdict: NDArray[np.float32],
) -> Labels:
    """What the teachers have `said` of `texts`, and in part what is known: the labels of the complaints, which come
    first, and the ratings of as many as `negative` has."""
    targets = np.zeros((len(texts), OUTPUTS), np.float32)
    targets[:, :CAUSES] = sigmoid(said[:, :CAUSES])
    odds = np.exp(said[:, PRIMARY] - said[:, PRIMARY].max(axis=1, keepdims=True))
    targets[:, PRIMARY] = odds / odds.sum(axis=1, keepdims=True)
    targets[:, NEGATIVE] = sigmoid(verdict)
    known = np.arange(len(schooling.complaints))
    targets[known, :CAUSES] += LABEL_SHARE * (schooling.targets - targets[known, :CAUSES])
    targets[known, PRIMARY] *= 1 - LABEL_SHARE
    targets[known, PRIMARY.start + schooling.primary] += LABEL_SHARE
    rated = np.arange(len(negative))
    targets[rated, NEGATIVE] += LABEL_SHARE * (negative - targets[rated, NEGATIVE])
    weight = np.ones(len(texts), np.float32)
    weight[known] = LABELLED_WEIGHT
    return Labels(targets, weight, np.array([len(text) for text in texts], np.int64))


def _clause_network(schooling: Schooling, texts: Sequence[Codes], labels: Labels) -> ClauseNetwork:
    _settle()
    lesson = CLAUSE_LESSON._replace(seed=schooling.seed, epochs=schooling.epochs(CLAUSE_LESSON.epochs))
    return clause_network_of(texts, labels, lesson, _say)


def _convolution(schooling: Schooling, texts: Sequence[Codes], labels: Labels, lettering: Lettering) -> Convolution:
    # The last to be ready, with nothing else to do beside it.
    _settle(threads=2)
    lesson = CONVOLUTION_LESSON._replace(
        seed=schooling.seed, epochs=schooling.epochs(CONVOLUTION_LESSON.epochs)
    )  # fmt: skip
    return convolution_of(texts, labels, spelt(JOINT), lettering, lesson, _say)


def _say(line: str) -> None:
    """Stages may run in processes of their own, which have no other way to tell."""
    print(line, flush=True)
