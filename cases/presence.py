"""Who is there: when a person last asked for something, kept in the cache and nowhere else.

What parts of pages ask by themselves tells nothing about the person in front of them. Without Redis everybody counts as
there: work that waits is worse than work that reaches somebody a little late.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import suppress
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.core.cache import cache
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from cases.handing_out import hand_out_soon
from reviewdesk import queue

View = Callable[..., HttpResponseBase]
AWAY_AFTER = timedelta(minutes=settings.AWAY_AFTER_MINUTES)
KEPT_SECONDS = 7 * 24 * 3600
STEP = timedelta(seconds=30)
"""Moments closer together than this are the same to us, which spares most writes."""


def asks_by_itself(view: View) -> View:
    """View decorator: scripts of a page ask this without anybody doing anything."""
    view.asks_by_itself = True  # type: ignore[attr-defined]
    return view


class PresenceMiddleware:
    """Notes whoever asks for something; somebody who comes back is handed what waits."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        # Looking into a session that nobody needed would cost a query.
        if request.session.accessed and not _asks_by_itself(request):
            user_id = request.session.get(SESSION_KEY)
            if user_id and note(int(user_id), timezone.now()):
                hand_out_soon()
        return response


def _asks_by_itself(request: HttpRequest) -> bool:
    """Whether nobody did anything: a view says so, or a part of a page renews itself, which nobody can press."""
    view = request.resolver_match.func if request.resolver_match else None
    source = request.headers.get("HX-Source")
    return getattr(view, "asks_by_itself", False) or (bool(source) and source == request.headers.get("HX-Target"))


def note(user_id: int, now: datetime) -> bool:
    """Remember that the person is there; answers whether they had been away. A person never seen before had not."""
    with suppress(queue.RedisError):
        before: datetime | None = cache.get(_key(user_id))
        if before is None or now - before > STEP:
            cache.set(_key(user_id), now, KEPT_SECONDS)
        return before is not None and now - before > AWAY_AFTER
    return False


def last_seen(user_ids: Collection[int]) -> dict[int, datetime]:
    """User id -> when they last asked for something, for those of whom that is known; without Redis all do so now."""
    try:
        found = cache.get_many([_key(pk) for pk in user_ids])
    except queue.RedisError:
        return dict.fromkeys(user_ids, timezone.now())
    return {pk: found[_key(pk)] for pk in user_ids if _key(pk) in found}


def is_there(seen_at: datetime | None) -> bool:
    """Whether somebody last seen at `seen_at` counts as present, by the clock of this machine."""
    return seen_at is not None and timezone.now() - seen_at <= AWAY_AFTER


def _key(user_id: int) -> str:
    return f"seen:{user_id}"
