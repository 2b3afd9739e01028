"""The HTTP edge over real sockets: what left, what came back, and that no exception of the library gets past it."""

import gzip
import inspect
import json
import logging
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event, Thread
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from lib.errors import (
    CertificateRefused,
    NotSent,
    OutcomeUnknown,
    PlatformError,
    Refused,
    Throttled,
    Unauthorised,
)
from lib.platform import api, certificates, transport
from lib.platform.answers import ANSWER_LIMIT, FailureCode
from lib.platform.connection import DEFAULT_BASE_URL, Connection, ConnectionKind, Options, practice
from lib.platform.connection_test import ConnectionVerdict, VerdictCode
from lib.platform.deadline import time_limit
from tests.ports import free_port
from tests.waiting import PATIENCE, by_some_limit

TOKEN = "eyJhbGciOiJI.Y2FuYXJ5LXRva2Vu.c2lnbmF0dXJl"
BODY = json.dumps({"data": [{"phone": "13012121211", "sort": 0}]}).encode()
UNIQUE_ID = "6f1c1f0e-3c0b-4a39-9d3b-0d8b3c2a7f55"
SUCCESS = {"code": 200, "status": "success", "message": "已接收", "data": {"unique_id": UNIQUE_ID}}
NOWHERE = "http://127.0.0.1:9"

Script = Callable[[socket.socket, "Peer"], None]


@dataclass
class Peer:
    """A raw server on loopback: one script per connection, and what every connection brought."""

    script: Script
    url: str = ""
    received: list[bytes] = field(default_factory=list)
    over: Event = field(default_factory=Event)
    pause: float = 0.02  # between two bytes that drip

    def read_request(self, line: socket.socket) -> None:
        """Headers and the whole body."""
        at = len(self.received) - 1
        while b"\r\n\r\n" not in self.received[at]:
            if not self._more(line):
                return
        head, _, rest = self.received[at].partition(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head.lower())
        while length and len(rest) < int(length[1]):
            if not self._more(line):
                return
            rest = self.received[at].partition(b"\r\n\r\n")[2]

    def _more(self, line: socket.socket) -> bytes:
        piece = line.recv(65_536)
        self.received[-1] += piece
        return piece

    def serve(self, listener: socket.socket) -> None:
        while not self.over.is_set():
            try:
                line, _ = listener.accept()
            except OSError:
                return
            self.received.append(b"")
            with line:
                line.settimeout(PATIENCE)
                try:
                    self.script(line, self)
                except OSError:
                    continue  # the client has gone: most of these tests are about that


@contextmanager
def serving(script: Script) -> Iterator[Peer]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(PATIENCE)
        peer = Peer(script, f"http://127.0.0.1:{listener.getsockname()[1]}")
        thread = Thread(target=peer.serve, args=(listener,))
        thread.start()
        try:
            yield peer
        finally:
            peer.over.set()
            try:
                socket.create_connection(listener.getsockname()).close()
            finally:
                thread.join()


def http(status: int, body: bytes | dict = b"", *headers: str) -> bytes:
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def answering(raw: bytes) -> Script:
    def script(line: socket.socket, peer: Peer) -> None:
        peer.read_request(line)
        line.sendall(raw)

    return script


def reset(line: socket.socket) -> None:
    """Close with RST."""
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")


@pytest.fixture(autouse=True)
def _authorities_are_read_anew(monkeypatch) -> None:
    """By each platform, as the environment of the test is."""
    monkeypatch.setattr(transport, "context", certificates.context)


@pytest.fixture
def platform() -> Iterator[api.Platform]:
    with api.Platform(total_seconds=PATIENCE) as platform:
        yield platform


