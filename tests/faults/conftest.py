"""Faults happen to a machine of their own; the models of a test look into its database."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.db import connections

from reviewdesk.access import Role, grant_role
from reviews.models import Shop
from tests.faults.machine import Machine


@pytest.fixture(scope="session")
def _running() -> Iterator[Machine]:
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        machine = Machine(folder)
        yield machine
        machine.close()


@pytest.fixture
def machine(
    _running: Machine, _own_files: None, monkeypatch: pytest.MonkeyPatch, django_db_blocker: Any, settings: Any
) -> Iterator[Machine]:
    """Servers are up and workers work; what this process stores or queues goes to them."""
    _running.postgres.start()
    _running.redis.start()
    usual = connections["default"]
    place = {"NAME": "reviewdesk", "HOST": str(_running.servers.sockets)}
    own = type(usual)({**usual.settings_dict, **place}, "default")
    for queue in django_settings.RQ_QUEUES.values():
        monkeypatch.setitem(queue, "URL", _running.servers.redis_url)
        monkeypatch.setitem(queue, "DB", 0)
    settings.MEDIA_ROOT = str(_running.uploads)
    with django_db_blocker.unblock():
        connections["default"] = own
        _running.start_workers()
        yield _running
        _running.stop()
        own.close()
        connections["default"] = usual


@pytest.fixture
def shops(machine: Machine) -> Iterator[Shop]:
    """As many new shops as are asked for."""
    known = Shop.objects.count()
    return (
        Shop.objects.create(code=f"shop-{number}", name=f"第{number}小店", platform="taobao")
        for number in range(known, known + 100)
    )


@pytest.fixture
def admin(machine: Machine) -> User:
    user, is_new = User.objects.get_or_create(username="admin-of-the-machine")
    if is_new:
        grant_role(user, Role.ADMIN)
    return user
