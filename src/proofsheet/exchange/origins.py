"""Where a URL leads: its origin, and what kind of address its host is."""

from __future__ import annotations

import ipaddress
import re
from typing import Any, NamedTuple

import httpx2

_DEFAULT_PORTS = {"http": 80, "https": 443}
#: Addresses at which clouds serve machine credentials and that no address class covers.
_METADATA = frozenset({ipaddress.ip_address("fd00:ec2::254"), ipaddress.ip_address("100.100.100.200")})
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")

_SCHEME = re.compile(r"\s*[A-Za-z][A-Za-z0-9+.-]*:")
_HOST = re.compile(r"[A-Za-z0-9._-]+|\[?[0-9A-Fa-f:.]+\]?")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class UnusableURL(ValueError):
    """Not a URL that the harness would send anything to; the message says why, as the end of a sentence."""


class Origin(NamedTuple):
    """Scheme, host and port: what a credential is bound to."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + ("" if self.port == _DEFAULT_PORTS[self.scheme] else f":{self.port}")


def http_url(value: Any, base: httpx2.URL | None = None) -> httpx2.URL:
    """An absolute http(s) URL without a user name in it; a relative one is resolved against ``base``. Raises UnusableURL."""
    if not isinstance(value, str):
        raise UnusableURL(f"it is no string but {type(value).__name__}")
    try:
        url = httpx2.URL(value) if base is None or _SCHEME.match(value) else base.join(value)
    except (httpx2.InvalidURL, ValueError, TypeError):
        raise UnusableURL("it is no valid URL") from None
    if url.scheme not in _DEFAULT_PORTS:
        raise UnusableURL(f"its scheme is '{url.scheme[:20]}' and not http or https" if url.scheme else "it does not start with http:// or https://")
    if not url.host:
        raise UnusableURL("it names no host")
    if url.userinfo:
        raise UnusableURL("it has a user name or password in it")
    if not _HOST.fullmatch(url.raw_host.decode("ascii", "replace")):
        raise UnusableURL("its host name has characters that no host name has")
    if url.port is not None and not 0 < url.port < 65536:
        raise UnusableURL(f"there is no port {url.port}")
    return url


def origin_of(url: httpx2.URL) -> Origin:
    """The origin of a URL that ``http_url`` gave."""
    return Origin(url.scheme, url.raw_host.decode("ascii").lower().strip("[]"), url.port or _DEFAULT_PORTS[url.scheme])


def literal_address(host: str) -> Address | None:
    """The address that a host spells out; None where it is a name. An IPv4 address inside an IPv6 one counts as itself."""
    try:
        address = ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address):
        if address in _NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        return address.ipv4_mapped or address
    return address


def address_class(address: Address) -> str:
    """``public``, ``private`` (loopback and local networks), or ``forbidden`` (link-local, cloud metadata, no single host)."""
    if address.is_loopback:
        return "private"
    if address in _METADATA or address.is_link_local or address.is_multicast or address.is_unspecified or address.is_reserved:
        return "forbidden"
    return "public" if address.is_global else "private"


def is_local_host(host: str) -> bool:
    """Whether a host is loopback or private as it is written; names other than localhost count as public."""
    address = literal_address(host)
    if address is None:
        return host.lower().rstrip(".") == "localhost" or host.lower().rstrip(".").endswith(".localhost")
    return address_class(address) == "private"