class Mark:
    """Counts the calls of the wire mark."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> None:
        self.calls += 1


def ends(platform: api.Platform, url: str, *, crossed: bool, body: bytes = BODY) -> PlatformError:
    """The ending of one POST; asserts how often the wire mark was called."""
    mark = Mark()
    with pytest.raises(PlatformError) as caught:
        platform.send(practice(url), TOKEN, body, mark)
    assert mark.calls == int(crossed)
    assert_no_token(caught.value)
    return caught.value


def assert_no_token(error: BaseException | None) -> None:
    while error is not None:
        assert TOKEN not in f"{error} {error!r} {vars(error)}"
        error = error.__cause__ or error.__context__


def real(url: str, **changes) -> Connection:
    return replace(practice(url), kind=ConnectionKind.REAL, **changes)


# what is sent


def test_a_batch_is_posted_as_the_manual_prints_it(platform):
    """SEC08 and SEC13: to this host and path, with these headers and no other: no Referer, one fixed User-Agent."""
    mark = Mark()
    with serving(answering(http(200, SUCCESS))) as peer:
        receipt = platform.send(practice(peer.url), TOKEN, BODY, mark)
    assert (receipt.unique_id, receipt.message, receipt.http_status) == (UNIQUE_ID, "已接收", 200)
    assert mark.calls == 1
    head, _, body = peer.received[0].partition(b"\r\n\r\n")
    line, *rest = head.decode().split("\r\n")
    headers = dict(part.lower().split(": ", 1) for part in rest)
    ids = practice(peer.url)
    assert line == f"POST /agent-api/user/{ids.user_id}/task/{ids.task_id}/async_number HTTP/1.1"
    assert body == BODY
    assert headers == {
        "host": peer.url.removeprefix("http://"),
        "user-agent": "contact-desk",
        "accept": "application/json",
        "accept-encoding": "identity",
        "connection": "close",
        "content-type": "application/json",
        "content-length": str(len(BODY)),
        "authorization": f"bearer {TOKEN.lower()}",
    }


def test_the_wire_mark_comes_after_connecting_and_before_the_first_byte(platform):
    connected = Event()
    seen_at_mark = []

    def script(line: socket.socket, peer: Peer) -> None:
        connected.set()
        peer.read_request(line)
        line.sendall(http(200, SUCCESS))

    with serving(script) as peer:
        platform.send(
            practice(peer.url),
            TOKEN,
            BODY,
            lambda: seen_at_mark.append((connected.wait(PATIENCE), *peer.received)),
        )
    assert seen_at_mark == [(True, b"")]


@pytest.mark.parametrize(
    "refusal",
    [
        ValueError("fenced"),
        OSError("disk"),
        KeyError("x"),
        NotSent("x"),
        httpx.ReadError("x"),
        KeyboardInterrupt(),
    ],
)
def test_when_the_wire_mark_raises_no_byte_leaves_and_its_exception_comes_out(platform, refusal):
    def fence() -> None:
        raise refusal

    with serving(lambda line, peer: peer.read_request(line)) as peer:
        with pytest.raises(type(refusal)) as caught:
            platform.send(practice(peer.url), TOKEN, BODY, fence)
        assert caught.value is refusal
        assert_no_token(caught.value)
    assert b"".join(peer.received) == b""


def test_every_post_has_its_own_connection(platform):
    with serving(answering(http(200, SUCCESS, "Connection: keep-alive"))) as peer:
        for _ in range(3):
            platform.send(practice(peer.url), TOKEN, BODY, Mark())
        assert [request[:4] for request in peer.received] == [b"POST"] * 3


def test_sec13_no_cookie_is_kept(platform):
    with serving(answering(http(200, SUCCESS, "Set-Cookie: sid=1; Path=/"))) as peer:
        for _ in range(2):
            platform.send(practice(peer.url), TOKEN, BODY, Mark())
            platform.numbers(practice(peer.url), TOKEN, 1, 15)
        assert len(peer.received) == 4
        assert not any(b"cookie" in request.lower() for request in peer.received)


#: Variables that turn requests elsewhere, or change whom they believe, in other programs.
_STEERING = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")


@pytest.fixture
def steered(monkeypatch, tmp_path) -> Path:
    """An environment that would send requests to a proxy, log in by itself, believe anybody and log keys; its folder."""
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login a password b\ndefault login a password b")
    (tmp_path / ".netrc").write_text("default login a password b")
    for name in _STEERING:
        monkeypatch.setenv(name, NOWHERE)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "elsewhere.example")
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.setenv(name, str(tmp_path / "none.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PYTHONHTTPSVERIFY", "0")
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    return tmp_path


def test_sec10_the_environment_changes_nothing(steered):
    """SEC10: no proxy, no log-in of .netrc; the request goes to the address of the connection and carries our token."""
    with api.Platform(total_seconds=PATIENCE) as platform, serving(answering(http(200, SUCCESS))) as peer:
        platform.send(practice(peer.url), TOKEN, BODY, Mark())
        platform.numbers(practice(peer.url), TOKEN, 1, 15)
        assert all(f"Bearer {TOKEN}".encode() in request for request in peer.received)
        assert len(peer.received) == 2
        assert not any(b"proxy" in request.lower() for request in peer.received)


def test_sec10_no_session_keys_are_logged_and_nobody_else_is_believed(steered, certificate):
    """SEC10, SEC11: over TLS, with SSLKEYLOGFILE set; then with SSL_CERT_FILE naming the peer's own certificate."""
    believed = certificates.context()
    believed.load_verify_locations(certificate)
    with (
        api.Platform(total_seconds=PATIENCE, over=transport.transport(believed)) as platform,
        serving(over_tls(certificate)) as peer,
    ):
        assert platform.send(practice(https(peer)), TOKEN, BODY, Mark()).unique_id == UNIQUE_ID
    assert not (steered / "keys").exists()


