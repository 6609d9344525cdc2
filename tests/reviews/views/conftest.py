"""Signed in as those who use the pages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client


@pytest.fixture
def page(admin: User, sign_in: Callable[[User], Client]) -> Client:
    client = sign_in(admin)
    client.cookies["django_language"] = "en"
    return client
