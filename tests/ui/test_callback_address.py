"""The address for callbacks, over real HTTP against the running app: closed without the key, the same answer to everybody with it."""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from lib.arrivals.callbacks_document import LONGEST_BODY
from lib.arrivals.callbacks_key import FILE_NAME, VARIABLE
from lib.platform.connection import practice
from lib.run.callbacks import CallbackTotals
from lib.store import Store
from tests import practice_platform
from tests.core import reconcile_scenes as scenes
from tests.core.arrivals.scenes import BATCH, PHONE, SINGLE, accepted, everything
from tests.e2e.server import AppServer
from tests.waiting import PATIENCE, until

KEY = "a-key-that-nobody-guesses-1"

#: What everybody gets who knows the key, whatever they sent.
TAKEN = {"code": 200, "status": "success", "message": "received"}


class Address:
    """The app's address for callbacks, and the app's database beside it."""

    def __init__(self, server: AppServer, store: Store, run_id: str) -> None:
        self.server, self.store, self.run_id = server, store, run_id
        self.url = f"{server.url}/callback/{KEY}"
        self.http = httpx.Client(timeout=PATIENCE, trust_env=False)

    def totals(self) -> CallbackTotals:
        return self.store.callbacks.totals()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Address]:
    data = tmp_path_factory.mktemp("data")
    in_an_hour = (
        time.time() + 3_600
    )  # accepted then: its first look is not due, however long the tests here take
    with closing(Store(data / "desk.db", clock=lambda: in_an_hour)) as store:  # before the app sends from it
        run_id, _ = accepted(store, to=practice(""))
        store.sender.resign(store.sender.take_over())
    with AppServer(data, **{VARIABLE: KEY}) as server, closing(Store(data / "desk.db")) as store:
        address = Address(server, store, run_id)
        with address.http:
            yield address


