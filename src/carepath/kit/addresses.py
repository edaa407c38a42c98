"""Which addresses of the world a server of ours may be sent to by somebody who types a URL."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import quote, urljoin, urlsplit

from carepath.kit.words import _

_NO_ADDRESS = _("This is not a web address that a calendar can be read from.")
_NAME = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?\Z")

# Ranges that are not the public internet but that some Python calls global, or that a cloud keeps for itself.
_NOT_OURS = tuple(
    ip_network(each)
    for each in ("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32", "2001::/23", "2001:db8::/32", "3fff::/20")
)
_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")


class FetchProblem(Exception):
    """Why nothing was fetched. `reason` names no address of ours and no part of the URL."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Target:
    """A checked URL in parts: what to resolve, what to ask for and what a redirect is relative to."""

    scheme: str
    host: str
    port: int
    path: str
    url: str

    @property
    def named(self) -> str:
        """The Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port in {80, 443} else f"{host}:{self.port}"


def is_public(text: str) -> bool:
    """Whether anybody on the internet could reach that address, by whatever name it hides an IPv4 one."""
    address = ip_address(text)
    if isinstance(address, IPv6Address):
        if address in _NAT64:
            return is_public(str(IPv4Address(int(address) & 0xFFFFFFFF)))
        if address.scope_id or address not in _UNICAST or not all(map(is_public, _within(address))):
            return False
    return address.is_global and not address.is_multicast and not any(address in each for each in _NOT_OURS)


def _within(address: IPv6Address) -> list[str]:
    """IPv4 addresses that tunnels would unpack: 6to4 and ISATAP (Teredo and the mapped forms are refused whole)."""
    inner = [str(address.sixtofour)] if address.sixtofour else []
    if int(address) >> 32 & 0xFDFFFFFF == 0x5EFE:
        inner.append(str(IPv4Address(int(address) & 0xFFFFFFFF)))
    return inner


def joined(url: str, location: str) -> str:
    """Where a redirect from `url` leads."""
    try:
        return urljoin(url, location)
    except ValueError:
        raise FetchProblem(_NO_ADDRESS) from None


def target(url: str, allow_private: bool, plain: bool) -> Target:
    """The URL in parts. FetchProblem unless it is https (or http, if `plain`) on the usual port of a plain host."""
    url = url.strip()
    if len(url) > 2_000 or re.search(r"[\x00-\x20\x7f\\]", url):
        raise FetchProblem(_NO_ADDRESS)
    try:
        parts = urlsplit(re.sub(r"\Awebcals?:", "https:", url, flags=re.IGNORECASE))
        port = parts.port or (80 if parts.scheme == "http" else 443)
    except ValueError:
        raise FetchProblem(_NO_ADDRESS) from None
    if parts.scheme != "https" and not (plain and parts.scheme == "http"):
        raise FetchProblem(_("The address must begin with https:// or webcal://."))
    if "@" in parts.netloc:
        raise FetchProblem(_("The address must not contain a user name or password."))
    if port != 443 and not allow_private:
        raise FetchProblem(_("The address must not name a port."))
    host = _host(parts.hostname or "", allow_private)
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._") + (f"?{_query(parts.query)}" if parts.query else "")
    return Target(parts.scheme, host, port, path, parts.geturl())


def _query(text: str) -> str:
    return quote(text, safe="/?%:@!$&'()*+,;=~-._")


def _host(host: str, allow_private: bool) -> str:
    """A plain name or a plainly written address: other spellings of numbers are for hiding one."""
    try:
        return str(ip_address(host))
    except ValueError:
        host = host.removesuffix(".")
    if not _NAME.match(host) or ("." not in host and not allow_private):
        raise FetchProblem(_NO_ADDRESS)
    return host
