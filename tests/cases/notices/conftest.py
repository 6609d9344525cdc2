from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User

from cases.models import NoticeChannel
from tests.cases.notices.robots import SECRET, Robots, robots_at_work
from tests.conftest import NOW


@pytest.fixture
def robots(settings: Any) -> Iterator[Robots]:
    with robots_at_work() as robots:
        robots.now = NOW.timestamp()
        settings.NOTICE_TRUSTED_HOSTS = [robots.host]
        settings.SITE_URL = "https://desk.example.com"
        yield robots


@pytest.fixture
def make_channel(agent: User, robots: Robots) -> Callable[..., NoticeChannel]:
    """A channel of the agent to the server of the tests; keyword arguments override."""

    def make(service: str = "dingtalk", **fields: Any) -> NoticeChannel:
        own = {} if "shop" in fields else {"person": agent}
        return NoticeChannel.objects.create(
            **{
                "name": "值班群",
                "service": service,
                "address": robots.address(service),
                "secret": SECRET,
                **own,
                **fields,
            }
        )

    return make
