"""Fetch documents from the web: only where the user allows it, and never from inside a network."""

from __future__ import annotations

import ipaddress
import mimetypes
import socket
import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import httpcore

from pipeline.errors import UnreadableDocumentError

# What the registry of types on some computers does not know; the content decides in the end.
_SUFFIXES = {
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.oasis.opendocument.text": ".odt",
    "application/epub+zip": ".epub",
    "text/markdown": ".md",
    "text/plain": ".txt",  # the registry's first choice is .bat on some
}
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_BY_HAND = "Download it in a browser and give the file"


@dataclass(frozen=True)
class FetchLimits:
    """What fetching one document may take; each number has its reason beside it."""

    most_bytes: int = 200_000_000  # as much as an archive may unpack to
    seconds: float = 300.0  # the whole of that at 0.7 MB/s
    seconds_of_silence: float = 20.0  # a server that says nothing for so long is not going to
    redirects: int = 5  # sign-in pages send people round in circles


def is_url(given: str) -> bool:
    """Say whether an input is an address on the web and no path."""
    return given.lower().startswith(("http://", "https://"))


def fetch(url: str, folder: Path, name: str, limits: FetchLimits | None = None) -> Path:
    """Fetch ``url`` into ``folder`` as ``name`` with the ending its type or address asks for.

    Raises ``UnreadableDocumentError`` where there is no such document, where it is too large or slow, and
    where it or what it redirects to lies inside a network (private, loopback, link-local or reserved
    addresses): an address from elsewhere has no business there. Proxies are not used, because a proxy and
    not this program would then choose the address.
    """
    limits = limits or FetchLimits()
    asked = url
    end = time.monotonic() + limits.seconds
    with httpcore.ConnectionPool(network_backend=_PublicAddresses(end), max_connections=1) as pool:
        for _ in range(limits.redirects + 1):
            _check(asked, url)
            try:
                with pool.stream(
                    "GET", url, headers=_headers(url), extensions={"timeout": _timeouts(limits)}
                ) as answer:
                    headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in answer.headers}
                    if answer.status in _REDIRECTS and "location" in headers:
                        url = _joined(asked, url, headers["location"])
                        continue
                    if answer.status != 200:
                        raise UnreadableDocumentError(
                            asked, f"the server answered {answer.status}", f"Check the address. {_BY_HAND}"
                        )
                    path = folder / f"{name}{_suffix(url, headers.get('content-type', ''))}"
                    _save(answer.iter_stream(), path, asked, limits)
                    return path
            except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
                why = str(error) or "no answer in time"
                raise UnreadableDocumentError(
                    asked,
                    f"it could not be fetched ({why})",
                    f"Check the address and your connection. {_BY_HAND}",
                ) from error
    raise UnreadableDocumentError(
        asked, f"it leads on to another address more than {limits.redirects} times", _BY_HAND
    )


def _joined(asked: str, url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError as error:
        raise _no_address(asked) from error


def _check(asked: str, url: str) -> None:
    try:
        parts = urlsplit(url)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        good = False
    if not good or not url.isascii() or not url.isprintable() or " " in url:
        raise _no_address(asked)


def _no_address(asked: str) -> UnreadableDocumentError:
    return UnreadableDocumentError(
        asked, "it is, or leads to, no address that can be fetched", f"Copy it from a browser. {_BY_HAND}"
    )


def _headers(url: str) -> dict[bytes | str, bytes | str]:
    # Nothing compressed: then what is counted is what is stored.
    return {
        "Host": urlsplit(url).netloc.rpartition("@")[2],
        "Accept-Encoding": "identity",
        "User-Agent": "equity-frames",
    }


def _timeouts(limits: FetchLimits) -> dict[str, float]:
    return dict.fromkeys(("connect", "read", "write", "pool"), limits.seconds_of_silence)


def _save(chunks: Iterable[bytes], path: Path, asked: str, limits: FetchLimits) -> None:
    size = 0
    with path.open("wb") as file:
        for chunk in chunks:
            size += len(chunk)
            if size > limits.most_bytes:
                raise UnreadableDocumentError(
                    asked, f"it is larger than {limits.most_bytes / 1e6:,.0f} MB", _BY_HAND
                )
            file.write(chunk)


def _suffix(url: str, kind: str) -> str:
    kind = kind.partition(";")[0].strip().lower()
    by_name = PurePosixPath(unquote(urlsplit(url).path)).suffix
    if (
        by_name
        and by_name[1:].isalnum()
        and len(by_name) <= 9
        and kind not in {"text/html", "application/pdf"}
    ):
        return by_name.lower()
    return _SUFFIXES.get(kind) or mimetypes.guess_extension(kind) or ""


class _PublicAddresses(httpcore.NetworkBackend):
    """Connects to public addresses only: looked up once, checked, and that very one connected to.

    So a name that means another address the next time it is asked for gains nothing. The name itself goes
    on to be what the certificate is checked against.
    """

    def __init__(self, end: float) -> None:
        self._plain, self._end = httpcore.SyncBackend(), end

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"there is no server called {host}") from error
        addresses = list(dict.fromkeys(str(where[4][0]) for where in found))
        for address in addresses:
            if not is_public(address):
                raise httpcore.ConnectError(f"{host} lies inside a network, at {address}")
        failed: Exception | None = None
        for address in addresses:
            try:
                left = _left(self._end, timeout)
                plain = self._plain.connect_tcp(address, port, left, local_address, socket_options)
                return _TimedStream(plain, self._end)
            except (httpcore.NetworkError, httpcore.TimeoutException) as error:
                failed = error
        raise httpcore.ConnectError(f"{host} does not answer") from failed


class _TimedStream(httpcore.NetworkStream):
    """A connection that ends at a set time, however slowly the other side drips."""

    def __init__(self, plain: httpcore.NetworkStream, end: float) -> None:
        self._plain, self._end = plain, end

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._plain.read(max_bytes, _left(self._end, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._plain.write(buffer, _left(self._end, timeout))

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _TimedStream(
            self._plain.start_tls(ssl_context, server_hostname, _left(self._end, timeout)), self._end
        )

    def close(self) -> None:
        self._plain.close()

    def get_extra_info(self, info: str) -> Any:
        return self._plain.get_extra_info(info)


def _left(end: float, timeout: float | None) -> float:
    """Return the seconds that are left until ``end``, ``timeout`` at most."""
    left = end - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("it takes too long")
    return left if timeout is None else min(left, timeout)


def is_public(address: str) -> bool:
    """Say whether an IP address is one that anyone on the internet may reach."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        # Addresses that carry an older one inside lead to that one.
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo or (None, None))[1] or _behind_nat64(ip)
        if inner is not None:
            return is_public(str(inner))
        if ip.is_site_local:
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved and not ip.is_unspecified


def _behind_nat64(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    inside = ip in ipaddress.ip_network("64:ff9b::/96") or ip in ipaddress.ip_network("::/96")
    return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if inside else None
