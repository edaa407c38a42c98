"""Fetching a file from an address that a person typed, without becoming their way into our own network.

The name is resolved once, every address it has must be public, and the connection goes to the very address that
was checked: a second resolution could answer differently. Every redirect starts over. Whatever the other side
sends is counted while it arrives.
"""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address

import h11

from carepath.kit.addresses import FetchProblem, Target, is_public, joined
from carepath.kit.addresses import target as parsed
from carepath.kit.words import _

MOST_BYTES = 2 * 1024 * 1024
_MOST_HEADERS = 32 * 1024
_MOST_EVENTS = 50_000
_MOST_REDIRECTS = 3
_MOST_ADDRESSES = 4
_READ = 16 * 1024
_REDIRECTS = {301, 302, 303, 307, 308}

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]

# One answer for a name that does not exist and one that is private: the difference would map our network.
_UNREACHABLE = _("There is no public server at this address.")
_NO_ANSWER = _("The server does not answer.")


@dataclass(frozen=True, slots=True)
class Fetched:
    """What was there, and the server's mark of this version if it gave one."""

    body: bytes
    etag: str | None


async def fetch(
    url: str,
    *,
    allow_private: bool = False,
    resolve: Resolver | None = None,
    trust: ssl.SSLContext | None = None,
    seconds: float = 15,
) -> Fetched:
    """The file at an https or webcal address, 2 MB at most. FetchProblem for every other outcome.

    `allow_private` is for tests and development: it also allows http, any port and any address.
    """
    try:
        async with asyncio.timeout(seconds):
            return await _follow(url, allow_private, resolve or _system, trust or _trusted())
    except TimeoutError:
        raise FetchProblem(_("The server took too long.")) from None


async def _follow(url: str, allow_private: bool, resolve: Resolver, trust: ssl.SSLContext) -> Fetched:
    plain = allow_private
    for _redirect in range(_MOST_REDIRECTS + 1):
        target = parsed(url, allow_private, plain)
        async with _connected(target, await _addresses(target, allow_private, resolve), trust) as (reader, writer):
            try:
                found = await _ask(target, reader, writer)
            except h11.ProtocolError:
                raise FetchProblem(_("The server's answer is broken.")) from None
            except OSError as problem:
                if isinstance(problem, TimeoutError):
                    raise
                raise FetchProblem(_("The connection broke off.")) from None
        if isinstance(found, Fetched):
            return found
        plain = plain and target.scheme == "http"
        url = joined(target.url, found)
    raise FetchProblem(_("The address is forwarded too often."))


async def _system(host: str, port: int) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_kind, address in found]


async def _addresses(target: Target, allow_private: bool, resolve: Resolver) -> list[str]:
    """All of the host's addresses, or none: one private among public ones is an attack, not a mistake."""
    try:
        literal = [str(ip_address(target.host))]
    except ValueError:
        literal = []
    try:
        found = literal or list(dict.fromkeys(await resolve(target.host, target.port)))
        public = allow_private or all(map(is_public, found))
    except (OSError, ValueError):
        raise FetchProblem(_UNREACHABLE) from None
    if not found or not public:
        raise FetchProblem(_UNREACHABLE)
    return found[:_MOST_ADDRESSES]


@lru_cache(maxsize=1)
def _trusted() -> ssl.SSLContext:
    return ssl.create_default_context()


@asynccontextmanager
async def _connected(
    target: Target, addresses: list[str], trust: ssl.SSLContext
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to the first address that answers, the certificate checked against the name."""
    secure = trust if target.scheme == "https" else None
    for address in addresses:
        try:
            reader, writer = await asyncio.open_connection(
                address, target.port, ssl=secure, server_hostname=target.host if secure else None
            )
            break
        except ssl.SSLCertVerificationError:
            raise FetchProblem(_("The server's certificate is not valid for this address.")) from None
        except OSError:
            continue
    else:
        raise FetchProblem(_NO_ANSWER)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def _ask(target: Target, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Fetched | str:
    """The file, or where the server says it is."""
    connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=_MOST_HEADERS)
    headers = {
        "Host": target.named, "User-Agent": "Carepath calendar import", "Accept": "text/calendar, */*;q=0.5",
        "Accept-Encoding": "identity", "Connection": "close",
    }  # fmt: skip
    request = h11.Request(method="GET", target=target.path, headers=list(headers.items()))
    writer.write((connection.send(request) or b"") + (connection.send(h11.EndOfMessage()) or b""))
    await writer.drain()
    body, etag = bytearray(), None
    async for event in _events(connection, reader):
        if isinstance(event, h11.Response):
            location, etag = _accepted(event)
            if location is not None:
                return location
        elif isinstance(event, h11.Data):
            body += event.data
            _small(len(body))
        elif isinstance(event, h11.EndOfMessage):
            return Fetched(bytes(body), etag)
    raise FetchProblem(_("The server's answer is broken."))


async def _events(connection: h11.Connection, reader: asyncio.StreamReader) -> AsyncIterator[h11.Event]:
    for _event in range(_MOST_EVENTS):
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(_READ))
        elif isinstance(event, h11.Event):
            yield event


def _accepted(answer: h11.Response) -> tuple[str | None, str | None]:
    """Where else to look, and the version's mark. FetchProblem for an answer that we do not read."""
    raw = answer.headers.raw_items()
    if sum(len(name) + len(value) for name, value in raw) > _MOST_HEADERS:
        raise FetchProblem(_("The server's answer is broken."))
    found = {name.lower().decode("latin-1"): value.decode("latin-1") for name, value in raw}
    if answer.status_code in _REDIRECTS and "location" in found:
        return found["location"], None
    if answer.status_code != 200:
        raise FetchProblem(_("The server answers {code} instead of the calendar.").format(code=answer.status_code))
    if found.get("content-encoding", "identity").strip().lower() != "identity":
        raise FetchProblem(_("The server sends a compressed file, which is not read."))
    _small(int(found.get("content-length", "0")))
    etag = found.get("etag", "")
    return None, etag if 0 < len(etag) <= 200 and etag.isascii() else None


def _small(size: int) -> None:
    if size > MOST_BYTES:
        raise FetchProblem(_("The file is larger than 2 MB."))
