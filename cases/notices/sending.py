"""Sending what waits, one message at a time for each channel.

A message is claimed, sent and marked. Its next attempt is set when it is claimed, so that a worker that dies on the way
leaves nothing to clean up: the message is sent again then, under the same key.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from cases.models import NoticeChannel, NoticeDelivery, NoticeKind, RemedyRequest, State
from cases.notices.posting import post_message
from cases.notices.robots import Answer
from cases.notices.telling import SEND_JOB
from cases.notices.wording import LINES, message_of, sample_message
from reviewdesk import queue

Waiting = NoticeDelivery.State

PAUSES = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 3 * 60, 6 * 60)]
"""How long after each attempt the next one follows; after the last a message is given up."""
TOO_FAST_PAUSE = timedelta(minutes=10)
"""A robot that got too many messages takes none for so long."""
MESSAGES_A_MINUTE = 18
"""Robots take 20; what is left is for tests by hand."""
MINUTE = timedelta(minutes=1)


class Claim(NamedTuple):
    """A message that this worker alone sends now; `attempts` counts this one."""

    channel: NoticeChannel
    bundle: UUID
    attempts: int


def queue_waiting(*, now: datetime) -> int:
    """Queue every channel that has something to send, in case its job got lost; how many there are."""
    waiting = NoticeDelivery.objects.filter(state=Waiting.WAITING, next_attempt_at__lte=now)
    waiting = waiting.exclude(channel__person__is_active=False)
    channels = list(waiting.order_by().values_list("channel", flat=True).distinct())
    for channel_id in channels:
        queue.enqueue(SEND_JOB, channel_id)
    return len(channels)


def send_waiting(channel_id: int, *, now: datetime) -> int:
    """Send what is due in the channel, all that is new in one message; how many messages were tried.

    Fewer than there are where the channel has had its messages of this minute, or another worker claims from it.
    """
    tried = 0
    while claim := _claim(channel_id, now):
        deliveries = NoticeDelivery.objects.filter(channel=channel_id, bundle=claim.bundle)
        first = deliveries.select_related("case__shop", "case__review__product").order_by("occasion", "pk")[:LINES]
        message = message_of(claim.channel, claim.bundle, list(first), deliveries.count())
        _mark(claim, deliveries, post_message(claim.channel, message, now), now)
        tried += 1
    return tried


def send_test(channel: NoticeChannel, *, now: datetime) -> Answer:
    """Send a test message at once."""
    answer = post_message(channel, sample_message(channel), now)
    _note(channel, answer, now)
    return answer


@transaction.atomic
def _claim(channel_id: int, now: datetime) -> Claim | None:
    """Take the message that is due: one tried before, else all that is new as one. None where nothing may be sent."""
    channels = NoticeChannel.objects.select_for_update(skip_locked=True, no_key=True, of=("self",))
    channel = channels.filter(Q(person=None) | Q(person__is_active=True), pk=channel_id).first()
    if channel is None or _has_had_its_share(channel, now):
        return None
    due = channel.deliveries.filter(state=Waiting.WAITING, next_attempt_at__lte=now)
    bundle = due.filter(bundle__isnull=False).order_by("next_attempt_at").values_list("bundle", flat=True).first()
    if bundle is None:
        new = due.filter(bundle=None)
        new.exclude(_still_holds(now)).update(state=Waiting.OUTDATED)
        bundle = uuid4()
        if not new.update(bundle=bundle):
            return None
    message = channel.deliveries.filter(bundle=bundle)
    attempts = 1 + (message.values_list("attempts", flat=True).first() or 0)
    pause = PAUSES[min(attempts, len(PAUSES)) - 1]
    message.update(attempts=attempts, attempted_at=now, next_attempt_at=now + pause)
    return Claim(channel, bundle, attempts)


def _has_had_its_share(channel: NoticeChannel, now: datetime) -> bool:
    lately = channel.deliveries.filter(attempted_at__gt=now - MINUTE)
    return lately.values("bundle").distinct().count() >= MESSAGES_A_MINUTE


def _still_holds(now: datetime) -> Q:
    """Notices that are true when they are sent: what was settled meanwhile is no news."""
    is_open = ~Q(case__state=State.CLOSED)
    clock = Q(case__due_at=F("occasion"))
    asked = RemedyRequest.objects.filter(case=OuterRef("case"), state=RemedyRequest.State.ASKED)
    return is_open & (
        Q(kind__in=[NoticeKind.URGENT, NoticeKind.ANSWER])
        | Q(kind=NoticeKind.SOON, occasion__gt=now) & clock
        | Q(kind=NoticeKind.OVERDUE) & clock
        | Q(kind__in=[NoticeKind.QUESTION, NoticeKind.LATE], case__state=State.ESCALATED)
        | Q(Exists(asked), kind=NoticeKind.REQUEST)
    )


def _mark(claim: Claim, deliveries: QuerySet[NoticeDelivery], answer: Answer, now: datetime) -> None:
    if not answer.error:
        deliveries.update(state=Waiting.SENT, error="")
    elif answer.is_final or claim.attempts > len(PAUSES):
        deliveries.update(state=Waiting.FAILED, error=answer.error[:300])
    elif answer.is_too_fast:
        pause = max(TOO_FAST_PAUSE, PAUSES[claim.attempts - 1])
        deliveries.update(next_attempt_at=now + pause, error=answer.error[:300])
    else:
        deliveries.update(error=answer.error[:300])
    _note(claim.channel, answer, now)


def _note(channel: NoticeChannel, answer: Answer, now: datetime) -> None:
    """Keep with the channel how its last message fared, for its people to see."""
    told = {"failed_at": now, "error": answer.error[:300]} if answer.error else {"sent_at": now, "failed_at": None}
    NoticeChannel.objects.filter(pk=channel.pk).update(**({"error": ""} | told))
