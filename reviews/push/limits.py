"""How often a token may knock: so many requests in each minute of the clock, counted in Redis."""

from __future__ import annotations

import logging
from datetime import datetime
from http import HTTPStatus

from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext as _

from reviewdesk.queue import RedisError
from reviews.models import PushToken

from .problems import Problem

logger = logging.getLogger(__name__)


def count_request(token: PushToken, now: datetime) -> None:
    """Raises Problem 429 beyond the limit. Without Redis nothing is counted: reviews are worth more than the limit."""
    limit = settings.PUSH_REQUESTS_A_MINUTE
    key = f"push:{token.pk}:{now:%H%M}"
    try:
        cache.add(key, 0, timeout=120)
        requests = cache.incr(key)
    except (RedisError, ValueError):
        logger.warning("Pushes are not counted, Redis cannot be reached")
        return
    if requests > limit:
        seconds = 60 - now.second
        raise Problem(
            HTTPStatus.TOO_MANY_REQUESTS,
            "too_many_requests",
            _("A token may send %(limit)d requests a minute. Try again in %(seconds)d s, with more reviews at once.")
            % {"limit": limit, "seconds": seconds},
            {"Retry-After": str(seconds)},
        )
