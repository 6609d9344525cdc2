"""Classification against plain jieba.lcut and SnowNLP's sentiment over the same texts, one thread."""

from __future__ import annotations

import logging
import resource
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from statistics import median

from benchmarks.table import Measure
from benchmarks.texts import made_texts
from reviews.classifier import shipped

TEXTS = 4_000
ROUNDS = 5
SNOWNLP_TEXTS = 100
"""It is so slow that a sample must do."""
MIXES = {"all negative": 1.0, "half negative": 0.5, "5 % negative": 0.05}
"""How many of the texts are complaints: reading them costs more."""


def measure() -> Iterator[Measure]:
    # In a process of its own: what the baselines load is not to count in the memory of others.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as fresh:
        seconds, megabytes = fresh.submit(_first_answer_and_memory).result()
        yield Measure("classifier: first answer of a process", seconds, "s")
        yield Measure("classifier: peak memory of a process", megabytes, "MB")
        for mix, share in MIXES.items():
            yield from fresh.submit(_measured, mix, share).result()


def _first_answer_and_memory() -> tuple[float, float]:
    """Seconds to load and answer, and megabytes after all of the texts."""
    started = time.perf_counter()
    shipped().classify(["等了九天才到"])
    seconds = time.perf_counter() - started
    shipped().classify(made_texts(TEXTS))
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _measured(mix: str, share: float) -> list[Measure]:
    """The classifier and the baselines take turns: the machine is shared, and its mood changes."""
    import jieba
    from snownlp import SnowNLP

    jieba.setLogLevel(logging.WARNING)
    jieba.initialize()
    classifier, texts = shipped(), made_texts(TEXTS, negative=share)
    cutting, classifying = [], []
    for _ in range(ROUNDS):
        cutting.append(_rate(lambda: [jieba.lcut(text) for text in texts], len(texts)))
        classifying.append(_rate(lambda: classifier.classify(texts), len(texts)))
    sample = texts[:SNOWNLP_TEXTS]
    feeling = _rate(lambda: [SnowNLP(text).sentiments for text in sample], len(sample))
    jieba_rate, rate = median(cutting), median(classifying)
    return [
        Measure(f"jieba.lcut, {mix} (baseline)", jieba_rate, "reviews/s"),
        Measure(f"SnowNLP sentiment, {mix} (baseline)", feeling, "reviews/s"),
        Measure(f"classification, {mix}", rate, "reviews/s", rate / jieba_rate, "jieba.lcut's rate"),
        Measure(f"classification, {mix}", rate, "reviews/s", rate / feeling, "SnowNLP's rate"),
    ]


def _rate(work: Callable[[], object], texts: int) -> float:
    started = time.perf_counter()
    work()
    return texts / (time.perf_counter() - started)
