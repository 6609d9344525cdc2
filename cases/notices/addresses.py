"""Where notices may be sent: robots only at their service's hosts, webhooks only over HTTPS to the open internet."""

from __future__ import annotations

import socket
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from cases.models import NoticeChannel

Service = NoticeChannel.Service
HOSTS: dict[str, frozenset[str]] = {
    Service.DINGTALK: frozenset({"oapi.dingtalk.com"}),
    Service.FEISHU: frozenset({"open.feishu.cn", "open.larksuite.com"}),
    Service.WECOM: frozenset({"qyapi.weixin.qq.com"}),
}


class AddressRefused(ValueError):
    """Nothing is sent to this address. The message says why, translated."""


@dataclass(frozen=True, slots=True)
class Target:
    """A checked address. `path` holds the query too, and with it the token of a robot."""

    scheme: str
    host: str
    port: int
    path: str
    is_trusted: bool

    @property
    def authority(self) -> str:
        return self.host if self.port == (443 if self.scheme == "https" else 80) else f"{self.host}:{self.port}"


def target_of(address: str, service: str, trusted: Collection[str]) -> Target:
    """Take an address apart. `trusted` (`host` or `host:port`) may be anywhere and do without HTTPS.

    Raises AddressRefused for what is no address, another scheme than HTTPS, a user name in it, and for a robot whose
    service has other hosts.
    """
    try:
        parts = urlsplit(address)
        port = parts.port or (80 if parts.scheme == "http" else 443)
    except ValueError:
        raise AddressRefused(_("This is not an address.")) from None
    host = (parts.hostname or "").lower()
    if not host or parts.username is not None or not address.isprintable() or " " in address:
        raise AddressRefused(_("This is not an address."))
    is_trusted = host in trusted or f"{host}:{port}" in trusted
    if parts.scheme != "https" and not (is_trusted and parts.scheme == "http"):
        raise AddressRefused(_("The address must begin with https://."))
    if not is_trusted and service in HOSTS and (host not in HOSTS[service] or port != 443):
        hosts = ", ".join(sorted(HOSTS[service]))
        raise AddressRefused(_("The robots of this service have addresses at %(hosts)s.") % {"hosts": hosts})
    path = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
    return Target(parts.scheme, host, port, path, is_trusted)


def resolved(target: Target) -> str:
    """The IP address to connect to; it is used as it is, so that a name cannot point elsewhere a moment later.

    Raises AddressRefused where the name is unknown, or any of its addresses belongs to no host of the open internet.
    """
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise AddressRefused(_("The host of the address is not known.")) from None
    addresses = [str(entry[4][0]) for entry in found]
    if not target.is_trusted and not all(_is_public(address) for address in addresses):
        raise AddressRefused(_("The address leads into a private network."))
    return addresses[0]


NAT64 = "64:ff9b:"


def _is_public(address: str) -> bool:
    ip = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address):
        if ip.ipv4_mapped is not None or ip.sixtofour is not None or ip.teredo is not None:
            return False
        if str(ip).startswith(NAT64):
            return False
    return ip.is_global and not ip.is_multicast
