"""Asking a worker to hand out what waits; without Redis the sweep of every minute does it."""

from __future__ import annotations

from contextlib import suppress

from django.core.cache import cache
from django.db import transaction

from reviewdesk import queue

JOB = "cases.jobs.assign_waiting_cases"
ASKED = "hand-out-asked"
FORGOTTEN_SECONDS = 60


def hand_out_soon() -> None:
    """Ask once this transaction has committed. Whoever asks before the job has begun shares it."""
    transaction.on_commit(_ask, robust=True)


def begin() -> None:
    """The job begins: what is asked from now on needs another one."""
    with suppress(queue.RedisError):
        cache.delete(ASKED)


def _ask() -> None:
    with suppress(queue.RedisError):
        if cache.add(ASKED, True, FORGOTTEN_SECONDS):
            queue.enqueue(JOB)
