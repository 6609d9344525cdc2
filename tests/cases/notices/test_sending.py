"""Messages on their way: bundled, signed, repeated with growing pauses, and never faster than robots allow."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import django_rq
import pytest
from django.contrib.auth.models import User
from django.utils.translation import override

from cases.models import Case, NoticeChannel, NoticeDelivery, State
from cases.notices import posting, sending
from cases.notices.sending import MESSAGES_A_MINUTE, PAUSES, TOO_FAST_PAUSE, queue_waiting, send_test, send_waiting
from cases.notices.telling import tell_clocks, tell_urgent
from cases.settling.escalations import escalate_case
from reviews.models import Shop
from tests.cases.notices.robots import SECRET, TOKEN, Robots
from tests.conftest import NOW
from tests.connections import together

MakeCase = Callable[..., Case]
MakeChannel = Callable[..., NoticeChannel]
MINUTE = timedelta(minutes=1)

pytestmark = pytest.mark.django_db


def states() -> list[str]:
    return list(NoticeDelivery.objects.order_by("pk").values_list("state", flat=True))


@pytest.fixture
def channel(make_channel: MakeChannel) -> NoticeChannel:
    return make_channel("webhook")


@pytest.fixture
def overdue(agent: User, channel: NoticeChannel, make_case: MakeCase) -> Case:
    """A case whose owner has a channel and was told that it is overdue."""
    case = make_case(owner=agent)
    tell_clocks(now=NOW)
    return case


@pytest.mark.parametrize("service", ["dingtalk", "feishu", "wecom", "webhook"])
def test_every_service_takes_our_messages(
    agent: User, make_channel: MakeChannel, make_case: MakeCase, robots: Robots, service: str
) -> None:
    channel = make_channel(service)
    case = make_case(owner=agent)
    tell_clocks(now=NOW)
    assert send_waiting(channel.pk, now=NOW) == 1
    [received] = robots.received
    assert f"https://desk.example.com/desk/{case.pk}/" in str(received.body)
    assert states() == ["sent"]
    channel.refresh_from_db()
    assert channel.sent_at == NOW
    assert channel.error == ""


@pytest.mark.parametrize("service", ["dingtalk", "feishu", "wecom", "webhook"])
def test_nothing_of_the_buyer_leaves_the_house(
    agent: User, make_channel: MakeChannel, make_review: Callable, make_case: MakeCase, robots: Robots, service: str
) -> None:
    review = make_review(content="气死了,打我电话13812345678", buyer_name="买家王小明", append_content="还没退")
    make_case(review, owner=agent)
    channel = make_channel(service)
    tell_clocks(now=NOW)
    send_waiting(channel.pk, now=NOW)
    sent = str(robots.received)
    assert "夏季宽松短袖T恤" in sent
    for word in ("气死了", "138", "王小明", "还没退", review.order_number):
        assert word not in sent


def test_many_notices_go_in_one_message_that_counts_the_rest(
    agent: User, channel: NoticeChannel, make_case: MakeCase, robots: Robots
) -> None:
    for _ in range(13):
        make_case(owner=agent)
    tell_clocks(now=NOW)
    assert send_waiting(channel.pk, now=NOW) == 1
    [received] = robots.received
    assert len(received.body["notices"]) == 10
    assert "3" in received.body["more"]
    assert states() == ["sent"] * 13


def test_messages_speak_the_language_of_the_channel(overdue: Case, channel: NoticeChannel, robots: Robots) -> None:
    NoticeChannel.objects.update(language="en")
    send_waiting(channel.pk, now=NOW)
    assert robots.received[0].body["title"] == "ReviewDesk: 1 notice"


def test_telling_queues_the_job_once_for_each_channel(
    transactional_db: None, agent: User, channel: NoticeChannel, make_case: MakeCase
) -> None:
    cases = [make_case(owner=agent, tier="priority") for _ in range(3)]
    tell_urgent(cases, now=NOW)
    jobs = django_rq.get_queue("default").jobs
    assert [(job.func_name, job.args) for job in jobs] == [("cases.jobs.send_notices", (channel.pk,))]


def test_a_lost_job_is_queued_again(transactional_db: None, overdue: Case, channel: NoticeChannel) -> None:
    django_rq.get_queue("default").empty()
    assert queue_waiting(now=NOW) == 1
    assert [job.args for job in django_rq.get_queue("default").jobs] == [(channel.pk,)]
    send_waiting(channel.pk, now=NOW)
    assert queue_waiting(now=NOW + timedelta(days=1)) == 0


def test_a_failed_message_is_repeated_after_growing_pauses_and_given_up(
    overdue: Case, channel: NoticeChannel, robots: Robots
) -> None:
    robots.answers = [(500, {})] * (len(PAUSES) + 1)
    now = NOW
    for pause in PAUSES:
        assert send_waiting(channel.pk, now=now) == 1
        assert send_waiting(channel.pk, now=now + pause - timedelta(seconds=1)) == 0
        assert states() == ["waiting"]
        now += pause
    assert sorted(PAUSES) == PAUSES
    assert PAUSES[-1] == timedelta(hours=6)
    assert send_waiting(channel.pk, now=now) == 1
    assert states() == ["failed"]
    channel.refresh_from_db()
    assert "500" in channel.error
    assert send_waiting(channel.pk, now=now + timedelta(days=1)) == 0


def test_a_repetition_carries_the_same_key_and_what_is_new_goes_apart(
    agent: User, overdue: Case, channel: NoticeChannel, robots: Robots, make_case: MakeCase
) -> None:
    robots.answers = [(503, {})]
    send_waiting(channel.pk, now=NOW)
    key = str(NoticeDelivery.objects.get().bundle)
    make_case(owner=agent)
    tell_clocks(now=NOW + MINUTE)
    assert send_waiting(channel.pk, now=NOW + MINUTE) == 2
    repeated, new = robots.received
    assert repeated.headers["idempotency-key"] == repeated.body["id"] == key
    assert [notice["case"] for notice in repeated.body["notices"]] == [str(overdue.pk)]
    assert new.body["id"] != key


def test_a_worker_killed_between_sending_and_marking_sends_again_under_the_same_key(
    overdue: Case, channel: NoticeChannel, robots: Robots, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(sending, "_mark", lambda *_args: exit(9))
        with pytest.raises(SystemExit):
            send_waiting(channel.pk, now=NOW)
    assert send_waiting(channel.pk, now=NOW) == 0
    assert queue_waiting(now=NOW + PAUSES[0]) == 1
    assert send_waiting(channel.pk, now=NOW + PAUSES[0]) == 1
    first, second = robots.received
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]
    assert states() == ["sent"]


def test_two_workers_send_a_message_once(
    transactional_db: None, overdue: Case, channel: NoticeChannel, robots: Robots
) -> None:
    robots.delay_seconds = 0.3
    tried = together(*[lambda: send_waiting(channel.pk, now=NOW)] * 3)
    assert sum(tried) == 1
    assert len(robots.received) == 1


@pytest.mark.parametrize(
    ("service", "answer"),
    [
        ("dingtalk", (200, {"errcode": 130101, "errmsg": "send too fast, exceed 20 times per minute"})),
        ("feishu", (200, {"code": 11232, "msg": "frequency limited"})),
        ("wecom", (200, {"errcode": 45009, "errmsg": "api freq out of limit"})),
        ("webhook", (429, {})),
    ],
)
def test_a_robot_that_got_too_many_is_left_alone_for_ten_minutes(
    agent: User, make_channel: MakeChannel, make_case: MakeCase, robots: Robots, service: str, answer: tuple
) -> None:
    channel = make_channel(service)
    make_case(owner=agent)
    tell_clocks(now=NOW)
    robots.answers = [answer]
    send_waiting(channel.pk, now=NOW)
    assert send_waiting(channel.pk, now=NOW + TOO_FAST_PAUSE - MINUTE) == 0
    assert send_waiting(channel.pk, now=NOW + TOO_FAST_PAUSE) == 1
    assert states() == ["sent"]


@pytest.mark.parametrize(
    ("service", "fields", "words"),
    [
        ("dingtalk", {"secret": "SECwrong"}, "310000"),
        ("feishu", {"secret": "wrong"}, "19021"),
        ("wecom", {"token": "wrong"}, "93000"),
        ("dingtalk", {"token": "wrong"}, "300005"),
        ("webhook", {"secret": "wrong"}, "401"),
    ],
)
def test_what_repeating_does_not_help_is_given_up_and_told(
    agent: User, make_channel: MakeChannel, make_case: MakeCase, robots: Robots, service: str, fields: dict, words: str
) -> None:
    channel = make_channel(service, secret=fields.get("secret", SECRET))
    channel.address = channel.address.replace(TOKEN, fields.get("token", TOKEN))
    channel.save()
    make_case(owner=agent)
    tell_clocks(now=NOW)
    send_waiting(channel.pk, now=NOW)
    assert states() == ["failed"]
    channel.refresh_from_db()
    assert words in channel.error
    assert channel.failed_at == NOW
    assert robots.received == []


def test_a_clock_of_the_server_that_is_wrong_shows_as_a_refused_signature(
    overdue: Case, make_channel: MakeChannel, robots: Robots
) -> None:
    robots.now += 2 * 3600
    assert "310000" in send_test(make_channel(), now=NOW).error


def test_a_server_that_does_not_answer_is_tried_again(
    overdue: Case, channel: NoticeChannel, robots: Robots, monkeypatch: pytest.MonkeyPatch
) -> None:
    robots.delay_seconds = 1.0
    monkeypatch.setattr(posting, "TIMEOUT", 0.2)
    with override("en"):
        send_waiting(channel.pk, now=NOW)
    assert states() == ["waiting"]
    channel.refresh_from_db()
    assert channel.error == "The server did not answer in time."


def test_a_redirection_is_not_followed(overdue: Case, channel: NoticeChannel, robots: Robots) -> None:
    robots.answers = [(302, {})]
    send_waiting(channel.pk, now=NOW)
    assert robots.received == []
    assert states() == ["failed"]


def test_a_channel_sends_no_more_than_robots_take_in_a_minute(
    agent: User, channel: NoticeChannel, make_case: MakeCase, robots: Robots
) -> None:
    tried = 0
    for second in range(30):
        now = NOW + timedelta(seconds=second)
        tell_urgent([make_case(owner=agent, tier="priority", opened_at=now)], now=now)
        tried += send_waiting(channel.pk, now=now)
    assert tried == MESSAGES_A_MINUTE < 20
    assert send_waiting(channel.pk, now=NOW + timedelta(seconds=61)) == 1
    assert len(robots.received[-1].body["notices"]) == 10
    assert set(states()) == {"sent"}


def test_what_was_settled_meanwhile_is_not_sent(
    agent: User, supervisor: User, shop: Shop, make_channel: MakeChannel, make_case: MakeCase, robots: Robots
) -> None:
    channel = make_channel("webhook", shop=shop)
    asked, met, closed = make_case(owner=agent), make_case(owner=agent), make_case(owner=agent, tier="priority")
    Case.objects.filter(pk__in=[asked.pk, closed.pk]).update(due_at=NOW + timedelta(days=1))
    escalate_case(case=asked, question="退吗?", actor=agent, now=NOW)
    tell_urgent([closed], now=NOW)
    tell_clocks(now=NOW)
    Case.objects.filter(pk=asked.pk).update(state=State.WORKING)
    Case.objects.filter(pk=met.pk).update(due_at=NOW + timedelta(days=1))
    Case.objects.filter(pk=closed.pk).update(state=State.CLOSED, closed_at=NOW)
    assert send_waiting(channel.pk, now=NOW) == 0
    assert states() == ["outdated"] * 3
    assert robots.received == []


def test_a_person_who_left_gets_nothing(overdue: Case, agent: User, channel: NoticeChannel) -> None:
    User.objects.filter(pk=agent.pk).update(is_active=False)
    assert send_waiting(channel.pk, now=NOW) == 0
    assert queue_waiting(now=NOW) == 0


@pytest.mark.parametrize("service", ["dingtalk", "wecom", "feishu", "webhook"])
def test_neither_secret_nor_token_is_logged(
    make_channel: MakeChannel, robots: Robots, caplog: pytest.LogCaptureFixture, settings: Any, service: str
) -> None:
    caplog.set_level(logging.INFO)
    caplog.set_level(settings.LOGGING["loggers"]["urllib3"]["level"], logger="urllib3")
    assert send_test(make_channel(service), now=NOW).error == ""
    robots.port = 1
    settings.NOTICE_TRUSTED_HOSTS = [robots.host]
    error = send_test(make_channel(service, address=robots.address(service)), now=NOW).error
    assert error
    for text in (caplog.text, error):
        assert TOKEN not in text
        assert SECRET not in text
