"""What runs by the clock: `python -m reviewdesk.schedule` queues the jobs of settings.SCHEDULE when they are due."""

from __future__ import annotations

import contextlib
import logging
import os
import time
from typing import Any

import django
from django.conf import settings
from django.utils.module_loading import import_string
from django_rq.cron import DjangoCronScheduler
from redis.exceptions import RedisError
from rq.exceptions import StopRequested

from reviewdesk import queue

logger = logging.getLogger(__name__)
RETRY_SECONDS = 1.0


class Scheduler(DjangoCronScheduler):
    def register_death(self, *args: Any, **options: Any) -> None:
        # Where Redis is gone nobody is left to tell, and why it ends must not be hidden by that.
        with contextlib.suppress(RedisError):
            super().register_death(*args, **options)


def main() -> None:
    """Until SIGINT or SIGTERM. While Redis is away nothing is queued, and what fell due is queued when it is back."""
    settings.SERVERS.ensure_running()
    django.setup()
    scheduler = Scheduler(logging_level=logging.WARNING)
    for job, seconds in settings.SCHEDULE.items():
        scheduler.register(import_string(job), queue_name=queue.SWEEPS, interval=seconds, job_timeout=seconds * 10)
    with contextlib.suppress(StopRequested):
        while not _is_stopped(scheduler):
            time.sleep(RETRY_SECONDS)


def _is_stopped(scheduler: Scheduler) -> bool:
    """Work until stopped; False where Redis went away first."""
    try:
        scheduler.start()
    except RedisError as error:
        logger.warning("Nothing is scheduled: %s", error)
        return False
    return True


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reviewdesk.settings")
    main()
