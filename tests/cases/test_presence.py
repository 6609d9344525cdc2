"""Who is there, by what they ask for."""

from collections.abc import Callable
from datetime import timedelta

import django_rq
import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from cases import handing_out, jobs, presence
from reviewdesk import queue

SignIn = Callable[[User], Client]


def waiting_jobs() -> list[str]:
    return [job.func_name for job in django_rq.get_queue("default").jobs]


def test_a_page_shows_that_somebody_is_there(supervisor: User, sign_in: SignIn) -> None:
    assert presence.last_seen([supervisor.pk]) == {}
    sign_in(supervisor).get("/desk/")
    assert presence.is_there(presence.last_seen([supervisor.pk])[supervisor.pk])


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/notices/bell/", {"HX-Request": "true", "HX-Source": "span#bell", "HX-Target": "span#bell"}),
        ("/desk/", {"HX-Request": "true", "HX-Source": "section#queue", "HX-Target": "section#queue"}),
        ("/desk/changes/", {}),
        ("/healthz", {}),
        ("/accounts/login/", {}),
    ],
)
def test_what_nobody_pressed_shows_nothing(
    supervisor: User, sign_in: SignIn, path: str, headers: dict[str, str]
) -> None:
    client = sign_in(supervisor) if headers else Client()
    client.get(path, headers=headers)
    assert presence.last_seen([supervisor.pk]) == {}


def test_a_link_that_renews_a_part_is_somebodys(supervisor: User, sign_in: SignIn) -> None:
    sign_in(supervisor).get("/desk/", headers={"HX-Request": "true", "HX-Source": "a", "HX-Target": "section#queue"})
    assert supervisor.pk in presence.last_seen([supervisor.pk])


@pytest.mark.django_db(transaction=True)
def test_after_a_while_one_is_away_and_coming_back_asks_for_work(agent: User, sign_in: SignIn) -> None:
    cache.clear()
    presence.note(agent.pk, timezone.now() - presence.AWAY_AFTER - timedelta(seconds=1))
    assert not presence.is_there(presence.last_seen([agent.pk])[agent.pk])
    client = sign_in(agent)
    client.get("/desk/")
    assert presence.is_there(presence.last_seen([agent.pk])[agent.pk])
    assert waiting_jobs() == [handing_out.JOB]
    client.get("/desk/")
    assert len(waiting_jobs()) == 1


def test_without_redis_everybody_is_there_and_pages_open(
    agent: User, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object, **_kwargs: object) -> None:
        raise queue.RedisError

    client = sign_in(agent)
    for name in ("get", "get_many", "set"):
        monkeypatch.setattr(f"cases.presence.cache.{name}", fail)
    assert presence.is_there(presence.last_seen([agent.pk])[agent.pk])
    assert client.get("/desk/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_many_who_ask_share_one_job_until_it_begins() -> None:
    handing_out.hand_out_soon()
    handing_out.hand_out_soon()
    assert waiting_jobs() == [handing_out.JOB]
    jobs.assign_waiting_cases()
    handing_out.hand_out_soon()
    assert len(waiting_jobs()) == 2
