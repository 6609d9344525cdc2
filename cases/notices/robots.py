"""The languages of robots and webhooks: what is posted, how it is signed, and what the answers mean. Pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.utils.translation import gettext as _

LIMIT_BYTES = {"dingtalk": 18_000, "feishu": 18_000, "wecom": 4_000, "webhook": 60_000}
"""A little less than the services take of a message."""
ANSWER_SHOWN = 160


class Line(NamedTuple):
    """A notice in words; `facts` are what a program gets of it. `url` is "" where the site's address is not known."""

    text: str
    url: str
    facts: dict[str, str]


@dataclass(frozen=True, slots=True)
class Message:
    """Some notices under a title; `more` says in words how many others there are, "" for none."""

    key: str
    title: str
    lines: list[Line]
    more: str = ""


@dataclass(frozen=True, slots=True)
class Post:
    """What goes over the wire; `query` is added to the address."""

    body: bytes
    headers: dict[str, str]
    query: str = ""


class Answer(NamedTuple):
    """What became of a message: `error` is "" when it was taken; `is_final` says that repeating will not help."""

    error: str = ""
    is_final: bool = False
    is_too_fast: bool = False


def post_of(service: str, secret: str, message: Message, now: datetime) -> Post:
    """The message as `service` wants it, signed where there is a secret. Lines that find no room are left out."""
    while True:
        post = _POSTS[service](secret, message, now)
        if len(post.body) <= LIMIT_BYTES[service] or len(message.lines) <= 1:
            return post
        message = Message(message.key, message.title, message.lines[:-1], message.more or "…")


def answer_of(service: str, status: int, body: bytes) -> Answer:
    """What a service's answer means, in words for the person who set up the channel."""
    if service == "webhook" or status != 200:
        return _answer_of_status(status)
    try:
        said = json.loads(body)
        code = int(said.get("errcode", said.get("code", said.get("StatusCode", -1))))
        words = str(said.get("errmsg") or said.get("msg") or "")
    except (ValueError, AttributeError, TypeError):
        return Answer(_("The answer is not that of a robot."))
    if code == 0:
        return Answer()
    return _refusal(service, code, words[:ANSWER_SHOWN])


def _refusal(service: str, code: int, words: str) -> Answer:
    meanings = {
        ("dingtalk", 310000): _("The robot refused the signature, or wants a keyword or other sender addresses."),
        ("dingtalk", 300001): _("The robot does not know the token in the address."),
        ("dingtalk", 300005): _("The robot does not know the token in the address."),
        ("dingtalk", 40035): _("The robot does not know the token in the address."),
        ("feishu", 19021): _("The robot refused the signature."),
        ("feishu", 19022): _("The robot takes messages from other addresses only."),
        ("feishu", 19024): _("The robot wants a keyword in the message."),
        ("feishu", 19001): _("The robot does not know the token in the address."),
        ("wecom", 93000): _("The robot does not know the token in the address."),
        ("wecom", 40058): _("The robot does not know the token in the address."),
    }
    if (service, code) in {("dingtalk", 130101), ("feishu", 11232), ("wecom", 45009), ("wecom", 45033)}:
        return Answer(_("The robot got too many messages (%(code)s).") % {"code": code}, is_too_fast=True)
    meaning = meanings.get((service, code))
    if meaning:
        return Answer(f"{meaning} ({code}: {words})", is_final=True)
    return Answer(_("The robot answered %(code)s: %(words)s") % {"code": code, "words": words})


def _answer_of_status(status: int) -> Answer:
    if 200 <= status < 300:
        return Answer()
    error = _("The server answered with status %(status)s.") % {"status": status}
    if status == 429:
        return Answer(error, is_too_fast=True)
    return Answer(error, is_final=300 <= status < 500 and status not in {408, 425})


def _dingtalk(secret: str, message: Message, now: datetime) -> Post:
    text = _markdown(message)
    body = _json({"msgtype": "markdown", "markdown": {"title": message.title, "text": text}})
    if not secret:
        return Post(body, _JSON)
    stamp = str(int(now.timestamp() * 1000))
    sign = _base64_hmac(secret, f"{stamp}\n{secret}")
    return Post(body, _JSON, urlencode({"timestamp": stamp, "sign": sign}))


def _feishu(secret: str, message: Message, now: datetime) -> Post:
    rows: list[list[dict[str, str]]] = []
    for line in message.lines:
        word = {"tag": "a", "text": line.text, "href": line.url} if line.url else {"tag": "text", "text": line.text}
        rows.append([word])
    if message.more:
        rows.append([{"tag": "text", "text": message.more}])
    post = {"msg_type": "post", "content": {"post": {"zh_cn": {"title": message.title, "content": rows}}}}
    if not secret:
        return Post(_json(post), _JSON)
    stamp = str(int(now.timestamp()))
    # Here the text is the key and the message empty; with DingTalk it is the other way round.
    return Post(_json({"timestamp": stamp, "sign": _base64_hmac(f"{stamp}\n{secret}", ""), **post}), _JSON)


def _wecom(secret: str, message: Message, now: datetime) -> Post:
    return Post(_json({"msgtype": "markdown", "markdown": {"content": _markdown(message)}}), _JSON)


def _webhook(secret: str, message: Message, now: datetime) -> Post:
    body = _json(
        {
            "id": message.key,
            "title": message.title,
            "notices": [{**line.facts, "text": line.text, "url": line.url} for line in message.lines],
            "more": message.more,
        }
    )
    stamp = str(int(now.timestamp()))
    headers = {**_JSON, "Idempotency-Key": message.key, "X-ReviewDesk-Timestamp": stamp}
    if secret:
        sign = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        headers["X-ReviewDesk-Signature"] = f"sha256={sign}"
    return Post(body, headers)


_JSON = {"Content-Type": "application/json; charset=utf-8"}
_POSTS = {"dingtalk": _dingtalk, "feishu": _feishu, "wecom": _wecom, "webhook": _webhook}
_MARKS = str.maketrans("`*_[]<>#", "'＊＿［］＜＞＃")
"""Marks of Markdown -> letters that look alike: not every service knows how to escape one."""


def _markdown(message: Message) -> str:
    lines = [f"### {message.title.translate(_MARKS)}"]
    for line in message.lines:
        words = line.text.translate(_MARKS)
        lines.append(f"- [{words}]({line.url})" if line.url else f"- {words}")
    if message.more:
        lines.append(message.more.translate(_MARKS))
    return "\n".join(lines)


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def _base64_hmac(key: str, text: str) -> str:
    return base64.b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()).decode()
