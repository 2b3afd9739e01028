"""The catalogue of what can go wrong with an answer, as data: which rows are taken, and what comes back.

A name alone means that nothing was taken; the same name with `_applied` gives the same answer after the rows were taken.
Only faults whose answer proves nothing have both.
"""

import gzip
import json
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from email.utils import formatdate
from enum import StrEnum
from functools import cache, partial
from typing import Any

from starlette.responses import Response

from lib.sandbox.settings import SandboxSettings
from lib.sandbox.wire import Held, Raw, Reset, head

#: The page's own success message.
SUCCESS = "号码导入任务信息请在回调中查收"

_JSON = "application/json"
_HTML = "text/html; charset=utf-8"
_LOGIN = "<!doctype html><html><head><title>登录</title></head><body><form action='/login'>请先登录</form></body></html>"
_GATEWAY = "<html><head><title>{0}</title></head><body><center><h1>{0}</h1></center><hr><center>nginx</center></body></html>"

#: Rows that `partial` takes before it fails (A19).
FIRST_ROWS = 80

#: Unpacked size of `gzip_bomb`; about a thousandth of it is sent.
_BOMB_BYTES = 100 * 1024 * 1024

_NEVER_KNOWN = 4999


class Takes(StrEnum):
    """What of the request takes effect."""

    NOTHING = "nothing"
    ALL = "all"
    FIRST = "first"
    LATER = "later"
    TWICE = "twice"


class FaultScope(StrEnum):
    """Which requests a fault concerns, and so what its `@N` counts."""

    POST = "async_number"
    LIST = "number list and detail"
    RESULT = "identification"


@dataclass(frozen=True)
class Call:
    """What an answer may be made from. unique_id: of the batch, or an invented one where nothing was taken."""

    settings: SandboxSettings
    unique_id: str
    port: int

    def text(self, **changes: Any) -> str:
        """The documented success envelope as JSON text, with `changes` at its top level."""
        data = {"unique_id": self.unique_id}
        return json.dumps(envelope(200, SUCCESS, data) | changes, ensure_ascii=False)


Answer = Callable[[Call], Response]


@dataclass(frozen=True)
class Fault:
    """reads: whether the whole request is read first. telling: whether the person was told of the batch after all."""

    meaning: str
    answer: Answer
    takes: Takes = Takes.NOTHING
    place: FaultScope = FaultScope.POST
    reads: bool = True
    telling: bool = False


def envelope(code: int, message: Any, data: Any = None) -> dict[str, Any]:
    """The documented envelope; on an error `data` is an empty array.

    code: the platform's own, whatever the HTTP status is; any other than 200 is told as an error
    message: a text, or field → messages where the form of the request is refused
    data: None for the empty array
    """
    status = "success" if code == 200 else "error"
    return {"code": code, "status": status, "message": message, "data": [] if data is None else data}