def test_sec11_a_certificate_that_only_the_environment_names_is_not_believed(
    steered, certificate, monkeypatch
):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with api.Platform(total_seconds=PATIENCE) as platform, serving(over_tls(certificate)) as peer:
        assert type(ends(platform, https(peer), crossed=False)) is CertificateRefused
    assert not (steered / "keys").exists()


# what never leaves


@pytest.mark.parametrize(
    ("connection", "token", "kind", "code"),
    [
        (practice(DEFAULT_BASE_URL), TOKEN, NotSent, "practice_not_local"),
        (real("http://ai.api.longlonglong.cn"), TOKEN, NotSent, "destination_invalid"),
        (real("https://a@b.example"), TOKEN, NotSent, "destination_invalid"),
        (real("https://a.example/x"), TOKEN, NotSent, "destination_invalid"),
        (real("https://a .example"), TOKEN, NotSent, "destination_invalid"),
        (real(NOWHERE, user_id="../../admin"), TOKEN, NotSent, "destination_invalid"),
        (real(NOWHERE, task_id="a?x=1"), TOKEN, NotSent, "destination_invalid"),
        (real(NOWHERE, task_id=""), TOKEN, NotSent, "destination_invalid"),
        (real(NOWHERE, task_id=practice("").task_id + " "), TOKEN, NotSent, "destination_invalid"),
        (real(NOWHERE, task_id="\uff42" + practice("").task_id[1:]), TOKEN, NotSent, "destination_invalid"),
        (real(NOWHERE, options=Options(sub_user_id="x")), TOKEN, NotSent, "destination_invalid"),
        (real(NOWHERE), TOKEN + "\r\nX: y", Unauthorised, "token_unusable"),
        (real(NOWHERE), "", Unauthorised, "token_unusable"),
        (real(NOWHERE), f"Bearer {TOKEN}", Unauthorised, "token_unusable"),
    ],
)
def test_what_must_not_get_into_a_url_or_a_header_is_stopped_first(platform, connection, token, kind, code):
    """SEC08: https and a plain host; ids are UUIDs; C06."""
    mark = Mark()
    with pytest.raises(kind) as caught:
        platform.send(connection, token, BODY, mark)
    assert (str(caught.value.code), mark.calls) == (code, 0)
    assert_no_token(caught.value)


def test_a_closed_platform_sends_nothing():
    platform = api.Platform()
    platform.close()
    assert (type(error := ends(platform, NOWHERE, crossed=False)), error.code) == (
        NotSent,
        FailureCode.CLOSED,
    )


def test_a_closed_port_is_not_sent(platform):
    url = f"http://127.0.0.1:{free_port()}"
    error = ends(platform, url, crossed=False)
    assert (type(error), error.code) == (NotSent, FailureCode.UNREACHABLE)


def test_an_unknown_name_is_not_sent(platform, monkeypatch):
    def unknown(*_args, **_kwargs):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(NotSent) as caught:
        platform.send(real("https://platform.invalid"), TOKEN, BODY, Mark())
    assert caught.value.code == FailureCode.NAME_UNKNOWN


def test_a_connection_that_never_completes_is_not_sent():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:  # the queue of a listener that never accepts
            filler.setblocking(False)
            filler.connect_ex(address)
        with api.Platform(total_seconds=0.3) as platform:
            error = ends(platform, f"http://127.0.0.1:{address[1]}", crossed=False)
        for filler in fillers:
            filler.close()
    assert (type(error), error.code) == (NotSent, FailureCode.CONNECT_TIMEOUT)


# TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> Path:
    """A self-signed certificate for 127.0.0.1, key and certificate in one file."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl here to make a certificate with")
    folder = tmp_path_factory.mktemp("tls")
    made = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "key.pem", "-out", "cert.pem"],
        cwd=folder, capture_output=True, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    both = folder / "both.pem"
    both.write_text((folder / "cert.pem").read_text() + (folder / "key.pem").read_text())
    return both


def over_tls(certificate: Path) -> Script:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def script(line: socket.socket, peer: Peer) -> None:
        with context.wrap_socket(line, server_side=True) as safe:
            peer.read_request(safe)
            safe.sendall(http(200, SUCCESS))

    return script


def https(peer: Peer) -> str:
    return peer.url.replace("http://", "https://")


def test_an_untrusted_certificate_stops_everything_before_the_first_byte(platform, certificate):
    """SEC11, N05."""
    with serving(over_tls(certificate)) as peer:
        error = ends(platform, https(peer), crossed=False)
    assert (type(error), error.code) == (CertificateRefused, FailureCode.CERTIFICATE)
    assert b"".join(peer.received) == b""


def test_a_trusted_certificate_for_another_host_is_refused_too(certificate):
    """SEC11."""
    believed = ssl.create_default_context(cafile=str(certificate))
    with (
        api.Platform(total_seconds=PATIENCE, over=transport.transport(believed)) as platform,
        serving(over_tls(certificate)) as peer,
    ):
        error = ends(platform, https(peer).replace("127.0.0.1", "localhost"), crossed=False)
    assert type(error) is CertificateRefused


def test_a_trusted_certificate_is_talked_to_and_the_mark_comes_before_the_first_byte(certificate):
    believed = ssl.create_default_context(cafile=str(certificate))
    seen = []
    with (
        api.Platform(total_seconds=PATIENCE, over=transport.transport(believed)) as platform,
        serving(over_tls(certificate)) as peer,
    ):
        receipt = platform.send(
            practice(https(peer)), TOKEN, BODY, lambda: seen.append(b"".join(peer.received))
        )
    assert (receipt.unique_id, seen) == (UNIQUE_ID, [b""])


def test_sec11_nothing_older_than_tls_1_2_is_spoken(certificate):
    """SEC11: a peer that offers no more than TLS 1.1 hears nothing of the request."""
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    old.load_cert_chain(certificate)
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1 is deprecated"):
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    believed = certificates.context()
    believed.load_verify_locations(certificate)
    believed.set_ciphers("ALL:@SECLEVEL=0")

    def script(line: socket.socket, peer: Peer) -> None:
        with old.wrap_socket(line, server_side=True) as safe:
            peer.read_request(safe)

    with (
        api.Platform(total_seconds=PATIENCE, over=transport.transport(believed)) as platform,
        serving(script) as peer,
    ):
        error = ends(platform, https(peer), crossed=False)
    assert (type(error), error.code) == (NotSent, FailureCode.TLS_FAILED)
    assert not any(peer.received)


def test_sec11_verification_cannot_be_switched_off():
    """SEC11: it is on, no setting of the app reaches it, and no line of the app says otherwise."""
    made = certificates.context()
    assert (made.verify_mode, made.check_hostname, made.minimum_version) == (
        ssl.CERT_REQUIRED,
        True,
        ssl.TLSVersion.TLSv1_2,
    )
    assert made.keylog_filename is None
    library = Path(api.__file__).parents[1].rglob("*.py")
    assert not [
        path
        for path in library
        if re.search(
            r"CERT_NONE|check_hostname|verify\s*=\s*False|_create_unverified", path.read_text("utf-8")
        )
    ]


def test_sec11_a_companys_own_authority_is_believed_on_windows(certificate, monkeypatch):
    """SEC11: from the Windows store, and never from SSL_CERT_FILE, which Python's own loader would ask as well."""
    der = ssl.PEM_cert_to_DER_cert(certificate.read_text().partition("-----BEGIN PRIVATE")[0])
    stores = {
        "ROOT": [
            (der, "x509_asn", {ssl.Purpose.SERVER_AUTH.oid}),
            (b"for mail only", "x509_asn", {"1.3.6.1.5.5.7.3.4"}),
        ],
        "CA": [(b"pkcs7", "pkcs_7_asn", True)],
    }
    monkeypatch.setattr(certificates.sys, "platform", "win32")
    monkeypatch.setattr(ssl, "enum_certificates", stores.__getitem__, raising=False)
    assert list(certificates.windows_authorities()) == [der]
    with api.Platform(total_seconds=PATIENCE) as platform, serving(over_tls(certificate)) as peer:
        assert platform.send(practice(https(peer)), TOKEN, BODY, Mark()).unique_id == UNIQUE_ID
    monkeypatch.setattr(ssl, "enum_certificates", lambda store: [], raising=False)
    with api.Platform(total_seconds=PATIENCE) as platform, serving(over_tls(certificate)) as peer:
        assert type(ends(platform, https(peer), crossed=False)) is CertificateRefused


def test_a_peer_without_tls_is_not_sent(platform):
    with serving(lambda line, peer: line.sendall(b"HTTP/1.1 400 plain text\r\n\r\n")) as peer:
        error = ends(platform, https(peer), crossed=False)
    assert (type(error), error.code) == (NotSent, FailureCode.TLS_FAILED)


