"""Every fault of the practice platform, seen by a raw client; the ledger says what was really applied."""

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from lib import sandbox
from lib.sandbox.faults import CATALOGUE, FaultScope
from tests.waiting import PATIENCE, until

TOKEN = "a-token"
USER = f"/agent-api/user/{sandbox.USER_ID}"
TASK = f"{USER}/task/{sandbox.TASK_ID}"
PHONE = "13012121211"

#: Faults whose success is complete and arrives; the rest of those that take rows leave the sender without a receipt.
TOLD = {"twice", "slow", "drip", "interim", "idle_close", "gzip_bomb"}

#: Ends of a call that are no answer at all.
NO_ANSWER = (
    {"drop_before", "drop_during", "drop_after", "apply_drop", "no_read", "close", "hang"}
    | {"truncated", "truncated_head", "not_http", "bad_gzip", "huge_header"}
)  # fmt: skip

POST_FAULTS = sorted(name for name, fault in CATALOGUE.items() if fault.place == FaultScope.POST)


class Desk:
    """A raw client of one practice platform; a fresh connection per request, as the app does it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.headers = {"Authorization": f"Bearer {TOKEN}", "Accept-Encoding": "identity"}
        self.http = httpx.Client(
            base_url=url, limits=httpx.Limits(max_keepalive_connections=0), trust_env=False
        )

    def request(self, method: str, path: str, timeout: float = PATIENCE, **rest: Any) -> httpx.Response:
        return self.http.request(
            method, path, timeout=timeout, headers=self.headers | rest.pop("headers", {}), **rest
        )

    def send(self, *phones: str, timeout: float = PATIENCE) -> httpx.Response:
        rows = [{"phone": phone, "sort": 0, "extra": f"x-{phone}"} for phone in phones or (PHONE,)]
        return self.request("POST", f"{TASK}/async_number", timeout, json={"data": rows})

    def get(self, path: str, **query: Any) -> Any:
        return self.request("GET", path, params=query).json()

    def control(self, **changes: Any) -> None:
        assert self.request("POST", "/_control", json=changes).status_code == 200

    def ledger(self) -> Any:
        return self.get("/_ledger")


@pytest.fixture(scope="module")
def shared() -> Iterator[Desk]:
    with sandbox.running(
        token=TOKEN, slow_seconds=0.1, drip_seconds=0.001, late_seconds=0.05, hang_seconds=20
    ) as url:
        desk = Desk(url)
        yield desk
        desk.http.close()


@pytest.fixture
def desk(shared: Desk) -> Desk:
    shared.control(reset=True, faults=[], variants=[], words=[], token=TOKEN, seed=0, hang_seconds=20)
    return shared


def numbers(count: int) -> list[str]:
    return [str(13000000000 + n) for n in range(count)]


def is_receipt(answer: httpx.Response) -> bool:
    """The documented success, read as strictly as a careful client would."""
    try:
        envelope = json.loads(answer.content.decode())
        unique_id = envelope["data"]["unique_id"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return False
    plain = answer.status_code == 200 and type(envelope["code"]) is int and envelope["code"] == 200
    return plain and envelope["status"] == "success" and isinstance(unique_id, str) and unique_id != ""


@pytest.mark.parametrize("name", POST_FAULTS)
def test_a_fault_takes_what_its_name_says_and_leaves_no_receipt_unless_it_says_so(
    desk: Desk, name: str
) -> None:
    desk.control(faults=[name])
    timeout = 0.3 if name.startswith(("hang", "no_read")) else 10
    if name.removesuffix("_applied") in NO_ANSWER:
        with pytest.raises(httpx.TransportError if "gzip" not in name else httpx.DecodingError):
            desk.send(timeout=timeout)
    else:
        answer = desk.send()
        odd = {
            "nan",
            "duplicate_keys",
            "huge_body",
            "gzip_bomb",
        }  # complete to a lenient reader, not to a strict one
        if name.removesuffix("_applied") not in odd:
            assert is_receipt(answer) is (name in TOLD)
    _assert_taken(desk, name)


def _assert_taken(desk: Desk, name: str) -> None:
    taken = {"twice": 2}.get(
        name, 1 if name in TOLD | {"apply_drop", "apply_late", "partial"} or name.endswith("_applied") else 0
    )
    if name == "apply_late":
        assert desk.ledger()["answers"][0]["fault"] == name
        until(lambda: desk.ledger()["numbers"] != {})
    ledger = desk.ledger()
    assert ledger["numbers"].get(PHONE, 0) == taken
    assert ledger["requests"] == 1
    assert any(batch["answered"] for batch in ledger["batches"]) is (name in TOLD)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 413, 415, 422, 429])
def test_refusals_come_with_and_without_the_envelope(desk: Desk, status: int) -> None:
    desk.control(faults=[f"{status}@1", f"{status}_bare@2"])
    with_envelope, bare = desk.send(), desk.send()
    assert (with_envelope.status_code, with_envelope.json()["code"], with_envelope.json()["data"]) == (
        status,
        status,
        [],
    )
    assert (bare.status_code, bare.headers["content-type"]) == (status, "text/html; charset=utf-8")


@pytest.mark.parametrize(
    "status", [500, 502, 503, 504, 408, 409, 425, 499, 201, 202, 204, 301, 302, 303, 307, 308]
)
def test_statuses_that_prove_nothing_come_with_their_number(desk: Desk, status: int) -> None:
    desk.control(faults=[str(status)])
    assert desk.send().status_code == status


@pytest.mark.parametrize(
    ("name", "told"),
    [("429_seconds", "1"), ("429_negative", "-5"), ("429_huge", "1000000000"), ("429_junk", "soon")],
)
def test_too_many_requests_names_a_wait_of_every_kind(desk: Desk, name: str, told: str) -> None:
    desk.control(faults=[name])
    assert desk.send().headers["retry-after"] == told


def test_too_many_requests_can_name_a_date(desk: Desk) -> None:
    desk.control(faults=["429_date"])
    assert desk.send().headers["retry-after"].endswith(" GMT")


def test_a_task_that_runs_is_told_with_the_documented_code(desk: Desk) -> None:
    desk.control(faults=["6007"])
    assert (desk.send().json()["code"], desk.ledger()["numbers"]) == (6007, {})


@pytest.mark.parametrize("name", ["302", "307", "redirect_other_host"])
def test_a_followed_redirect_shows_in_the_ledger(desk: Desk, name: str) -> None:
    desk.control(faults=[name])
    answer = desk.send()
    assert desk.ledger()["strays"] == 0
    httpx.get(answer.headers["location"], timeout=PATIENCE, trust_env=False)
    assert desk.ledger()["strays"] == 1


BODIES: dict[str, Callable[[bytes], bool]] = {
    "empty": lambda body: body == b"",
    "garbage": lambda body: b"\xff" in body,
    "bom": lambda body: body.startswith(b"\xef\xbb\xbf{"),
    "nan": lambda body: b"NaN" in body,
    "duplicate_keys": lambda body: body.count(b'"code"') == 2,
    "deep_json": lambda body: body.count(b"[") == 200_000,
    "huge_int": lambda body: b"2" * 5000 in body,
    "huge_body": lambda body: len(body) > 2 * 1024 * 1024,
    "code_string": lambda body: json.loads(body)["code"] == "200",
    "code_bool": lambda body: json.loads(body)["code"] is True,
    "code_float": lambda body: b"200.0" in body,
    "status_bool": lambda body: json.loads(body)["status"] is True,
    "list_answer": lambda body: isinstance(json.loads(body), list),
    "no_unique_id": lambda body: json.loads(body)["data"] == {},
    "empty_unique_id": lambda body: json.loads(body)["data"]["unique_id"] == "",
    "null_unique_id": lambda body: json.loads(body)["data"]["unique_id"] is None,
    "number_unique_id": lambda body: json.loads(body)["data"]["unique_id"] == 7,
    "data_list": lambda body: json.loads(body)["data"] == [],
    "data_null": lambda body: json.loads(body)["data"] is None,
    "code_500": lambda body: json.loads(body)["code"] == 500,
    "unknown_code": lambda body: json.loads(body)["code"] not in (200, 6007),
    "html": lambda body: body.startswith(b"<html>"),
    "login_page": lambda body: "登录".encode() in body,
    "code_401": lambda body: json.loads(body)["code"] == 401,
    "code_422": lambda body: json.loads(body)["code"] == 422,
}


@pytest.mark.parametrize(("name", "fits"), BODIES.items(), ids=BODIES.keys())
def test_strange_bodies_come_with_status_200(desk: Desk, name: str, fits: Callable[[bytes], bool]) -> None:
    desk.control(faults=[name])
    answer = desk.send()
    assert answer.status_code == 200
    assert fits(answer.content)


def test_a_malformed_answer_to_a_taken_batch_names_the_real_batch(desk: Desk) -> None:
    desk.control(faults=["bom_applied"])
    unique_id = json.loads(desk.send().content.removeprefix(b"\xef\xbb\xbf"))["data"]["unique_id"]
    assert desk.ledger()["batches"][0]["unique_id"] == unique_id


def test_a_message_can_hold_a_phone_number_and_markup(desk: Desk) -> None:
    desk.control(faults=["markup_message"])
    message = desk.send().json()["message"]
    assert PHONE in message
    assert "<script>" in message


def test_partial_takes_the_first_eighty_rows(desk: Desk) -> None:
    desk.control(faults=["partial"])
    assert desk.send(*numbers(200)).status_code == 500
    assert list(desk.ledger()["numbers"]) == numbers(80)


def test_a_double_delivery_puts_every_number_in_twice(desk: Desk) -> None:
    desk.control(faults=["twice"])
    assert is_receipt(desk.send(*numbers(3)))
    assert desk.ledger()["numbers"] == dict.fromkeys(numbers(3), 2)


def test_late_rows_are_applied_after_the_answer_and_never_after_a_reset(desk: Desk) -> None:
    desk.control(faults=["apply_late"], late_seconds=0.03)
    assert desk.send().status_code == 504
    desk.control(reset=True)
    assert desk.send("13012121212").status_code == 504
    until(lambda: desk.ledger()["numbers"] != {})
    assert desk.ledger()["numbers"] == {"13012121212": 1}


def test_a_slow_answer_takes_its_time(desk: Desk) -> None:
    desk.control(faults=["slow"])
    began = time.monotonic()
    assert is_receipt(desk.send())
    assert time.monotonic() - began >= 0.1


def test_a_hanging_answer_comes_in_the_end(desk: Desk) -> None:
    desk.control(faults=["hang_applied"], hang_seconds=0.05)
    assert desk.send().status_code == 200


def test_a_dripping_answer_comes_byte_by_byte(desk: Desk) -> None:
    desk.control(faults=["drip"])
    pieces = _raw_pieces(desk, _post(desk))
    assert len(pieces) > 20
    assert b'"unique_id"' in b"".join(pieces)


def test_interim_answers_come_before_the_real_one(desk: Desk) -> None:
    desk.control(faults=["interim"])
    whole = b"".join(_raw_pieces(desk, _post(desk)))
    assert whole.index(b"HTTP/1.1 100") < whole.index(b"HTTP/1.1 103") < whole.index(b"HTTP/1.1 200")


def test_a_promised_connection_is_closed(desk: Desk) -> None:
    desk.control(faults=["idle_close"])
    assert b"connection: keep-alive" in b"".join(_raw_pieces(desk, _post(desk)))


@pytest.mark.parametrize("name", ["drop_before", "drop_during"])
def test_a_reset_comes_before_the_body_is_complete(desk: Desk, name: str) -> None:
    desk.control(faults=[name])
    start = _post(desk, declared=1_000_000)
    with pytest.raises(ConnectionResetError):
        _raw_pieces(desk, start)
    assert desk.ledger()["batches"] == []


def test_a_body_that_is_not_read_stalls_on_its_way(desk: Desk) -> None:
    desk.control(faults=["no_read"])
    with pytest.raises(httpx.WriteTimeout):
        desk.request("POST", f"{TASK}/async_number", timeout=0.3, content=b" " * 20_000_000)


def test_the_gzip_answer_is_small_and_unpacks_to_a_hundred_mebibytes(desk: Desk) -> None:
    desk.control(faults=["gzip_bomb"])
    rows = [{"phone": PHONE, "sort": 0}]
    with desk.http.stream(
        "POST", f"{TASK}/async_number", headers=desk.headers, json={"data": rows}
    ) as answer:
        assert int(answer.headers["content-length"]) < 200_000
        assert sum(len(piece) for piece in answer.iter_bytes()) > 100 * 1024 * 1024


def test_an_expired_token_is_refused_everywhere_until_a_new_one_is_set(desk: Desk) -> None:
    desk.control(faults=["token_expires@2"])
    assert [desk.send(phone).status_code for phone in numbers(3)] == [200, 401, 401]
    assert desk.get("/agent-api/token")["code"] == 401
    desk.control(token="another")
    desk.headers["Authorization"] = "Bearer another"
    assert desk.send("13012121212").status_code == 200
    desk.headers["Authorization"] = f"Bearer {TOKEN}"
    assert sorted(desk.ledger()["numbers"]) == [numbers(1)[0], "13012121212"]


def test_a_fault_can_strike_only_the_nth_request(desk: Desk) -> None:
    desk.control(faults=["500@2", "503@3"])
    assert [desk.send(phone).status_code for phone in numbers(4)] == [200, 500, 503, 200]


def test_a_share_of_requests_is_struck_the_same_way_for_the_same_seed(desk: Desk) -> None:
    def statuses(seed: int) -> list[int]:
        desk.control(reset=True, faults=["500:0.5"], seed=seed)
        return [desk.send(phone).status_code for phone in numbers(20)]

    first = statuses(7)
    assert set(first) == {200, 500}
    assert statuses(7) == first
    assert statuses(8) != first


def test_the_ledger_tells_how_every_request_ended(desk: Desk) -> None:
    desk.control(faults=["500@1", "apply_drop@2"])
    desk.send()
    with pytest.raises(httpx.TransportError):
        desk.send()
    assert [(a["request"], a["fault"], a["status"]) for a in desk.ledger()["answers"]] == [
        (1, "500", 500),
        (2, "apply_drop", None),
    ]


def test_lists_can_mask_phones_and_leave_out_extra(desk: Desk) -> None:
    desk.send()
    desk.control(faults=["masked_list", "no_extra_list"])
    [listed] = desk.get(f"{TASK}/number", page=1)["data"]
    assert listed["phone"] == "130****1211"
    assert "extra" not in listed


def test_lists_can_shift_while_they_are_paged(desk: Desk) -> None:
    desk.send(*numbers(4))
    desk.control(faults=["shifting_list"])
    first, second = (desk.get(f"{TASK}/number", page=page, per_page=2) for page in (1, 2))
    assert second["meta"]["total"] == first["meta"]["total"] + 1
    assert first["data"][1] == second["data"][0]


def test_lists_can_give_page_one_forever(desk: Desk) -> None:
    desk.send(*numbers(4))
    desk.control(faults=["list_same_page"])
    first, fourth = (desk.get(f"{TASK}/number", page=page, per_page=2) for page in (1, 4))
    assert first == fourth
    assert fourth["meta"]["last_page"] > 4


def test_lists_can_fail_in_three_ways(desk: Desk) -> None:
    desk.control(faults=["list_error@1", "list_refused@2", "list_drop@3"])
    path = f"{TASK}/number?page=1"
    assert desk.request("GET", path).status_code == 500
    refused = desk.request("GET", path)
    assert (refused.status_code, refused.json()["status"]) == (200, "error")
    with pytest.raises(httpx.TransportError):
        desk.request("GET", path)


@pytest.mark.parametrize("otherwise", [{"variants": ["lookups_missing"]}, {"words": ["系统"]}])
def test_a_line_that_breaks_is_broken_for_whoever_answers_in_another_way_too(
    desk: Desk, otherwise: dict[str, Any]
) -> None:
    unique_id = desk.send().json()["data"]["unique_id"]
    desk.control(faults=["list_drop@1", "result_drop@1"], **otherwise)
    for path in (f"{TASK}/number?page=1", f"{USER}/identification/{unique_id}"):
        with pytest.raises(httpx.TransportError):
            desk.request("GET", path)


def test_a_batch_can_stay_pending_be_lost_or_not_be_asked_for(desk: Desk) -> None:
    path = f"{USER}/identification/{desk.send().json()['data']['unique_id']}"
    desk.control(faults=["result_pending@1", "result_lost@2", "result_drop@3"])
    assert desk.get(path)["data"] == []
    assert desk.get(path)["code"] == 404
    with pytest.raises(httpx.TransportError):
        desk.get(path)
    assert desk.get(path)["data"]["type"] == "import_number"


def test_a_held_connection_does_not_delay_the_end() -> None:
    with contextlib.ExitStack() as held:
        before = set(threading.enumerate())
        with sandbox.running(token=TOKEN, faults=("hang",), hang_seconds=10 * PATIENCE) as url:
            [server] = set(threading.enumerate()) - before
            desk = Desk(url)
            connection = held.enter_context(socket.create_connection(("127.0.0.1", httpx.URL(url).port)))
            connection.sendall(_post(desk))
            until(lambda: desk.ledger()["requests"] == 1)
            desk.http.close()
        server.join(PATIENCE)
        assert not server.is_alive(), "it ends long before what it holds"


def _post(desk: Desk, declared: int | None = None) -> bytes:
    body = json.dumps({"data": [{"phone": PHONE, "sort": 0}]}).encode()
    lines = [
        f"POST {TASK}/async_number HTTP/1.1", "Host: 127.0.0.1", f"Authorization: Bearer {TOKEN}",
        "Content-Type: application/json", f"Content-Length: {declared or len(body)}", "", "",
    ]  # fmt: skip
    return "\r\n".join(lines).encode() + body


def _raw_pieces(desk: Desk, sent: bytes) -> list[bytes]:
    """What comes back until the connection is closed, read by read."""
    address = httpx.URL(desk.url)
    pieces = []
    with socket.create_connection((address.host, address.port), timeout=PATIENCE) as connection:
        connection.sendall(sent)
        while piece := connection.recv(65536):
            pieces.append(piece)
    return pieces
