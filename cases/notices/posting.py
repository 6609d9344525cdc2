"""Posting to an address of somebody else's choice: checked, never redirected, and over in seconds."""

from __future__ import annotations

from datetime import datetime

import urllib3
from django.conf import settings
from django.utils.translation import gettext as _
from urllib3.exceptions import HTTPError, TimeoutError

from cases.models import NoticeChannel
from cases.notices.addresses import AddressRefused, Target, resolved, target_of
from cases.notices.robots import Answer, Message, Post, answer_of, post_of

TIMEOUT = urllib3.Timeout(connect=5, read=10)
ANSWER_BYTES = 16_384


def post_message(channel: NoticeChannel, message: Message, now: datetime) -> Answer:
    """Send one message. What went wrong is in the answer, in words that tell nothing of tokens or secrets."""
    try:
        target = target_of(channel.address, channel.service, settings.NOTICE_TRUSTED_HOSTS)
        ip = resolved(target)
    except AddressRefused as refusal:
        return Answer(str(refusal))
    post = post_of(channel.service, channel.secret, message, now)
    try:
        status, body = _exchange(target, ip, post)
    except TimeoutError:
        return Answer(_("The server did not answer in time."))
    except (HTTPError, OSError):
        return Answer(_("The server could not be reached."))
    return answer_of(channel.service, status, body)


def _exchange(target: Target, ip: str, post: Post) -> tuple[int, bytes]:
    """Status and the beginning of the body. The certificate is checked against the name, not the IP address."""
    pool: urllib3.HTTPConnectionPool
    if target.scheme == "https":
        pool = urllib3.HTTPSConnectionPool(ip, target.port, assert_hostname=target.host, server_hostname=target.host)
    else:
        pool = urllib3.HTTPConnectionPool(ip, target.port)
    path = target.path + (f"{'&' if '?' in target.path else '?'}{post.query}" if post.query else "")
    headers = {**post.headers, "Host": target.authority, "User-Agent": "ReviewDesk"}
    with pool:
        response = pool.urlopen(
            "POST", path, post.body, headers, retries=False, redirect=False, timeout=TIMEOUT, preload_content=False
        )
        try:
            return response.status, response.read(ANSWER_BYTES, decode_content=False)
        finally:
            response.close()
