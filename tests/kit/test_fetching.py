"""A fetch on behalf of whoever typed an address: it reaches nothing but the public internet, in bounded time and space."""

import asyncio
import gzip
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from carepath.kit import addresses, fetching
from carepath.kit.addresses import FetchProblem, is_public
from carepath.kit.fetching import fetch
from tests.servers import Behaviour, Stranger, answer, stranger

FILE = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
UNREACHABLE = "There is no public server at this address."
NAME = "calendar.example"


async def problem(url: str, **options: object) -> str:
    with pytest.raises(FetchProblem) as met:
        await fetch(url, **options)  # type: ignore[arg-type]
    return met.value.reason


async def locally(reply: bytes | Behaviour, seconds: float = 5) -> str:
    """What is said of a server on this machine that answers so."""
    async with stranger(reply) as other:
        return await problem(other.url, allow_private=True, seconds=seconds)


async def test_a_file_is_read_with_the_mark_of_its_version():
    async with stranger(answer(FILE, "200 OK", 'ETag: "7"')) as other:
        found = await fetch(other.url, allow_private=True)
    assert (found.body, found.etag) == (FILE, '"7"')
    assert "Accept-Encoding: identity" in other.asked[0]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "224.0.0.1",
        "255.255.255.255", "192.0.0.8", "192.0.2.1", "198.18.0.1", "168.63.129.16", "::1", "::", "fe80::1", "fc00::1",
        "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1", "2002:7f00:1::1", "2001:db8::1", "2001:0:1::1", "ff02::1",
        "2606:4700::200:5efe:7f00:1",
    ],
)  # fmt: skip
async def test_no_address_of_a_private_network_is_public(address: str):
    assert not is_public(address)
    host = f"[{address}]" if ":" in address else address
    assert await problem(f"https://{host}/a.ics") in {UNREACHABLE, addresses._NO_ADDRESS}


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111", "64:ff9b::808:808"])
def test_addresses_of_the_internet_are_public(address: str):
    assert is_public(address)


@given(st.ip_addresses(v=4))
def test_an_address_hidden_in_a_tunnel_is_no_more_public_than_itself(address: object):
    number = int(address)  # type: ignore[call-overload]
    sixtofour = f"2002:{number >> 16:x}:{number & 0xFFFF:x}::1"
    assert is_public(f"64:ff9b::{number >> 16:x}:{number & 0xFFFF:x}") == is_public(str(address))
    assert not is_public(sixtofour) or is_public(str(address))


@pytest.mark.parametrize(
    "url",
    [
        "", "calendar", "ftp://calendar.example/a", "file:///etc/passwd", "http://calendar.example/a", "https://",
        "https://localhost/", "https://calendar.example:8443/", "https://a:b@calendar.example/", "https://calendar.example@10.0.0.1/",
        "https://0x7f000001/", "https://2130706433/", "https://0177.0.0.1/", "https://127.1/", "https://[::1", "https://a b/",
        "https://calendar.example\\@10.0.0.1/", "https://calendar.example/\r\nHost: x", "javascript:alert(1)",
        "https://" + "a" * 2000 + ".example/", "https://calendar.example:99999/", "gopher://calendar.example/", "https://ａ.example／/",
    ],
)  # fmt: skip
async def test_an_address_that_is_none_is_refused_before_anything_is_looked_up(url: str):
    async def never(host: str, port: int) -> Sequence[str]:
        raise AssertionError(f"{host} was looked up")

    assert await problem(url, resolve=never)


