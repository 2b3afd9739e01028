"""The practice platform calls back after an import, in every way the real one might."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from lib.arrivals.callbacks_document import LONGEST_BODY, read
from lib.sandbox.settings import CallbackMethod, CallbackShape
from tests.core.sandbox.scenes import TOKEN, Desk, assert_refused, row
from tests.waiting import until

PHONES = ("13012121211", "13012121212")


class Ear:
    """An HTTP server that keeps what it is told: method, path, content type, body."""

    def __init__(self, status: int = 200) -> None:
        heard = self.heard = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:  # noqa: N802 - the base class names it
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                heard.append((self.command, self.path, self.headers["Content-Type"], body))
                self.send_response(status)
                self.end_headers()

            do_GET = do_POST  # noqa: N815

            def log_message(self, *_: Any) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/callback/key"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()


@pytest.fixture
def ear() -> Iterator[Ear]:
    made = Ear()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def desk(shared: Desk) -> Iterator[Desk]:
    still = {"callback_url": "", "callback_shape": "batch", "callback_method": "json", "import_seconds": 0}
    assert shared.control(reset=True, faults=[], **still).status_code == 200
    yield shared
    shared.control(callback_url="", import_seconds=0)


def called(desk: Desk, count: int = 1) -> list[dict[str, Any]]:
    """The ledger's callbacks, once there are so many."""
    until(lambda: len(desk.ledger()["callbacks"]) >= count, "nobody called back")
    return desk.ledger()["callbacks"]


def sent(desk: Desk) -> str:
    return str(desk.send(*map(row, PHONES)).json()["data"]["unique_id"])


def test_without_an_address_nobody_is_called(desk: Desk, ear: Ear) -> None:
    sent(desk)
    desk.control(callback_url=ear.url)
    sent(desk)
    called(desk)
    assert len(ear.heard) == len(desk.ledger()["callbacks"]) == 1


def test_the_documented_callback_is_sent_once_for_a_batch(desk: Desk, ear: Ear) -> None:
    desk.control(callback_url=ear.url)
    unique_id = sent(desk)
    assert called(desk) == [{"unique_id": unique_id, "status": 200}]
    [(method, path, kind, body)] = ear.heard
    assert (method, path, kind) == ("POST", "/callback/key", "application/json")
    document = json.loads(body)
    assert {name: document[name] for name in ("type", "mode", "unique_id")} == {
        "type": "import_number", "mode": "batch", "unique_id": unique_id,
    }  # fmt: skip
    address = urlsplit(document["data"]["url"])
    assert desk.get(address.path, key=address.query.removeprefix("key=")) == {"numbers": list(PHONES)}


def test_single_mode_calls_once_for_each_number(desk: Desk, ear: Ear) -> None:
    desk.control(callback_url=ear.url, callback_shape="single")
    sent(desk)
    called(desk, 2)
    assert [json.loads(body)["data"] for *_, body in ear.heard] == [{"number": phone} for phone in PHONES]


@pytest.mark.parametrize("method", CallbackMethod)
def test_it_is_called_in_whatever_way_and_the_app_finds_the_batch(
    desk: Desk, ear: Ear, method: CallbackMethod
) -> None:
    desk.control(callback_url=ear.url, callback_method=method.value)
    unique_id = sent(desk)
    called(desk)
    [(verb, path, kind, body)] = ear.heard
    assert verb == ("GET" if method == CallbackMethod.QUERY else "POST")
    assert bool(body) == (method != CallbackMethod.QUERY)
    if method == CallbackMethod.FORM:
        assert kind == "application/x-www-form-urlencoded"
        assert parse_qs(body.decode())["unique_id"] == [unique_id]
    note = read(urlsplit(path).query, body)
    assert note
    assert note.named == unique_id


#: What the app makes of each shape: is the batch named, is it found at all.
READ = {
    "batch": (True, True), "single": (True, True), "forged": (True, False), "lured": (True, True), "deleted": (True, True),
    "strange": (False, True), "text": (False, False),
}  # fmt: skip


@pytest.mark.parametrize("shape", [shape for shape in CallbackShape if shape != CallbackShape.HUGE])
@pytest.mark.parametrize("method", CallbackMethod)
def test_every_shape_is_read_without_a_number_of_anybody(
    desk: Desk, ear: Ear, shape: CallbackShape, method: CallbackMethod
) -> None:
    desk.control(callback_url=ear.url, callback_shape=shape.value, callback_method=method.value)
    unique_id = sent(desk)
    called(desk)
    _, path, _, body = ear.heard[0]
    note = read(urlsplit(path).query, body)
    assert note
    is_named, is_found = READ[shape.value]
    assert (bool(note.named), unique_id in note.ids) == (is_named, is_found)
    assert not any(phone in note.document for phone in PHONES)
    assert desk.ledger()["strays"] == 0


def test_a_huge_one_is_longer_than_what_is_read(desk: Desk, ear: Ear) -> None:
    desk.control(callback_url=ear.url, callback_shape="huge")
    sent(desk)
    called(desk)
    assert len(ear.heard[0][3]) > LONGEST_BODY


def test_it_is_called_only_after_the_import(desk: Desk, ear: Ear) -> None:
    desk.control(callback_url=ear.url, import_seconds=0.05)
    began = time.monotonic()
    sent(desk)
    called(desk)
    assert time.monotonic() - began >= 0.05


def test_a_batch_whose_answer_was_lost_is_called_back_about_all_the_same(desk: Desk, ear: Ear) -> None:
    desk.control(callback_url=ear.url, faults=["500_applied@1"])
    assert desk.send(row()).status_code == 500
    [batch] = desk.ledger()["batches"]
    assert called(desk)[0]["unique_id"] == batch["unique_id"]


def test_a_reset_calls_nobody_any_more(desk: Desk, ear: Ear) -> None:
    desk.control(callback_url=ear.url, import_seconds=0.1)
    sent(desk)
    desk.control(reset=True, import_seconds=0)
    sent(desk)
    called(desk)
    assert len(ear.heard) == 1


def test_an_address_where_nobody_answers_breaks_nothing(desk: Desk) -> None:
    desk.control(callback_url="http://127.0.0.1:9/callback")
    unique_id = sent(desk)
    assert called(desk) == [{"unique_id": unique_id, "status": None}]


@pytest.mark.parametrize(
    "changes",
    [
        *({"callback_url": url} for url in (
            "http://example.com/", "https://127.0.0.1/", "http://localhost/", "http://127.0.0.1@example.com/",
            "http://127.0.0.1:0/", "http://127.0.0.1:99999/", "http://[::1/", "http://127.0.0.1/a b", "/callback", 5,
        )),
        {"callback_shape": "triangle"},
        {"callback_method": "pigeon"},
    ],
)  # fmt: skip
def test_it_calls_this_machine_only_and_in_known_ways(desk: Desk, changes: dict[str, Any]) -> None:
    assert_refused(desk.control(**changes), 422)


def test_the_address_stays_out_of_what_the_switches_show(desk: Desk, ear: Ear) -> None:
    desk.control(callback_url=ear.url)
    assert "callback/key" not in json.dumps(desk.get("/_control"))
    assert TOKEN not in json.dumps(desk.get("/_control"))
