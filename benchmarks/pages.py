"""Server time of the pages people look at all day, against a page that does nothing but sign the user in."""

from __future__ import annotations

import time
from collections.abc import Iterator
from statistics import median

from django.contrib.auth.models import User
from django.test import Client

from benchmarks.table import Measure
from cases.models import Agent, Case
from reviewdesk.access import Role, grant_role
from reviews.models import Shop

ROUNDS = 15
PAGES = {"desk": "/desk/", "reviews": "/reviews/?negative=1", "statistics, 90 days": "/statistics/?days=90"}


def measure() -> Iterator[Measure]:
    user = User.objects.create_user("bench")
    grant_role(user, Role.SUPERVISOR)
    user.shops.set(Shop.objects.all())
    Agent.objects.create(user=user)
    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    baseline = _median_ms(client, "/", 302)
    yield Measure(f"redirect of / with {Case.objects.count():,} cases stored (baseline)", baseline, "ms")
    for name, address in PAGES.items():
        milliseconds = _median_ms(client, address, 200)
        yield Measure(f"page: {name}", milliseconds, "ms", milliseconds / baseline, "the redirect's time")


def _median_ms(client: Client, address: str, status: int) -> float:
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        answer = client.get(address)
        times.append((time.perf_counter() - started) * 1000)
        assert answer.status_code == status, (address, answer.status_code)
    return median(times)