@pytest.mark.parametrize("found", [["10.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["8.8.8.8", "::1"], [], ["nonsense"]])
async def test_one_private_answer_among_public_ones_refuses_them_all(found: list[str]):
    async def resolve(host: str, port: int) -> Sequence[str]:
        return found

    assert await problem(f"https://{NAME}/", resolve=resolve) == UNREACHABLE


async def test_a_name_that_does_not_exist_sounds_like_a_private_one():
    async def resolve(host: str, port: int) -> Sequence[str]:
        raise OSError("no such name")

    assert await problem(f"https://{NAME}/", resolve=resolve) == UNREACHABLE


def certified(name: str, folder: Path) -> ssl.SSLContext:
    """A server's TLS for `name`, signed by itself; the certificate is left in `folder`."""
    key, subject = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "key.pem").write_bytes(private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


class Internet:
    """This machine stands in for 8.8.8.8: what is connected to port 443 there arrives at a server here."""

    def __init__(self, patch: pytest.MonkeyPatch, folder: Path) -> None:
        self.port, self.looked_up, self.connected = 0, list[str](), list[str]()
        self.trust = ssl.create_default_context(cafile=str(folder / "cert.pem"))
        real = asyncio.open_connection

        async def connect(host: str, port: int, **options: object) -> object:
            self.connected.append(host)
            return await real("127.0.0.1", self.port, **options)  # type: ignore[arg-type]

        patch.setattr(asyncio, "open_connection", connect)

    async def resolve(self, host: str, port: int) -> Sequence[str]:
        """Public the first time, private ever after."""
        self.looked_up.append(host)
        return ["8.8.8.8"] if self.looked_up.count(host) == 1 else ["127.0.0.1"]

    async def problem(self, url: str, other: Stranger) -> str:
        self.port = other.port
        return await problem(url, resolve=self.resolve, trust=self.trust)


async def test_a_name_is_looked_up_once_and_that_very_address_is_connected(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    """Rebinding: a second answer would be private, and is never asked for."""
    tls = certified(NAME, tmp_path)
    net = Internet(monkeypatch, tmp_path)
    async with stranger(answer(FILE), tls) as other:
        net.port = other.port
        found = await fetch(f"webcal://{NAME}/a.ics?b=c", resolve=net.resolve, trust=net.trust)
    assert (found.body, net.looked_up, net.connected) == (FILE, [NAME], ["8.8.8.8"])
    assert other.asked[0].startswith("GET /a.ics?b=c HTTP/1.1\r\nHost: calendar.example\r\n")


@pytest.mark.parametrize(
    ("location", "said"),
    [
        ("https://10.0.0.1/admin", UNREACHABLE),
        ("https://169.254.169.254/latest/meta-data/", UNREACHABLE),
        ("//[::1]/", UNREACHABLE),
        ("http://calendar.example/plain", "The address must begin with https:// or webcal://."),
        ("https://calendar.example:22/", "The address must not name a port."),
        ("file:///etc/passwd", "The address must begin with https:// or webcal://."),
        ("/again", UNREACHABLE),
    ],
)
async def test_every_redirect_is_checked_from_the_beginning(
    location: str, said: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    """The last case is the same host again, which now answers with a private address."""
    tls = certified(NAME, tmp_path)
    net = Internet(monkeypatch, tmp_path)
    async with stranger(answer(b"", "302 Found", f"Location: {location}"), tls) as other:
        assert await net.problem(f"https://{NAME}/a.ics", other) == said
    assert net.connected == ["8.8.8.8"]


async def test_a_certificate_for_another_name_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    tls = certified("other.example", tmp_path)
    net = Internet(monkeypatch, tmp_path)
    async with stranger(answer(FILE), tls) as other:
        said = await net.problem(f"https://{NAME}/a.ics", other)
    assert said == "The server's certificate is not valid for this address."
    assert other.asked == []


async def test_a_certificate_that_nobody_vouches_for_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    tls = certified(NAME, tmp_path)
    net = Internet(monkeypatch, tmp_path)
    net.trust = ssl.create_default_context()
    async with stranger(answer(FILE), tls) as other:
        assert "certificate" in await net.problem(f"https://{NAME}/a.ics", other)


async def test_a_circle_of_redirects_ends():
    assert await locally(answer(b"", "301 Moved", "Location: /again")) == "The address is forwarded too often."


async def drip(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.02)


async def silence(writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


@pytest.mark.parametrize("reply", [drip, silence], ids=["drip", "silence"])
async def test_a_server_that_never_ends_is_given_its_time_and_no_more(reply: Behaviour):
    assert await locally(reply, seconds=0.3) == "The server took too long."


async def flood(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"10000\r\n" + b"x" * 65536 + b"\r\n")
        await writer.drain()


async def crumbs(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"1\r\nx\r\n" * 5_000)
        await writer.drain()


async def head(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X-More: " + b"x" * 1000 + b"\r\n")
        await writer.drain()


LARGER, BROKEN = "The file is larger than 2 MB.", "The server's answer is broken."


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (flood, LARGER),
        (crumbs, BROKEN),
        (head, BROKEN),
        (answer(FILE, "200 OK", *(f"X-{n}: {'x' * 500}" for n in range(100))), BROKEN),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n", LARGER),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", BROKEN),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", BROKEN),
        (b"\x00\xff\xfe nonsense\r\n\r\n", BROKEN),
        (b"", BROKEN),
        (answer(gzip.compress(b"x" * 10_000_000), "200 OK", "Content-Encoding: gzip"), "The server sends a compressed file, which is not read."),
        (answer(b"no", "404 Not Found"), "The server answers 404 instead of the calendar."),
        (answer(b"", "204 No Content"), "The server answers 204 instead of the calendar."),
        (answer(b"", "304 Not Modified"), "The server answers 304 instead of the calendar."),
    ],
    ids=["flood", "crumbs", "endless head", "many headers", "length lies", "negative", "short", "noise", "nothing", "gzip bomb", "404", "204", "304"],
)  # fmt: skip
async def test_whatever_a_server_sends_is_counted_while_it_arrives(reply: bytes | Behaviour, said: str):
    assert await locally(reply) == said


async def test_a_compressed_body_that_does_not_say_so_is_never_unpacked():
    packed = gzip.compress(b"x" * 10_000_000)
    async with stranger(answer(packed)) as other:
        assert (await fetch(other.url, allow_private=True)).body == packed


async def test_no_problem_repeats_a_word_of_the_address():
    async with stranger(answer(b"", "302 Found", "Location: ftp://x/")) as other:
        said = await problem(other.url, allow_private=True)
    assert "secret" not in said
    assert "127.0.0.1" not in said


def test_the_limit_on_a_file_is_the_parser_s():
    from carepath.scheduling.rules.feed_limits import MOST_BYTES

    assert fetching.MOST_BYTES == MOST_BYTES
