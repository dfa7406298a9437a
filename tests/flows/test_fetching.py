from __future__ import annotations

import socket
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpcore
import pandas as pd
import pytest

from flows import fetching
from flows.fetching import FetchLimits, fetch, is_public, is_url
from pipeline.errors import UnreadableDocumentError
from tests.flows.conftest import run

PAGE = b"<html><body><h1>Buses</h1><p>The district pays for a second bus.</p></body></html>"


class Site(BaseHTTPRequestHandler):
    """What a server may answer; the path says which."""

    def do_GET(self):
        name = self.path.split("?")[0].strip("/")
        self.server.hosts.append(self.headers["Host"])
        if name.startswith("to="):
            self.send_response(302)
            self.send_header("Location", self.path.split("=", 1)[1])
            self.end_headers()
        elif name == "missing.pdf":
            self.send_error(404)
        elif name in {"page", "page.pdf", "page.txt"}:
            self.answer(PAGE, "text/html; charset=utf-8" if name != "page.txt" else "text/plain")
        elif name == "large":
            self.send_response(200)
            self.end_headers()
            for _ in range(100):
                self.wfile.write(b"x" * 10_000)
        elif name == "slow":
            self.send_response(200)
            self.end_headers()
            for _ in range(100):
                self.wfile.write(b"x")
                self.wfile.flush()
                time.sleep(0.1)
        elif name == "drip":
            for _ in range(100):
                self.wfile.write(b"H")
                self.wfile.flush()
                time.sleep(0.1)
        elif name == "silent":
            time.sleep(3)

    def answer(self, body, kind):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    hosts: list[str]

    def handle_error(self, *_):
        pass  # the other side hangs up where it has had enough


@pytest.fixture(scope="module")
def server():
    with Server(("127.0.0.1", 0), Site) as site:
        site.hosts = []
        threading.Thread(target=site.serve_forever, daemon=True).start()
        yield site
        site.shutdown()


@pytest.fixture
def site(server):
    return f"http://localhost:{server.server_port}"


@pytest.fixture
def allowed(monkeypatch):
    """Take this computer for a public place."""
    monkeypatch.setattr(fetching, "is_public", lambda address: address in {"127.0.0.1", "::1"})


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",  # noqa: S104
        "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "::", "::1", "fe80::1",
        "fe80::1%eth0", "fc00::1", "fec0::1", "ff02::1", "2001:db8::1", "64:ff9b:1::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::",
    ],
)  # fmt: skip
def test_addresses_inside_networks_are_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_addresses_anyone_may_reach_are(address):
    assert is_public(address)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "2130706433", "127.1", "[::ffff:127.0.0.1]", "0"])
def test_nothing_is_fetched_from_this_computer(server, tmp_path, host):
    before = len(server.hosts)
    with pytest.raises(
        UnreadableDocumentError, match=r"lies inside a network|no server called|does not answer"
    ):
        fetch(f"http://{host}:{server.server_port}/page", tmp_path, "x")
    assert len(server.hosts) == before


@pytest.mark.parametrize(
    ("path", "suffix"), [("page", ".html"), ("page.pdf?v=1", ".html"), ("page.txt", ".txt")]
)
def test_a_page_is_fetched_under_the_ending_its_type_asks_for(allowed, server, site, tmp_path, path, suffix):
    fetched = fetch(f"{site}/{path}", tmp_path, "web-1")
    assert fetched == tmp_path / f"web-1{suffix}"
    assert fetched.read_bytes() == PAGE
    assert server.hosts[-1] == site.removeprefix("http://")