def reply(document: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """`document` as a JSON answer.

    document: whatever JSON can carry, an envelope or not
    status: of HTTP, whatever code stands in the document
    headers: what goes beside those of a JSON answer, None for nothing
    """
    return _body(json.dumps(document, ensure_ascii=False), status, headers)


def success(call: Call) -> Response:
    """What the page documents."""
    return _body(call.text())


def _body(
    text: str | bytes, status: int = 200, headers: dict[str, str] | None = None, media_type: str = _JSON
) -> Response:
    return Response(text, status, headers, media_type)


def _refusal(
    status: int, code: int, message: Any, call: Call, headers: dict[str, str] | None = None
) -> Response:
    return reply(envelope(code, message), status, headers)


def _gateway(status: int, call: Call, headers: dict[str, str] | None = None) -> Response:
    return _body(_GATEWAY.format(status), status, headers, _HTML)


def _text(make: Callable[[Call], str | bytes], call: Call) -> Response:
    return _body(make(call))


def _as_status(status: int, call: Call) -> Response:
    return _body(call.text(), status)


def _redirect(status: int, host: str, call: Call) -> Response:
    return Response(
        status_code=status, headers={"location": f"http://{host}:{call.port}/agent-api/elsewhere"}
    )


def _retry_after(value: str | Callable[[], str], call: Call) -> Response:
    told = value if isinstance(value, str) else value()
    return _refusal(429, 429, "请求过于频繁，请稍后再试", call, {"retry-after": told})


def _raw_success(call: Call, **headers: str) -> bytes:
    body = call.text().encode()
    described = {"content-type": _JSON, "content-length": str(len(body)), **headers}
    return head("200 OK", described) + body


def _truncated(call: Call) -> Response:
    whole = _raw_success(call)
    return Raw([whole[: len(whole) - 20]])


def _truncated_head(call: Call) -> Response:
    return Raw([_raw_success(call)[:40]])


def _drip(call: Call) -> Response:
    whole = _raw_success(call)
    return Raw((whole[at : at + 1] for at in range(len(whole))), gap_seconds=call.settings.drip_seconds)


def _interim(call: Call) -> Response:
    interim = head("100 Continue", {}) + head("103 Early Hints", {"link": "</style.css>; rel=preload"})
    return Raw([interim, _raw_success(call)])


def _bad_gzip(call: Call) -> Response:
    return _body(call.text(), headers={"content-encoding": "gzip"})


def _bomb(call: Call) -> Response:
    return _body(b"".join(_bomb_pieces(call.text().encode())), headers={"content-encoding": "gzip"})


def _bomb_pieces(start: bytes) -> Iterator[bytes]:
    """One gzip stream: the envelope, then blanks; each block ends in a full flush, so that one block serves for all."""
    block = b" " * (1024 * 1024)
    count = _BOMB_BYTES // len(block)
    yield gzip.compress(b"", mtime=0)[:10]
    yield _flushed(start)
    yield _flushed(block) * count
    yield zlib.compressobj(9, zlib.DEFLATED, -15).flush()
    check = zlib.crc32(start)
    for _ in range(count):
        check = zlib.crc32(block, check)
    yield check.to_bytes(4, "little") + (len(start) + count * len(block)).to_bytes(4, "little")


@cache
def _flushed(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush(zlib.Z_FULL_FLUSH)


def _slow(call: Call) -> Response:
    return Held(success(call), call.settings.slow_seconds)


def _hang(call: Call) -> Response:
    return Held(success(call), call.settings.hang_seconds)


def _deaf(call: Call) -> Response:
    return Held(Reset(), call.settings.hang_seconds, deaf=True)


def _refusals() -> dict[str, Fault]:
    """Answers that say in the platform's own form that the request was not processed."""
    known = {
        400: "请求错误", 401: "Unauthenticated.", 403: "没有权限", 404: "任务不存在", 405: "请求方法不允许",
        413: "请求内容过大", 415: "请求格式不支持", 422: {"data.0.phone": ["号码格式错误"]}, 429: "请求过于频繁，请稍后再试",
    }  # fmt: skip
    faults = {
        str(code): Fault(f"HTTP {code} with the platform's envelope", partial(_refusal, code, code, message))
        for code, message in known.items()
    }
    faults |= {
        f"{code}_bare": Fault(f"HTTP {code} as an HTML page, without an envelope", partial(_gateway, code))
        for code in known
    }
    faults |= {
        f"429_{name}": Fault(f"HTTP 429 with Retry-After: {told}", partial(_retry_after, value))
        for name, told, value in (
            ("seconds", "1", "1"),
            ("date", "a date two seconds ahead", _soon),
            ("negative", "-5", "-5"),
            ("huge", "1000000000", "1000000000"),
            ("junk", "soon", "soon"),
        )
    }
    running = "2.0任务启动中,请先停止任务"
    markup = "号码 13012121211 错误 <script>alert(1)</script> **粗体** [链接](http://127.0.0.1/)"
    return faults | {
        "6007": Fault("HTTP 200, code 6007: a 2.0 task is running", partial(_refusal, 200, 6007, running)),
        "code_401": Fault(
            "HTTP 200, code 401 in the envelope", partial(_refusal, 200, 401, "Unauthenticated.")
        ),
        "code_422": Fault("HTTP 200, code 422 in the envelope", partial(_refusal, 200, 422, known[422])),
        "422_repeated": Fault(
            "HTTP 422: every number of the batch is repeated",
            partial(_refusal, 422, 422, {"data.0.phone": ["号码重复。"]}),
        ),
        "markup_message": Fault(
            "HTTP 422 whose message holds a phone number and markup", partial(_refusal, 422, 422, markup)
        ),
        "token_expires": Fault(
            "from the struck request on the token is refused (401), everywhere, until a token is set by /_control",
            partial(_refusal, 401, 401, "Unauthenticated."),
        ),
    }


#: Refusals at the door that a platform could give although it took the rows: nobody has probed whether one does.
_LIES = ("401", "403", "429", "6007", "422_repeated")


def _soon() -> str:
    return formatdate(time.time() + 2, usegmt=True)


def _puzzles() -> dict[str, Fault]:
    """Answers that prove nothing: each once with nothing taken and once with the rows taken."""
    error_500 = partial(_refusal, 500, 500, "系统错误")
    faults = {"500": Fault("HTTP 500 with an envelope", error_500)}
    faults |= {
        str(code): Fault(f"HTTP {code} as an HTML page", partial(_gateway, code)) for code in (502, 504)
    }
    faults["503"] = Fault(
        "HTTP 503 as an HTML page, Retry-After: 1", partial(_gateway, 503, headers={"retry-after": "1"})
    )
    faults |= {
        str(code): Fault(f"HTTP {code} with an envelope", partial(_refusal, code, code, "请求未完成"))
        for code in (408, 409, 425, 499)
    }
    faults |= {
        str(code): Fault(f"HTTP {code} with a success envelope", partial(_as_status, code))
        for code in (201, 202)
    }
    faults["204"] = Fault("HTTP 204, no body", lambda call: Response(status_code=204))
    faults |= {
        str(code): Fault(f"HTTP {code} to the same host", partial(_redirect, code, "127.0.0.1"))
        for code in (301, 302, 303, 307, 308)
    }
    faults["redirect_other_host"] = Fault(
        "HTTP 307 to another host name", partial(_redirect, 307, "localhost")
    )
    return faults | _strange_bodies() | _strange_wire()


def _strange_bodies() -> dict[str, Fault]:
    """Answers with HTTP 200 whose body is not the documented success."""
    texts: dict[str, tuple[str, Callable[[Call], str | bytes]]] = {
        "empty": ("no body at all", lambda call: b""),
        "garbage": ("bytes that are neither text nor JSON", lambda call: bytes(range(256)) * 4),
        "bom": ("a byte order mark before the success envelope", lambda call: "\ufeff" + call.text()),
        "nan": ("the envelope with a NaN in it", lambda call: call.text(took=float("nan"))),
        "duplicate_keys": ("the key code twice, 200 last", lambda call: '{"code":500,' + call.text()[1:]),
        "deep_json": ("200,000 nested arrays in data", lambda call: call.text(data=0)[:-2] + "[" * 200_000 + "]" * 200_000 + "}"),
        "huge_int": ("code is an integer of 5,000 digits", lambda call: call.text(code=0).replace("0", "2" * 5000, 1)),
        "huge_body": ("the success envelope and 2 MiB of blanks", lambda call: call.text() + " " * 2 * 1024 * 1024),
        "code_string": ('code is the text "200"', lambda call: call.text(code="200")),
        "code_bool": ("code is true", lambda call: call.text(code=True)),
        "code_float": ("code is 200.0", lambda call: call.text(code=200.0)),
        "status_bool": ("status is true", lambda call: call.text(status=True)),
        "list_answer": ("the answer is an array", lambda call: f"[{call.text()}]"),
        "no_unique_id": ("success, data without unique_id", lambda call: call.text(data={})),
        "empty_unique_id": ("success, unique_id is empty", lambda call: call.text(data={"unique_id": ""})),
        "null_unique_id": ("success, unique_id is null", lambda call: call.text(data={"unique_id": None})),
        "number_unique_id": ("success, unique_id is a number", lambda call: call.text(data={"unique_id": 7})),
        "data_list": ("success, data is an empty array", lambda call: call.text(data=[])),
        "data_null": ("success, data is null", lambda call: call.text(data=None)),
        "code_500": ("HTTP 200, code 500 in the envelope", lambda call: json.dumps(envelope(500, "系统错误"))),
        "unknown_code": (f"HTTP 200, the undocumented code {_NEVER_KNOWN}", lambda call: json.dumps(envelope(_NEVER_KNOWN, "?"))),
    }  # fmt: skip
    faults = {
        name: Fault(f"HTTP 200, {meaning}", partial(_text, make)) for name, (meaning, make) in texts.items()
    }
    return faults | {
        "html": Fault("HTTP 200, an HTML page", partial(_gateway, 200)),
        "login_page": Fault("HTTP 200, a login page", lambda call: _body(_LOGIN, media_type=_HTML)),
    }


def _strange_wire() -> dict[str, Fault]:
    """Answers whose transport is wrong, or that never come."""
    return {
        "truncated": Fault("the success envelope, 20 bytes short of its Content-Length", _truncated),
        "truncated_head": Fault("the connection closes within the headers", _truncated_head),
        "not_http": Fault("bytes that are not HTTP", lambda call: Raw([b"\x15\x03\x01\x00\x02\x02\x28" * 8])),
        "huge_header": Fault(
            "a header of 200 kB", lambda call: Raw([_raw_success(call, **{"x-filler": "x" * 200_000})])
        ),
        "bad_gzip": Fault("says it is gzip and is not", _bad_gzip),
        "close": Fault("the connection closes (FIN) without an answer", lambda call: Raw([])),
        "hang": Fault("no answer for hang_seconds", _hang),
    }


def _deliveries() -> dict[str, Fault]:
    """Faults of the connection, of time, and of how much is taken."""
    return {
        "drop_before": Fault("reset (RST) before the body is read", lambda call: Reset(), reads=False),
        "drop_during": Fault("reset after the first piece of the body", lambda call: Reset(read_first=True), reads=False),
        "drop_after": Fault("reset after the whole request was read, nothing taken", lambda call: Reset()),
        "apply_drop": Fault("everything taken, then reset: the answer is lost", lambda call: Reset(), Takes.ALL),
        "no_read": Fault("the body is never read, no answer for hang_seconds", _deaf, reads=False),
        "apply_late": Fault("HTTP 504 at once, everything taken late_seconds after", partial(_gateway, 504), Takes.LATER),
        "partial": Fault(
            f"the first {FIRST_ROWS} rows taken, then HTTP 500", partial(_refusal, 500, 500, "系统错误"), Takes.FIRST
        ),
        "twice": Fault(
            "a gateway delivers the request twice, both are taken, one success comes back",
            success, Takes.TWICE, telling=True,
        ),
        "slow": Fault("success after slow_seconds", _slow, Takes.ALL, telling=True),
        "drip": Fault("success, a byte every drip_seconds, then the connection closes", _drip, Takes.ALL, telling=True),
        "interim": Fault("100 and 103 before the success", _interim, Takes.ALL, telling=True),
        "idle_close": Fault(
            "success that promises keep-alive, then the connection closes",
            lambda call: Raw([_raw_success(call, connection="keep-alive")]), Takes.ALL, telling=True,
        ),
        "gzip_bomb": Fault("success that unpacks to 100 MiB", _bomb, Takes.ALL, telling=True),
    }  # fmt: skip


def _readings() -> dict[str, Fault]:
    """Faults of the lists and of the look-up of a batch; `answer` is used where the whole answer is replaced."""
    listed: dict[str, tuple[str, Answer]] = {
        "masked_list": ("phones as 130****1211 in lists and details", success),
        "no_extra_list": ("lists and details without extra", success),
        "shifting_list": ("one more stranger on top at every look: total changes, pages shift", success),
        "list_same_page": ("page 1 for whatever page is asked, and there is always another", success),
        "list_error": ("HTTP 500 on lists and details", partial(_refusal, 500, 500, "系统错误")),
        "list_refused": (
            "HTTP 200 with an error envelope on lists and details",
            partial(_refusal, 200, 500, "系统错误"),
        ),
        "list_missing": (
            "HTTP 404 with an envelope on lists and details",
            partial(_refusal, 404, 404, "接口不存在"),
        ),
        "list_forbidden": (
            "HTTP 403 with an envelope on lists and details",
            partial(_refusal, 403, 403, "没有权限"),
        ),
        "list_drop": ("lists and details are reset", lambda call: Reset()),
    }
    results: dict[str, tuple[str, Answer]] = {
        "result_pending": (
            "the batch is known and its result never appears",
            lambda call: reply(envelope(200, "处理中")),
        ),
        "result_lost": ("no batch is known (404)", partial(_refusal, 404, 404, "批次不存在")),
        "result_drop": ("look-ups of a batch are reset", lambda call: Reset()),
    }
    return {
        name: Fault(meaning, answer, place=FaultScope.LIST) for name, (meaning, answer) in listed.items()
    } | {name: Fault(meaning, answer, place=FaultScope.RESULT) for name, (meaning, answer) in results.items()}


def _catalogue() -> dict[str, Fault]:
    puzzles = _puzzles()
    applied = {
        f"{name}_applied": replace(fault, meaning=f"{fault.meaning}; the rows were taken", takes=Takes.ALL)
        for name, fault in (puzzles | {name: _refusals()[name] for name in _LIES}).items()
    }
    return _refusals() | puzzles | applied | _deliveries() | _readings()


CATALOGUE: dict[str, Fault] = _catalogue()

#: Name → one line of what it does.
FAULTS: dict[str, str] = {name: fault.meaning for name, fault in CATALOGUE.items()}

KNOWN: frozenset[str] = frozenset(CATALOGUE)

#: List faults that change rows or paging and leave the answer standing.
_BENDING = frozenset({"masked_list", "no_extra_list", "shifting_list", "list_same_page"})


def replaces_answer(name: str) -> bool:
    """Whether the fault's own answer goes out instead of the endpoint's."""
    return name not in _BENDING
