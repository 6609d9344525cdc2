"""What the scheduler and the workers run for this app."""

import time

from django.utils import timezone

from cases.assignment import assign_waiting
from cases.demo import past
from reviews.models import ImportBatch

DEMO_WAIT_SECONDS = 300


def assign_waiting_cases() -> int:
    """Every minute: hand out what nobody has, for instance since no agent was on duty when it came in."""
    return assign_waiting(now=timezone.now())


def live_through_demo() -> int:
    """Once the demo's exports are in: what its agents did about the older reviews."""
    deadline = time.monotonic() + DEMO_WAIT_SECONDS
    running = ImportBatch.objects.filter(shop__code__startswith="demo-").exclude(
        status__in=[ImportBatch.Status.DONE, ImportBatch.Status.FAILED]
    )
    while running.exists() and time.monotonic() < deadline:
        time.sleep(0.5)
    return past.live_through(now=timezone.now())