def test_the_address_that_was_checked_is_the_one_connected_to(server, tmp_path, monkeypatch):
    """A name that means another address when asked again is asked once."""
    asked = []
    plainly = socket.getaddrinfo

    def changing(host, port, *more, **others):
        if host == "127.0.0.1":
            return plainly(host, port, *more, **others)
        asked.append(host)
        address = "127.0.0.1" if len(asked) == 1 else "10.0.0.1"
        return [(2, 1, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", changing)
    checked = []
    monkeypatch.setattr(fetching, "is_public", lambda address: not checked.append(address))
    connected = []
    plain = httpcore.SyncBackend.connect_tcp

    def connect(self, host, *more):
        connected.append(host)
        return plain(self, host, *more)

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect)
    fetch(f"http://changing.example:{server.server_port}/page", tmp_path, "x")
    assert checked == connected == ["127.0.0.1"]
    assert asked == ["changing.example"]
    assert server.hosts[-1] == f"changing.example:{server.server_port}"


def test_one_inner_address_among_public_ones_is_enough_to_refuse(tmp_path, monkeypatch):
    both = [(2, 1, 6, "", ("8.8.8.8", 80)), (2, 1, 6, "", ("10.0.0.1", 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
    with pytest.raises(UnreadableDocumentError, match=r"lies inside a network, at 10\.0\.0\.1"):
        fetch("http://mixed.example/", tmp_path, "x")


@pytest.mark.parametrize(
    ("path", "limits", "said"),
    [
        ("missing.pdf", FetchLimits(), "the server answered 404"),
        ("large", FetchLimits(most_bytes=20_000), "larger than 0 MB"),
        ("slow", FetchLimits(seconds=0.5), r"could not be fetched \(.*(timed out|too long)"),
        ("drip", FetchLimits(seconds=0.5), r"could not be fetched \(.*(timed out|too long)"),
        ("silent", FetchLimits(seconds_of_silence=0.5), "could not be fetched"),
        ("to=/page", FetchLimits(redirects=0), "more than 0 times"),
        ("to=file:///etc/passwd", FetchLimits(), "no address that can be fetched"),
        ("to=ftp://example.org/x", FetchLimits(), "no address that can be fetched"),
        ("to=http://192.168.1.1/x", FetchLimits(), "lies inside a network"),
        ("to=http://[fe80::1]/x", FetchLimits(), "lies inside a network"),
        ("to=//10.0.0.1/x", FetchLimits(), "lies inside a network"),
        ("to=http://:80/x", FetchLimits(), "no address that can be fetched"),
        ("to=http://[x", FetchLimits(), "no address that can be fetched"),
    ],
)
def test_what_cannot_be_had_is_said(allowed, site, tmp_path, path, limits, said):
    with pytest.raises(UnreadableDocumentError, match=said) as raised:
        fetch(f"{site}/{path}", tmp_path, "x", limits)
    assert raised.value.path == f"{site}/{path}"


def test_a_redirect_is_followed(allowed, site, tmp_path):
    assert fetch(f"{site}/to=/page", tmp_path, "x").read_bytes() == PAGE


def test_a_certificate_is_asked_for_by_the_name_and_not_the_address(server, tmp_path, monkeypatch):
    monkeypatch.setattr(fetching, "is_public", lambda _: True)
    names = []

    def start(self, context, server_hostname=None, timeout=None):
        names.append((server_hostname, context.verify_mode, context.check_hostname))
        raise httpcore.ConnectError("stop here")

    monkeypatch.setattr("httpcore._backends.sync.SyncStream.start_tls", start)
    with pytest.raises(UnreadableDocumentError, match="stop here"):
        fetch(f"https://localhost:{server.server_port}/page", tmp_path, "x")
    assert names == [("localhost", ssl.CERT_REQUIRED, True)]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("http://a.org/x", True),
        ("HTTPS://a.org", True),
        ("http", False),
        ("ftp://a.org", False),
        ("a/http://b", False),
    ],
)
def test_addresses_are_told_from_paths(given, expected):
    assert is_url(given) is expected


def test_without_leave_nothing_is_fetched(server, site, tmp_path):
    before = len(server.hosts)
    ran = run("profile", f"{site}/page", out=tmp_path / "out")
    assert ran.code == 2
    assert f"{site}/page" in ran.errors
    assert "--allow-network" in ran.errors
    assert not (tmp_path / "out").exists()
    assert len(server.hosts) == before


def test_an_address_that_is_refused_is_named_and_the_run_goes_on(server, site, tmp_path):
    (tmp_path / "a.txt").write_text("The district pays for a second bus for pupils from the valley. " * 3)
    ran = run(
        "profile", tmp_path / "a.txt", f"{site}/page", "--allow-network", "--quiet", out=tmp_path / "out"
    )
    assert ran.code == 3, ran.errors
    skipped = pd.read_csv(tmp_path / "out" / "skipped.csv", encoding="utf-8-sig")
    assert list(skipped.path) == [f"{site}/page"]
    assert "inside a network" in skipped.reason[0]


def test_a_server_with_many_addresses_that_do_not_answer_gets_no_more_time_than_others(tmp_path, monkeypatch):
    def late(*_, **__):
        tried.append(1)
        clock[0] += 20.0
        raise httpcore.ConnectTimeout("timed out")

    tried, clock = [], [0.0]
    many = [(2, 1, 6, "", (f"8.8.8.{i}", 80)) for i in range(100)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: many)
    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", late)
    monkeypatch.setattr(fetching.time, "monotonic", lambda: clock[0])
    with pytest.raises(UnreadableDocumentError, match="does not answer"):
        fetch("http://many.example/", tmp_path, "x", FetchLimits(seconds=50.0))
    assert len(tried) == 3