def test_a_stalled_handshake_is_not_sent():
    with (
        api.Platform(total_seconds=0.3) as platform,
        serving(lambda line, peer: line.recv(65_536) and peer.over.wait(PATIENCE)) as peer,
    ):
        error = ends(platform, https(peer), crossed=False)
        peer.over.set()
    assert (type(error), error.code) == (NotSent, FailureCode.CONNECT_TIMEOUT)


# what comes back, or does not


def accepts_and_resets(line: socket.socket, peer: Peer) -> None:
    reset(line)


def resets_in_the_body(line: socket.socket, peer: Peer) -> None:
    line.recv(100)
    reset(line)


def resets_after_reading(line: socket.socket, peer: Peer) -> None:
    peer.read_request(line)
    reset(line)


def ends_without_answer(line: socket.socket, peer: Peer) -> None:
    peer.read_request(line)


@pytest.mark.parametrize(
    "script",
    [
        resets_in_the_body,
        resets_after_reading,
        ends_without_answer,
        answering(b"HTTP/1.1 200 OK\r\nContent-Le"),
        answering(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{"),
        answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"a"),
        answering(b"SSH-2.0-OpenSSH_9.2\r\n"),
        answering(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000 + b"\r\n\r\n"),
    ],
    ids=["in the body", "after reading", "no answer", "half a header", "half a body", "half a chunk", "garbage", "200 kB header"],
)  # fmt: skip
def test_whatever_breaks_after_the_mark_is_unknown_and_posted_once(platform, script):
    with serving(script) as peer:
        error = ends(platform, peer.url, crossed=True, body=b"x" * 300_000)
        assert len(peer.received) == 1
    assert (type(error), error.code) == (OutcomeUnknown, FailureCode.DROPPED)


def test_a_reset_straight_after_accepting_is_unknown_once_the_mark_was_passed(platform):
    with serving(accepts_and_resets) as peer:
        mark = Mark()
        with pytest.raises(PlatformError) as caught:
            platform.send(practice(peer.url), TOKEN, BODY, mark)
        assert len(peer.received) == 1
    # Either the reset was seen before the mark, or it was not: never a class that disagrees with it.
    assert isinstance(caught.value, OutcomeUnknown if mark.calls else NotSent)


def hangs(line: socket.socket, peer: Peer) -> None:
    peer.read_request(line)
    peer.over.wait(PATIENCE)


def never_reads(line: socket.socket, peer: Peer) -> None:
    peer.over.wait(PATIENCE)


def drips(answer: bytes) -> Script:
    def script(line: socket.socket, peer: Peer) -> None:
        peer.read_request(line)
        for at in range(len(answer)):
            line.sendall(answer[at : at + 1])
            if peer.over.wait(peer.pause):
                return

    return script


@pytest.mark.parametrize(
    ("script", "size"),
    [
        (hangs, 100),
        (never_reads, 30_000_000),
        (drips(http(200, SUCCESS)), 100),
        (drips(http(200, b" " * 500, "X: " + "x" * 10)), 100),
        (drips(b"HTTP/1.1 103 Early\r\n\r\n" * 50), 100),
    ],
    ids=["hangs", "never reads", "drips headers", "drips the body", "drips interim answers"],
)
def test_the_total_time_limit_holds_whatever_the_peer_does(script, size):
    """SEC12."""

    def holds(seconds: float) -> None:
        with api.Platform(total_seconds=seconds) as platform, serving(script) as peer:
            peer.pause = seconds / 20
            began = time.monotonic()
            error = ends(platform, peer.url, crossed=True, body=b"x" * size)
            took = time.monotonic() - began
            assert not peer.over.is_set(), "the peer holds the line until it is told: this end was ours"
            peer.over.set()
        assert (type(error), error.code) == (OutcomeUnknown, FailureCode.NO_ANSWER)
        assert took > 0.9 * seconds

    by_some_limit(holds)


def test_the_answer_to_a_batch_has_a_limit_of_its_own_and_its_sender_may_narrow_it():
    """SEC12. Nothing else ends the waiting: a single step of it has no limit (60 s would end a setting of 600)."""
    asked = []

    def refuses(request: httpx.Request) -> httpx.Response:
        asked.append(request.extensions["timeout"])
        raise httpx.ConnectError("nobody is there")

    with api.Platform(total_seconds=PATIENCE, over=httpx.MockTransport(refuses)) as platform:
        ends(platform, "http://127.0.0.1:9", crossed=False)
        with pytest.raises(NotSent):
            platform.numbers(practice("http://127.0.0.1:9"), TOKEN, 1, 1)
    assert [limits["read"] for limits in asked] == [None, 60.0]
    with (
        api.Platform(total_seconds=0.0, answer_seconds=PATIENCE) as platform,
        serving(answering(http(200, SUCCESS))) as peer,
    ):
        assert platform.send(practice(peer.url), TOKEN, BODY, Mark()).unique_id == UNIQUE_ID

    def holds(seconds: float) -> None:
        with api.Platform(answer_seconds=PATIENCE) as platform, serving(hangs) as peer:
            with time_limit(seconds):
                error = ends(platform, peer.url, crossed=True)
            assert not peer.over.is_set(), "the peer holds the line until it is told: this end was ours"
            peer.over.set()
        assert (type(error), error.code) == (OutcomeUnknown, FailureCode.NO_ANSWER)

    by_some_limit(holds)


@pytest.mark.parametrize(
    "interim", [b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"]
)
def test_interim_answers_are_passed_over(platform, interim):
    with serving(answering(interim + http(200, SUCCESS))) as peer:
        assert platform.send(practice(peer.url), TOKEN, BODY, Mark()).unique_id == UNIQUE_ID


def test_an_early_answer_to_a_request_not_read_to_its_end_is_believed(platform):
    def script(line: socket.socket, peer: Peer) -> None:
        line.recv(100)
        line.sendall(http(401, {"code": 401, "status": "error", "message": "no", "data": []}))
        peer.read_request(line)

    with serving(script) as peer:
        error = ends(platform, peer.url, crossed=True, body=b"x" * 100_000)
    assert type(error) is Unauthorised


@pytest.mark.parametrize(
    "location", ["/elsewhere", "http://127.0.0.1:9/", "https://evil.example/", "http://["]
)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_never_followed(platform, status, location):
    """SEC09, for the post and for a look-up."""
    with serving(answering(http(status, b"", f"Location: {location}"))) as peer:
        error = ends(platform, peer.url, crossed=True)
        assert len(peer.received) == 1
        with pytest.raises(PlatformError) as looked:
            platform.numbers(practice(peer.url), TOKEN, 1, 15)
        assert len(peer.received) == 2
    assert (type(error), error.code) == (OutcomeUnknown, FailureCode.REDIRECTED)
    assert looked.value.code == FailureCode.LOOKUP_NOT_PLATFORM


def test_an_answer_without_end_is_not_read_beyond_the_limit(platform):
    """SEC12, N13."""
    sent = []

    def script(line: socket.socket, peer: Peer) -> None:
        peer.read_request(line)
        line.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while not peer.over.is_set():
            line.sendall(b" " * 65_536)
            sent.append(65_536)

    with serving(script) as peer:
        error = ends(platform, peer.url, crossed=True)
    assert (type(error), error.code) == (OutcomeUnknown, FailureCode.ANSWER_TOO_LARGE)
    assert sum(sent) < 20 * ANSWER_LIMIT


def test_a_compressed_answer_is_not_unpacked(platform):
    """SEC12: a gzip bomb is not JSON, and no more."""
    bomb = gzip.compress(b" " * 50_000_000)
    with serving(answering(http(200, bomb, "Content-Encoding: gzip"))) as peer:
        error = ends(platform, peer.url, crossed=True)
    assert (type(error), error.code) == (OutcomeUnknown, FailureCode.NOT_JSON)


@pytest.mark.parametrize(
    ("raw", "kind", "code"),
    [
        (
            http(401, {"code": 401, "status": "error", "message": f"bad {TOKEN}", "data": []}),
            Unauthorised,
            "token_refused",
        ),
        (
            http(
                422, {"code": 422, "status": "error", "message": {"phone": ["13012121211 重复"]}, "data": []}
            ),
            Refused,
            "refused",
        ),
        (
            http(200, {"code": 6007, "status": "error", "message": "2.0任务启动中,请先停止任务", "data": []}),
            Refused,
            "task_running",
        ),
        (http(429, b"", "Retry-After: 7"), Throttled, "throttled"),
        (http(503, b"busy"), OutcomeUnknown, "server_error"),
        (http(200, b"<html>"), OutcomeUnknown, "login_page"),
    ],
)
def test_an_answer_becomes_its_named_error(platform, raw, kind, code):
    with serving(answering(raw)) as peer:
        error = ends(platform, peer.url, crossed=True)
        assert len(peer.received) == 1
    assert (type(error), str(error.code)) == (kind, code)
    assert "13012121211" not in (error.message or "")
    assert getattr(error, "retry_after_seconds", 7.0) == 7.0


# nothing escapes


def classes_of_httpx() -> list[type[Exception]]:
    found = [item for _, item in inspect.getmembers(httpx, inspect.isclass) if issubclass(item, Exception)]
    assert len(found) >= 25
    return found


def made(kind: type[Exception]) -> Exception:
    if kind is httpx.HTTPStatusError:
        request = httpx.Request("POST", NOWHERE)
        return kind("text", request=request, response=httpx.Response(500, request=request))
    takes = len(inspect.signature(kind.__init__).parameters) > 1
    return kind("text") if takes else kind()


class Breaking(httpx.BaseTransport):
    """Raises what it is given, before the wire mark or after it."""

    def __init__(self, error: Exception, *, after: bool) -> None:
        self._error, self._after = error, after

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self._after:
            raw = type("Raw", (), {"method": request.method.encode()})()
            request.extensions["trace"](transport.WIRE_EVENT, {"request": raw})
        raise self._error


BELOW = [
    UnicodeError("label too long"),
    socket.gaierror(-2, "x"),
    ssl.SSLError("x"),
    OSError("x"),
    ValueError("closed"),
    RuntimeError("x"),
]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    "error", [made(kind) for kind in classes_of_httpx()] + BELOW, ids=lambda error: type(error).__name__
)
def test_no_exception_of_the_library_gets_past_the_edge(error, after):
    with api.Platform(over=Breaking(error, after=after)) as platform:
        ended = ends(platform, NOWHERE, crossed=after)
        assert isinstance(ended, OutcomeUnknown if after else NotSent)
        assert ended.__cause__ is error
        with pytest.raises(PlatformError) as looked:
            platform.numbers(practice(NOWHERE), TOKEN, 1, 15)
        assert not isinstance(looked.value, OutcomeUnknown)


def test_a_proxys_connect_does_not_count_as_our_request():
    mark = Mark()
    wire = transport.WireMark(b"POST", mark)
    for method in (b"CONNECT", b"GET"):
        wire.trace(transport.WIRE_EVENT, {"request": type("Raw", (), {"method": method})()})
    assert (mark.calls, wire.crossed) == (0, False)


def test_the_trace_events_of_the_pinned_version_are_the_ones_relied_on():
    """SEC39: the self-test posts to a loopback socket."""
    events = []
    with serving(answering(http(200, SUCCESS))) as peer, httpx.Client(trust_env=False) as client:
        client.post(peer.url, content=b"x", extensions={"trace": lambda name, info: events.append(name)})
    assert events[:3] == [
        "connection.connect_tcp.started",
        "connection.connect_tcp.complete",
        transport.WIRE_EVENT,
    ]
    assert transport.trace_works()


def test_the_self_test_notices_events_of_another_name(monkeypatch):
    """SEC39."""
    monkeypatch.setattr(transport, "WIRE_EVENT", "http11.renamed.started")
    assert not transport.trace_works()


def test_without_trace_events_the_mark_comes_before_connecting_and_everything_after_is_unknown(monkeypatch):
    monkeypatch.setattr(transport, "WIRE_EVENT", "http11.renamed.started")
    with api.Platform(total_seconds=PATIENCE) as platform:
        assert type(ends(platform, NOWHERE, crossed=True)) is OutcomeUnknown
        with serving(answering(http(200, SUCCESS))) as peer:
            mark = Mark()
            platform.send(practice(peer.url), TOKEN, BODY, mark)
        assert mark.calls == 1

        def fence() -> None:
            raise RuntimeError("fenced")

        with serving(answering(http(200, SUCCESS))) as peer:
            with pytest.raises(RuntimeError, match="fenced"):
                platform.send(practice(peer.url), TOKEN, BODY, fence)
            assert b"".join(peer.received) == b""


def test_no_log_record_holds_a_token_a_number_or_an_id(platform, caplog):
    caplog.set_level(logging.DEBUG)
    with serving(answering(http(200, SUCCESS))) as peer:
        connection = practice(peer.url)
        platform.send(connection, TOKEN, BODY, Mark())
        platform.number(connection, TOKEN, "13012121211")
        ends(platform, NOWHERE, crossed=False)
    said = "\n".join(f"{record.getMessage()} {record.args}" for record in caplog.records)
    assert not [secret for secret in (TOKEN, "13012121211", connection.task_id) if secret in said]


def test_several_threads_post_through_one_platform(platform):
    receipts = []
    with serving(answering(http(200, SUCCESS))) as peer:
        threads = [
            Thread(target=lambda: receipts.append(platform.send(practice(peer.url), TOKEN, BODY, Mark())))
            for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(peer.received) == 8
    assert [receipt.unique_id for receipt in receipts] == [UNIQUE_ID] * 8


# looking up


def test_look_ups_ask_for_what_the_manual_names(platform):
    sub = "91f9254f-ca58-49af-be34-8370d7549d73"
    with serving(answering(http(200, SUCCESS))) as peer:
        connection = real(peer.url, options=Options(encryption=True, sub_user_id=sub))
        assert platform.numbers(connection, TOKEN, 2, 100) == SUCCESS
        platform.number(connection, TOKEN, "13012121211_x9k2")
        platform.lookup(connection, TOKEN, "../a?b")
        lines = [request.split(b" ")[:2] for request in peer.received]
    assert {method for method, _ in lines} == {b"GET"}
    asked = [urlsplit(target.decode()) for _, target in lines]
    user, task = f"/agent-api/user/{connection.user_id}", f"/task/{connection.task_id}"
    assert [url.path for url in asked] == [
        f"{user}{task}/number", f"{user}{task}/number/detail/13012121211_x9k2", f"{user}/identification/..%2Fa%3Fb",
    ]  # fmt: skip
    assert [parse_qs(url.query) for url in asked] == [
        {"page": ["2"], "per_page": ["100"], "sub_user_id": [sub], "encryption": ["1"]},
        {"sub_user_id": [sub], "encryption": ["1"]},
        {"sub_user_id": [sub]},
    ]


@pytest.mark.parametrize("unique_id", ["", ".", ".."])
def test_a_look_up_cannot_climb_out_of_its_path(platform, unique_id):
    """SEC08: what is put into a path is quoted, and cannot be a step upwards."""
    with pytest.raises(NotSent):
        platform.lookup(practice(NOWHERE), TOKEN, unique_id)


def test_a_look_up_that_breaks_is_no_unknown_outcome(platform):
    with serving(resets_after_reading) as peer, pytest.raises(PlatformError) as caught:
        platform.numbers(practice(peer.url), TOKEN, 1, 15)
    assert (type(caught.value), caught.value.code) == (PlatformError, FailureCode.LOOKUP_NO_ANSWER)


# the test of a connection

OK = http(200, {"code": 200, "status": "success", "message": "ok", "data": []})


def no(code: int) -> bytes:
    return http(code, {"code": code, "status": "error", "message": "不行", "data": []})


@pytest.mark.parametrize(
    ("token_answer", "list_answer", "code", "requests"),
    [
        (OK, OK, "ready", 2),
        (no(404), OK, "ready", 2),
        (http(200, b"<html>"), OK, "ready", 2),
        (no(401), OK, "token_refused", 1),
        (no(403), OK, "token_refused", 1),
        (OK, no(401), "token_refused", 2),
        (OK, no(403), "task_unknown", 2),
        (OK, no(404), "task_unknown", 2),
        (OK, no(422), "task_unknown", 2),
        (OK, http(404, b"<html>404 Not Found</html>"), "not_offered", 2),
        (OK, http(404, b'{"detail": "Not Found"}'), "not_offered", 2),
        (OK, http(405, b'{"detail": "Method Not Allowed"}'), "not_offered", 2),
        (http(404, b""), http(404, b""), "not_offered", 2),
        (no(404), no(404), "not_offered", 2),
        (http(500, b""), no(404), "task_unknown", 2),
        (OK, http(200, b"<html>"), "not_the_platform", 2),
        (OK, http(302, b"", "Location: /login"), "not_the_platform", 2),
        (OK, http(500, b""), "unclear", 2),
        (OK, b"", "unclear", 2),
        (http(429, b""), OK, "unclear", 1),
    ],
)
def test_testing_a_connection(platform, token_answer, list_answer, code, requests):
    def script(line: socket.socket, peer: Peer) -> None:
        peer.read_request(line)
        line.sendall(token_answer if b"/agent-api/token " in peer.received[-1] else list_answer)

    with serving(script) as peer:
        found = platform.test(practice(peer.url), TOKEN)
        assert (str(found.code), len(peer.received)) == (code, requests)
        assert {request[:4] for request in peer.received} == {b"GET "}


def test_testing_a_connection_nobody_answers(platform, certificate):
    url = f"http://127.0.0.1:{free_port()}"
    assert platform.test(practice(url), TOKEN) == ConnectionVerdict(
        VerdictCode.UNREACHABLE, "", "unreachable"
    )
    with serving(over_tls(certificate)) as peer:
        assert platform.test(practice(https(peer)), TOKEN).code == VerdictCode.CERTIFICATE
