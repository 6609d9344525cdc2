"""What the scheduler and the workers run for this app."""

import time

from django.utils import timezone

from cases import handing_out
from cases.assignment import assign_waiting
from cases.bulk import running as bulk
from cases.buyer_data import forgetting
from cases.clocks import moving, windows
from cases.demo import past
from cases.models import RuleFollowing
from cases.notices import reading, sending, telling
from cases.rulebook import reranking
from cases.settling import escalations
from reviews.models import ImportBatch

DEMO_WAIT_SECONDS = 300


def assign_waiting_cases() -> int:
    """Every minute, and when somebody comes back or gets room: hand out what nobody has."""
    handing_out.begin()
    return assign_waiting(now=timezone.now())


def move_windows_on() -> int:
    """Every minute: a window has closed, and the case waits for the next one."""
    return windows.move_windows_on(now=timezone.now())


def tell_of_clocks() -> None:
    """Every minute: tell of clocks about to run out or overdue, and see to what still waits to be sent."""
    now = timezone.now()
    telling.tell_clocks(now=now)
    escalations.tell_late_questions(now=now)
    sending.queue_waiting(now=now)


def follow_rules(shop_id: int) -> None:
    """Once rules of a shop with many open cases have changed."""
    moving.move_clocks(shop_id, now=timezone.now())
    reranking.rerank(shop_id, now=timezone.now())


def resume_following() -> None:
    """Every minute: changes of rules whose worker is gone, or could not be asked, go on."""
    for shop_id in set(RuleFollowing.objects.values_list("shop", flat=True)):
        follow_rules(shop_id)


def carry_bulk_act(act_id: int) -> None:
    bulk.run(act_id)


def resume_bulk_acts() -> int:
    """Every minute: acts upon many cases whose worker is gone go on."""
    return bulk.resume_quiet(now=timezone.now())


def forget_bulk_acts() -> None:
    bulk.forget_old(now=timezone.now())


def send_notices(channel_id: int) -> int:
    return sending.send_waiting(channel_id, now=timezone.now())


def forget_old_notices() -> None:
    reading.forget_old(now=timezone.now())


def forget_buyer_data() -> None:
    """Every day: what is kept of buyers ends with the work it was for."""
    now = timezone.now()
    forgetting.forget_phones(now=now)
    forgetting.forget_notes(now=now)


def live_through_demo() -> int:
    """Once the demo's exports are in: what its agents did about the older reviews."""
    deadline = time.monotonic() + DEMO_WAIT_SECONDS
    running = ImportBatch.objects.filter(shop__code__startswith="demo-").exclude(
        status__in=[ImportBatch.Status.DONE, ImportBatch.Status.FAILED]
    )
    while running.exists() and time.monotonic() < deadline:
        time.sleep(0.5)
    return past.live_through(now=timezone.now())