@pytest.mark.parametrize(
    "path", ["", "/wrong", f"/{KEY[:-1]}", f"/{KEY}x", f"/{KEY.upper()}", "/%E8%B7%AF%E5%BE%84", "/%00"]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_without_the_key_there_is_nothing(address: Address, path: str, method: str) -> None:
    before = address.totals()
    answer = address.http.request(
        method,
        f"{address.server.url}/callback{path}",
        content=json.dumps(BATCH) if method == "POST" else None,
    )
    if path != "/%00":  # refused before it comes to us
        assert answer.status_code == 404 or not path, "without a last part it is one of the pages"
    assert "received" not in answer.text
    assert address.totals() == before


@pytest.mark.parametrize(
    ("method", "given"),
    [
        ("POST", {"json": BATCH}),
        ("PUT", {"json": SINGLE}),
        ("PATCH", {"content": json.dumps(BATCH)}),
        ("POST", {"data": {"unique_id": BATCH["unique_id"]}}),
        ("POST", {"files": {"file": b"a multipart form"}}),
        ("GET", {"params": {"unique_id": BATCH["unique_id"]}}),
        ("POST", {"content": b"\xff\xfe not a document \x00"}),
        ("POST", {"content": b"[" * 60_000}),
        (
            "POST",
            {
                "content": b"{}",
                "headers": {"Content-Type": "text/xml", "Authorization": "Bearer x", "Cookie": "a=b"},
            },
        ),
        ("GET", {}),
    ],
)
def test_whatever_is_sent_with_the_key_is_answered_alike(
    address: Address, method: str, given: dict[str, Any]
) -> None:
    answer = address.http.request(method, address.url, **given)
    assert (answer.status_code, answer.json()) == (200, TAKEN)


def test_a_callback_is_kept_masked_and_brings_the_look_forward(address: Address) -> None:
    run_id = address.run_id
    before = everything(address.store, run_id)
    answer = address.http.post(address.url, json=SINGLE | {"unique_id": "unique-0"})
    assert answer.json() == TAKEN
    [kept] = address.store.callbacks.of_run(run_id)
    assert PHONE not in kept.document
    assert "130****1211" in kept.document
    assert everything(address.store, run_id) == before
    [looked] = [one for one in address.store.looks.open() if one.run_id == run_id]
    [arrival] = address.store.arrivals.of_run(run_id)
    is_due = looked.due <= address.store._db.clock()
    assert is_due or arrival.last_look, "neither brought forward nor looked up since"


def test_a_body_that_is_too_long_is_refused_before_its_end(address: Address) -> None:
    before = address.totals()
    assert address.http.post(address.url, content=b"x" * (LONGEST_BODY + 1)).status_code == 413
    assert address.http.post(f"{address.url}?a={'x' * 60_000}", content=b"x" * 6_000).status_code == 413
    endless = (b"x" * 1_000 for _ in range(100_000))
    with suppress(httpx.HTTPError):  # the app hangs up on what it does not read
        assert address.http.post(address.url, content=endless).status_code == 413
    assert address.http.post(address.url, json=BATCH).status_code == 200
    assert address.totals().unread >= before.unread + 2


def test_a_caller_who_leaves_in_the_middle_breaks_nothing(address: Address) -> None:
    head = f"POST /callback/{KEY} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{{"
    for _ in range(3):
        with socket.create_connection(("127.0.0.1", address.server.port)) as caller:
            caller.sendall(head.encode())
    assert address.http.post(address.url, json=BATCH).status_code == 200
    assert "Traceback" not in address.server.log()


def test_neither_the_key_nor_a_trace_stands_in_the_log(address: Address) -> None:
    address.http.post(address.url, content=b"\xff")
    log = address.server.log()
    assert KEY not in log
    assert "Traceback" not in log


def post(url: str) -> httpx.Response:
    return httpx.post(url, json=BATCH, timeout=PATIENCE, trust_env=False)


def test_without_a_setting_the_address_is_closed_and_the_app_works(served: AppServer) -> None:
    assert post(f"{served.url}/callback/{KEY}").status_code == 404
    assert post(f"{served.url}/callback/make").status_code == 404
    assert not (served.data / FILE_NAME).exists()


# the settings by themselves: tests/ui/test_callbacks.py


@pytest.mark.long
def test_a_key_that_is_made_lies_in_the_data_folder(tmp_path: Path) -> None:
    with AppServer(tmp_path, **{VARIABLE: "make"}) as server:
        key = (tmp_path / FILE_NAME).read_text()
        assert post(f"{server.url}/callback/{key}").json() == TAKEN
        assert post(f"{server.url}/callback/make").status_code == 404


@pytest.mark.long
def test_a_key_in_the_file_of_secrets_opens_the_address_too(tmp_path: Path) -> None:
    secrets = tmp_path / "secrets.toml"
    secrets.write_text(f'{VARIABLE} = "{KEY}"\n')
    with AppServer(tmp_path / "data", STREAMLIT_SECRETS_FILES=str(secrets)) as server:
        assert post(f"{server.url}/callback/{KEY}").json() == TAKEN


@pytest.mark.long
def test_a_weak_key_opens_nothing(tmp_path: Path) -> None:
    with AppServer(tmp_path, **{VARIABLE: "secret"}) as server:
        assert post(f"{server.url}/callback/secret").status_code == 404
        assert "callback_key_weak" in server.log()


@pytest.mark.long
def test_the_practice_platform_calls_the_app_and_the_batch_is_looked_up_before_its_time(
    tmp_path: Path,
) -> None:
    """Sent, imported but for some rows, called back: the look that this brings is none of those that are due by themselves."""
    connection = practice("")
    with closing(Store(tmp_path / "desk.db")) as store:
        store.runs.create(scenes.plan(connection=connection))  # starts the practice platform
        with AppServer(tmp_path, **{VARIABLE: KEY}) as server:
            until(lambda: store.runs.latest()[0].state == "finished")
            practice_platform.control(
                server.practice_url(),
                callback_url=f"{server.url}/callback/{KEY}",
                refuse_every=3,
                import_seconds=0.5,
            )
            numbers = count(500, 100)

            def is_looked_up_before_its_time() -> bool:
                """False where a slow machine let ten seconds go by, after which a look comes by itself."""
                run_id = store.runs.create(scenes.plan(batches=2, connection=connection, first=next(numbers)))
                until(lambda: [one.imported for one in store.arrivals.of_run(run_id)] == [2, 2])
                found = store.arrivals.of_run(run_id)
                assert [(one.imported, one.waiting, one.state) for one in found] == [(2, 1, "open")] * 2
                mine = {one.unique_id for one in found}
                looks = {one.looks for one in store.looks.open() if one.unique_id in mine}
                assert [(kept.seq, kept.times) for kept in store.callbacks.of_run(run_id)] == [(1, 1), (2, 1)]
                return looks == {0}

            until(is_looked_up_before_its_time, "each look was one that is due by itself")
            assert practice_platform.ledger(server.practice_url())["strays"] == 0


def test_a_flood_is_answered_counted_and_not_kept(address: Address) -> None:
    before = address.totals()
    for at in range(75):  # more than are read in a rush
        assert address.http.post(address.url, json={"unique_id": f"flood-{at}"}).status_code == 200
    assert (
        len([one for one in address.store.callbacks.of_run(None) if one.unique_id.startswith("flood-")]) <= 50
    )

    def is_counted() -> bool:
        """One more that is read: those that were only counted are written down with it."""
        address.http.post(address.url, json={"unique_id": "after"})
        return address.totals().unread > before.unread

    until(is_counted)
