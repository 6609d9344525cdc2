"""Formats and answers, without a network."""

from __future__ import annotations

import json

import pytest

from cases.notices.robots import LIMIT_BYTES, Line, Message, answer_of, post_of
from tests.conftest import NOW

ROBOTS = ["dingtalk", "feishu", "wecom"]


def message(count: int = 1, text: str = "紧急个案 · 第一小店") -> Message:
    return Message(
        "key", "title", [Line(f"{number} {text}", "https://desk.example.com/", {}) for number in range(count)]
    )


@pytest.mark.parametrize("service", [*ROBOTS, "webhook"])
def test_what_finds_no_room_is_left_out_and_said_so(service: str) -> None:
    post = post_of(service, "secret", message(10, "很长的店名" * 1500), NOW)
    few = post_of(service, "secret", message(10, "很长的店名" * 15), NOW)
    assert len(few.body) <= LIMIT_BYTES[service]
    assert "…" in post.body.decode()
    assert "9 很长" in few.body.decode()


def test_words_of_a_shop_are_no_markdown() -> None:
    body = json.loads(post_of("dingtalk", "", message(text="[点我](http://evil) **粗** #1"), NOW).body)
    assert "[点我]" not in body["markdown"]["text"]
    assert "**" not in body["markdown"]["text"]


def test_without_a_secret_nothing_is_signed() -> None:
    assert post_of("dingtalk", "", message(), NOW).query == ""
    assert "sign" not in json.loads(post_of("feishu", "", message(), NOW).body)


@pytest.mark.parametrize("service", ROBOTS)
@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"null", b'{"errcode": "x", "code": "x"}'])
def test_an_answer_that_is_none_of_a_robot_is_no_success(service: str, body: bytes) -> None:
    answer = answer_of(service, 200, body)
    assert answer.error
    assert not answer.is_final


@pytest.mark.parametrize(
    ("status", "is_final"), [(302, True), (400, True), (404, True), (408, False), (500, False), (502, False)]
)
def test_statuses(status: int, is_final: bool) -> None:
    for service in (*ROBOTS, "webhook"):
        assert answer_of(service, status, b"").is_final == is_final
        assert answer_of(service, status, b"").error


def test_older_robots_of_feishu_answer_with_capitals() -> None:
    assert answer_of("feishu", 200, b'{"StatusCode": 0, "StatusMessage": "success"}').error == ""


def test_an_answer_of_any_length_is_shown_short() -> None:
    body = json.dumps({"errcode": -1, "errmsg": "系统繁忙" * 500}).encode()
    assert len(answer_of("dingtalk", 200, body).error) < 300
