"""The only place that talks to RQ. A job is a function named by its import path; it takes plain values."""

from __future__ import annotations

import logging
from functools import partial
from typing import Any, NamedTuple

import django_rq
from django.db import transaction
from django.utils import timezone
from redis.exceptions import RedisError
from rq import Worker
from rq.worker import WorkerStatus

logger = logging.getLogger(__name__)
DEFAULT = "default"
"""Work that people wait for: an import just confirmed, cases to hand out."""
SWEEPS = "sweeps"
"""Scheduled upkeep, taken up when nobody waits."""

JOB_TIMEOUT_SECONDS = 6 * 3600


class QueueState(NamedTuple):
    workers: int
    waiting: int
    oldest_waiting_seconds: int


def enqueue(job: str, *args: Any, queue: str = DEFAULT) -> None:
    """Run `job` (import path) with `args` in a worker, once the current transaction has committed."""
    django_rq.get_queue(queue).enqueue(job, *args, job_timeout=JOB_TIMEOUT_SECONDS)


def ask_for(job: str, *args: Any) -> None:
    """As `enqueue`, for work that a sweep does otherwise: where Redis cannot be reached it is left to that."""
    transaction.on_commit(partial(_ask, job, *args), robust=True)


def _ask(job: str, *args: Any) -> None:
    try:
        enqueue(job, *args)
    except RedisError:
        logger.warning("%s waits for its sweep, Redis cannot be reached", job)


def is_anyone_waiting() -> bool:
    """Whether a job waits for a worker now. Without Redis nobody is."""
    try:
        return bool(django_rq.get_queue(DEFAULT).count)
    except RedisError:
        return False


def has_idle_worker() -> bool:
    """Whether a worker has nothing to do, and no job that could change that. Without Redis there is none."""
    try:
        workers = Worker.all(connection=django_rq.get_connection(DEFAULT))
        return any(worker.get_state() == WorkerStatus.IDLE for worker in workers) and not is_anyone_waiting()
    except RedisError:
        return False


def state() -> QueueState:
    """Workers alive and jobs waiting over both queues. Raises RedisError when Redis cannot be reached."""
    workers = Worker.all(connection=django_rq.get_connection(DEFAULT))
    waiting = oldest = 0
    for name in (DEFAULT, SWEEPS):
        queue = django_rq.get_queue(name)
        ids = queue.get_job_ids()
        waiting += len(ids)
        first = queue.fetch_job(ids[0]) if ids else None
        if first and first.enqueued_at:
            oldest = max(oldest, int((timezone.now() - first.enqueued_at).total_seconds()))
    return QueueState(len(workers), waiting, oldest)


__all__ = [
    "DEFAULT",
    "SWEEPS",
    "QueueState",
    "RedisError",
    "ask_for",
    "enqueue",
    "has_idle_worker",
    "is_anyone_waiting",
    "state",
]
