"""Classification against plain jieba.lcut over the same texts, one thread."""

from __future__ import annotations

import time
from collections.abc import Iterator

import jieba

from benchmarks.table import Measure
from benchmarks.texts import made_texts
from reviews.classifier import shipped

TEXTS = 4_000


def measure() -> Iterator[Measure]:
    started = time.perf_counter()
    classifier = shipped()
    classifier.classify(["等了九天才到"])
    yield Measure("classifier: first answer", time.perf_counter() - started, "s")
    texts = made_texts(TEXTS)
    started = time.perf_counter()
    for text in texts:
        jieba.lcut(text)
    cutting = TEXTS / (time.perf_counter() - started)
    yield Measure("jieba.lcut (baseline)", cutting, "reviews/s")
    started = time.perf_counter()
    classifier.classify(texts)
    rate = TEXTS / (time.perf_counter() - started)
    yield Measure("classification", rate, "reviews/s", rate / cutting, "jieba.lcut's rate")
