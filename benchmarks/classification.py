"""Classification against plain jieba.lcut and SnowNLP's sentiment over the same texts, one thread."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from statistics import median

from benchmarks.table import Measure
from benchmarks.texts import made_texts
from reviews.classifier import Classifier, shipped

TEXTS = 4_000
ROUNDS = 5
SNOWNLP_TEXTS = 100
"""It is so slow that a sample must do."""
MIXES = {"all negative": 1.0, "half negative": 0.5, "5 % negative": 0.05}
"""How many of the texts are complaints: reading them costs more."""


def measure() -> Iterator[Measure]:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as fresh:
        seconds, megabytes = fresh.submit(_first_answer_and_memory).result()
    yield Measure("classifier: first answer of a process", seconds, "s")
    yield Measure("classifier: peak memory of a process", megabytes, "MB")
    for mix, share in MIXES.items():
        yield from _measure_mix(shipped(), mix, made_texts(TEXTS, negative=share))


def _first_answer_and_memory() -> tuple[float, float]:
    """Seconds to load and answer, and megabytes after all of the texts."""
    started = time.perf_counter()
    shipped().classify(["等了九天才到"])
    seconds = time.perf_counter() - started
    shipped().classify(made_texts(TEXTS))
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _measure_mix(classifier: Classifier, mix: str, texts: Sequence[str]) -> Iterator[Measure]:
    """Both take turns: the machine is shared, and its mood changes."""
    # Here, lest their dictionaries count in what the classifier takes.
    import jieba
    from snownlp import SnowNLP

    jieba.initialize()
    cutting, classifying = [], []
    for _ in range(ROUNDS):
        cutting.append(_rate(lambda: [jieba.lcut(text) for text in texts], len(texts)))
        classifying.append(_rate(lambda: classifier.classify(texts), len(texts)))
    sample = texts[:SNOWNLP_TEXTS]
    feeling = _rate(lambda: [SnowNLP(text).sentiments for text in sample], len(sample))
    jieba_rate, rate = median(cutting), median(classifying)
    yield Measure(f"jieba.lcut, {mix} (baseline)", jieba_rate, "reviews/s")
    yield Measure(f"SnowNLP sentiment, {mix} (baseline)", feeling, "reviews/s")
    yield Measure(f"classification, {mix}", rate, "reviews/s", rate / jieba_rate, "jieba.lcut's rate")
    yield Measure(f"classification, {mix}", rate, "reviews/s", rate / feeling, "SnowNLP's rate")


def _rate(work: Callable[[], object], texts: int) -> float:
    started = time.perf_counter()
    work()
    return texts / (time.perf_counter() - started)
