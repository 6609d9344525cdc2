"""Robots and webhooks: who may set them up, and that what is secret stays so."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from cases.models import NoticeChannel
from reviews.models import Shop
from tests.cases.notices.conftest import make_channel as make_channel
from tests.cases.notices.conftest import robots as robots
from tests.cases.notices.robots import SECRET, TOKEN, Robots

SignIn = Callable[[User], Client]
MakeChannel = Callable[..., NoticeChannel]
ADDRESS = f"https://oapi.dingtalk.com/robot/send?access_token={TOKEN}"
NEW = {
    "name": "值班群",
    "service": "dingtalk",
    "address": ADDRESS,
    "secret": SECRET,
    "kinds": ["urgent"],
    "language": "en",
}

pytestmark = pytest.mark.django_db


def test_a_person_adds_a_robot_of_their_own(agent: User, sign_in: SignIn) -> None:
    assertRedirects(sign_in(agent).post("/notices/channels/add/", NEW), "/notices/settings/")
    channel = NoticeChannel.objects.get()
    assert (channel.person, channel.shop, channel.address, channel.secret) == (agent, None, ADDRESS, SECRET)
    assert (channel.kinds, channel.language) == (["urgent"], "en")


def test_a_supervisor_adds_a_robot_of_their_shop(supervisor: User, shop: Shop, sign_in: SignIn) -> None:
    sign_in(supervisor).post("/notices/channels/add/", {**NEW, "shop": shop.pk})
    channel = NoticeChannel.objects.get()
    assert (channel.person, channel.shop) == (None, shop)


def test_a_supervisor_adds_none_to_another_shop(supervisor: User, other_shop: Shop, sign_in: SignIn) -> None:
    assert sign_in(supervisor).post("/notices/channels/add/", {**NEW, "shop": other_shop.pk}).status_code == 422
    assert not NoticeChannel.objects.exists()


def test_an_agent_adds_none_to_a_shop(agent: User, shop: Shop, sign_in: SignIn) -> None:
    sign_in(agent).post("/notices/channels/add/", {**NEW, "shop": shop.pk})
    assert NoticeChannel.objects.get().person == agent


@pytest.mark.parametrize(
    "fields",
    [
        {"address": "http://oapi.dingtalk.com/robot/send"},
        {"address": "https://evil.example/robot/send"},
        {"address": ""},
        {"service": "webhook", "address": "https://hooks.example.com/", "secret": ""},
        {"kinds": []},
        {"service": "pigeon"},
    ],
)
def test_what_cannot_work_is_refused(agent: User, sign_in: SignIn, fields: dict[str, Any]) -> None:
    page = sign_in(agent).post("/notices/channels/add/", NEW | fields)
    assert page.status_code == 422
    assertNotContains(page, SECRET, status_code=422)
    assert not NoticeChannel.objects.exists()


def test_nobody_is_told_twice_at_one_address(agent: User, teammate: User, sign_in: SignIn) -> None:
    """As after a form that was sent twice; a colleague may use the same group."""
    client = sign_in(agent)
    assert [client.post("/notices/channels/add/", NEW).status_code for _ in range(2)] == [302, 422]
    assert sign_in(teammate).post("/notices/channels/add/", NEW).status_code == 302
    kept = NoticeChannel.objects.get(person=agent)
    change = {"name": "改名", "address": ADDRESS, "secret": "", "kinds": ["soon"], "language": "zh-hans"}
    assert client.post(f"/notices/channels/{kept.pk}/", change).status_code == 302


def test_address_and_secret_are_never_shown_again(agent: User, make_channel: MakeChannel, sign_in: SignIn) -> None:
    channel = make_channel(address=ADDRESS)
    for page in ("/notices/settings/", f"/notices/channels/{channel.pk}/"):
        answer = sign_in(agent).get(page)
        assertContains(answer, "oapi.dingtalk.com")
        assertNotContains(answer, TOKEN)
        assertNotContains(answer, SECRET)


def test_left_empty_address_and_secret_stay(agent: User, make_channel: MakeChannel, sign_in: SignIn) -> None:
    channel = make_channel(address=ADDRESS)
    change = {"name": "夜班群", "address": "", "secret": "", "kinds": ["soon"], "language": "zh-hans"}
    sign_in(agent).post(f"/notices/channels/{channel.pk}/", change)
    channel.refresh_from_db()
    assert (channel.name, channel.kinds, channel.address, channel.secret) == ("夜班群", ["soon"], ADDRESS, SECRET)
    assert channel.person == agent


def test_a_robot_cannot_be_moved_to_another_host(agent: User, make_channel: MakeChannel, sign_in: SignIn) -> None:
    channel = make_channel(address=ADDRESS)
    change = {"name": "群", "address": "https://evil.example/", "kinds": ["soon"], "language": "zh-hans"}
    assert sign_in(agent).post(f"/notices/channels/{channel.pk}/", change).status_code == 422
    channel.refresh_from_db()
    assert channel.address == ADDRESS


@pytest.mark.parametrize("service", ["dingtalk", "feishu", "wecom", "webhook"])
def test_a_test_message_arrives(
    agent: User, make_channel: MakeChannel, robots: Robots, sign_in: SignIn, service: str
) -> None:
    robots.now = time.time()
    channel = make_channel(service)
    page = sign_in(agent).post(f"/notices/channels/{channel.pk}/test/", follow=True)
    assertContains(page, "alert-success")
    assert len(robots.received) == 1


def test_the_answer_of_a_robot_that_refuses_is_shown(
    agent: User, make_channel: MakeChannel, robots: Robots, sign_in: SignIn
) -> None:
    channel = make_channel("dingtalk", secret="SECwrong")
    page = sign_in(agent).post(f"/notices/channels/{channel.pk}/test/", follow=True)
    assertContains(page, "310000: sign not match", count=2)


def test_a_removed_channel_is_gone(agent: User, make_channel: MakeChannel, sign_in: SignIn) -> None:
    channel = make_channel()
    assertRedirects(sign_in(agent).post(f"/notices/channels/{channel.pk}/remove/"), "/notices/settings/")
    assert not NoticeChannel.objects.exists()


@pytest.mark.parametrize("action", ["", "test/", "remove/"])
@pytest.mark.parametrize(
    ("whose", "who", "is_let"),
    [
        ("agent", "agent", True),
        ("agent", "teammate", False),
        ("agent", "supervisor", False),
        ("agent", "admin", False),
        ("shop", "agent", False),
        ("shop", "supervisor", True),
        ("shop", "admin", True),
        ("other_shop", "supervisor", False),
        ("other_shop", "outsider", False),
    ],
)
def test_whose_channel_it_is_decides(
    request: pytest.FixtureRequest, make_channel: MakeChannel, sign_in: SignIn, action: str, whose: str, who: str,
    is_let: bool,
) -> None:  # fmt: skip
    owner = request.getfixturevalue(whose)
    channel = make_channel(**({"person": owner} if whose == "agent" else {"shop": owner}))
    client = sign_in(request.getfixturevalue(who))
    status = client.post(f"/notices/channels/{channel.pk}/{action}", {}).status_code
    assert status == (404 if not is_let else 302 if action else 422)
    assert NoticeChannel.objects.exists() != (is_let and action == "remove/")
    if not is_let:
        assertNotContains(client.get("/notices/settings/"), channel.name)


def test_many_channels_take_as_many_queries_as_one(
    agent: User, make_channel: MakeChannel, sign_in: SignIn, django_assert_num_queries: Any
) -> None:
    client = sign_in(agent)
    for _ in range(12):
        make_channel()
    client.get("/notices/settings/")
    with django_assert_num_queries(6):
        client.get("/notices/settings/")
