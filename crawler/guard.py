"""Where a crawl may go: checked for every request, and again for the very address that is connected to.

A name is looked up once for a connection, and what was looked up is what is checked and connected to: a name server that
answers otherwise the second time (DNS rebinding) is never asked a second time.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence
from typing import Any, Self
from urllib.parse import urlsplit
from urllib.request import getproxies

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import CannotResolveHostError, IgnoreRequest
from scrapy.resolver import CachingThreadedResolver
from twisted.internet.base import ReactorBase
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

USUAL_PORTS = (80, 443)
_SHARED = ipaddress.ip_network("100.64.0.0/10")  # carrier-grade NAT (RFC 6598): neither private nor global
# Prefixes that carry an IPv4 address: the bits after them, 32 at a time. Local-use NAT64 (RFC 8215) is private as a whole.
_CARRIERS = (
    (ipaddress.ip_network("64:ff9b::/96"), 0),  # NAT64 (RFC 6052)
    (ipaddress.ip_network("2002::/16"), 80),  # 6to4 (RFC 3056): the bits after the first 16
    (ipaddress.ip_network("::/96"), 0),  # IPv4-compatible (RFC 4291)
)
_LOCAL_NAT64 = ipaddress.ip_network("64:ff9b:1::/48")


class Allowed:
    """Which addresses may be connected to: public ones, and the networks that ALLOW_PRIVATE_ADDRESSES opens (True: all)."""

    def __init__(self, setting: Any) -> None:
        said = "" if setting in (None, False) else str(setting).strip()
        self.everything = said.lower() in ("true", "1", "yes")
        parts = () if self.everything or said.lower() in ("", "false", "0", "no") else said.split(",")
        self.networks: list[Network] = [ipaddress.ip_network(part.strip(), strict=False) for part in parts]

    def refuses(self, address: Address) -> str | None:
        """Why an address is none to connect to; None for one that is."""
        if self.everything or any(address in network for network in self.networks if network.version == address.version):
            return None
        inner = embedded(address)
        if inner is not None:
            why = self.refuses(inner)
            return f"{why} within {address}" if why else None
        return _kind(address)


def embedded(address: Address) -> Address | None:
    """The IPv4 address that an IPv6 address stands for: mapped, compatible, 6to4, NAT64; None for any other."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address.ipv4_mapped:
        return address.ipv4_mapped
    for network, shift in _CARRIERS:
        if address in network and int(address) > 1:  # :: and ::1 are themselves
            return ipaddress.IPv4Address(int(address) >> shift & 0xFFFFFFFF)
    return None


def _kind(address: Address) -> str | None:
    kinds = {
        "unspecified": address.is_unspecified, "loopback": address.is_loopback, "link-local": address.is_link_local,
        "multicast": address.is_multicast, "shared": address.version == 4 and address in _SHARED,
        "private": address.is_private or (address.version == 6 and address in _LOCAL_NAT64), "reserved": not address.is_global,
    }  # fmt: skip
    return next((f"{address} is a {kind} address" for kind, is_one in kinds.items() if is_one), None)


def literal(host: str) -> Address | None:
    """The address that a URL's host spells out, in any way an operating system reads: `127.1`, `0x7f.1`, `2130706433`."""
    bare = host.strip("[]").split("%")[0]
    try:
        if ":" in bare:
            return ipaddress.IPv6Address(bare)
        return ipaddress.IPv4Address(socket.inet_aton(bare)) if bare[:1].isdigit() else None
    except (OSError, ValueError):
        return None


class GuardedResolver(CachingThreadedResolver):
    """Looks names up and refuses the addresses nobody may be sent to. The operator's own proxies are excepted."""

    refused: dict[str, str]
    allowed: Allowed

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> Self:
        """Settings: ALLOW_PRIVATE_ADDRESSES, and Scrapy's own."""
        resolver = super().from_crawler(crawler, reactor)
        resolver.allowed = Allowed(crawler.settings["ALLOW_PRIVATE_ADDRESSES"])
        resolver.proxies = {urlsplit(url if "//" in url else f"//{url}").hostname for url in getproxies().values()}
        return resolver

    proxies: set[str | None]

    def getHostByName(self, name: str, timeout: Sequence[int] = ()) -> Deferred[str]:  # noqa: N802 -- Twisted's name
        """The address of a name, checked each time, also when it was looked up before."""
        found = super().getHostByName(name, timeout)
        return found if name in self.proxies else found.addCallback(self._checked, name)

    def _checked(self, address: str, name: str) -> str:
        if why := self.allowed.refuses(ipaddress.ip_address(address)):
            REFUSED[name] = why
            raise DNSLookupError(f"{name}: {why}")  # of any other error Twisted only writes into its log
        return address


REFUSED: dict[str, str] = {}  # name -> why; between the resolver, which only can say "not found", and the guard


class Guard:
    """A downloader middleware: scheme, port and spelled-out address of every request, redirects and robots.txt included."""

    def __init__(self, crawler: Crawler, allowed: Allowed) -> None:
        self.crawler = crawler
        self.allowed = allowed
        self._named: frozenset[str] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Setting: ALLOW_PRIVATE_ADDRESSES."""
        return cls(crawler, Allowed(crawler.settings["ALLOW_PRIVATE_ADDRESSES"]))

    def process_request(self, request: Request) -> None:
        """Refuse what leads where nobody may be sent.

        Raises:
            IgnoreRequest: with what was found.
        """
        parts = urlsplit(request.url)
        if parts.scheme not in ("http", "https"):
            raise IgnoreRequest(f"{parts.scheme or 'no'} is no scheme that is asked")
        address = literal(parts.hostname or "")
        if address and (why := self.allowed.refuses(address)):
            raise IgnoreRequest(f"{why}: not asked")
        if parts.port not in (None, *USUAL_PORTS) and not self.allowed.everything and parts.netloc.lower() not in self._catalogue():
            raise IgnoreRequest(f"port {parts.port} is not asked, for the catalogue does not name {parts.netloc}")

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Say of a name that was refused why it was."""
        name = urlsplit(request.url).hostname or ""
        if isinstance(exception, DNSLookupError | CannotResolveHostError) and name in REFUSED:
            raise IgnoreRequest(f"{name} leads to a place nobody may be sent to: {REFUSED[name]}")

    def _catalogue(self) -> frozenset[str]:
        if self._named is None:
            outlets = getattr(self.crawler.spider, "outlets", ())
            urls = [outlet.home for outlet in outlets] + [source.url for outlet in outlets for source in outlet.sources]
            self._named = frozenset(urlsplit(url).netloc.lower() for url in urls)
        return self._named
