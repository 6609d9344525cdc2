"""Where notices may go: not into our own network, and tokens of robots to nobody but their service."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from django.utils.translation import override

from cases.models import NoticeChannel
from cases.notices import addresses
from cases.notices.addresses import AddressRefused, resolved, target_of
from cases.notices.posting import post_message
from cases.notices.robots import Line, Message
from tests.conftest import NOW

MESSAGE = Message("key", "title", [Line("text", "", {})])


@pytest.mark.parametrize(
    ("service", "address"),
    [
        ("dingtalk", "https://oapi.dingtalk.com/robot/send?access_token=x"),
        ("feishu", "https://open.feishu.cn/open-apis/bot/v2/hook/x"),
        ("feishu", "https://open.larksuite.com/open-apis/bot/v2/hook/x"),
        ("wecom", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=x"),
        ("webhook", "https://hooks.example.com:8443/in?a=1"),
    ],
)
def test_addresses_of_the_services_are_taken(service: str, address: str) -> None:
    target = target_of(address, service, [])
    assert f"{target.scheme}://{target.authority}{target.path}" == address


@pytest.mark.parametrize(
    ("service", "address"),
    [
        ("dingtalk", "https://oapi.dingtalk.com.evil.example/robot/send"),
        ("dingtalk", "https://oapi.dingtalk.com@evil.example/robot/send"),
        ("dingtalk", "https://oapi.dingtalk.com:8443/robot/send"),
        ("dingtalk", "http://oapi.dingtalk.com/robot/send"),
        ("feishu", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=x"),
        ("webhook", "http://hooks.example.com/in"),
        ("webhook", "ftp://hooks.example.com/in"),
        ("webhook", "file:///etc/passwd"),
        ("webhook", "https://"),
        ("webhook", "https://user:word@hooks.example.com/"),
        ("webhook", "https://hooks.example.com:port/"),
        ("webhook", "https://hooks.example.com/\r\nX: 1"),
        ("webhook", "hooks.example.com"),
    ],
)
def test_other_addresses_are_refused(service: str, address: str) -> None:
    with pytest.raises(AddressRefused):
        target_of(address, service, [])


@pytest.mark.parametrize(
    "ip",
    [
        "127.0.0.1", "10.0.0.5", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "::1", "::ffff:10.0.0.5", "::ffff:8.8.8.8", "fe80::1", "fd00::1", "64:ff9b::a00:5", "2002:a00:5::1", "ff02::1",
    ],
)  # fmt: skip
def test_a_name_that_leads_into_a_private_network_is_refused(monkeypatch: pytest.MonkeyPatch, ip: str) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in ("1.1.1.1", ip)]
    monkeypatch.setattr(addresses.socket, "getaddrinfo", lambda *_args, **_options: found)
    with pytest.raises(AddressRefused):
        resolved(target_of("https://hooks.example.com/", "webhook", []))
    assert resolved(target_of("https://hooks.example.com/", "webhook", ["hooks.example.com"])) == "1.1.1.1"


def test_a_public_address_is_connected_to_as_it_was_resolved(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("1.1.1.1", 443))]
    monkeypatch.setattr(addresses.socket, "getaddrinfo", lambda *_args, **_options: found)
    assert resolved(target_of("https://hooks.example.com/", "webhook", [])) == "1.1.1.1"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f.1", "127.1"])
def test_no_spelling_of_this_machine_is_posted_to(host: str, settings: Any) -> None:
    settings.NOTICE_TRUSTED_HOSTS = []
    channel = NoticeChannel(service="webhook", address=f"https://{host}/", secret="s")
    with override("en"):
        assert post_message(channel, MESSAGE, NOW).error == "The address leads into a private network."


def test_a_host_is_trusted_by_its_port_where_one_is_named() -> None:
    with pytest.raises(AddressRefused):
        target_of("http://hooks.lan:8001/", "webhook", ["hooks.lan:8000"])
    assert target_of("http://hooks.lan:8000/", "webhook", ["hooks.lan:8000"]).is_trusted
    assert target_of("http://hooks.lan:8001/", "webhook", ["hooks.lan"]).is_trusted
