"""What the scheduler and the workers run for this app."""

from django.utils import timezone

from cases.assignment import assign_waiting


def assign_waiting_cases() -> int:
    """Every minute: hand out what nobody has, for instance since no agent was on duty when it came in."""
    return assign_waiting(now=timezone.now())
