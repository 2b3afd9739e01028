"""What an answer of the platform means. Pure: bytes in, a Receipt or a named error out; never a crash.

The rule a newcomer would break: whatever is not listed as definite is OutcomeUnknown (README, "What each
answer means"). A false "unknown" costs a look at the list; a false "refused" or "not sent" calls a person twice.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any

from lib.errors import OutcomeUnknown, PlatformError, Refused, Throttled, Unauthorised
from lib.platform.text import flat, plain, whole_number

#: Bytes of an answer we read. A success answer has about 150; more is not the platform speaking.
ANSWER_LIMIT = 1_048_576

#: Characters of a `unique_id`; samples have 36.
UNIQUE_ID_LIMIT = 255

#: Seconds; a `Retry-After` is clipped to this span.
SHORTEST_WAIT, LONGEST_WAIT = 1.0, 600.0

#: Envelope codes beyond this are nonsense, and no database column for them.
CODE_LIMIT = 2**31


class FailureCode(StrEnum):
    """Every way a call can end other than well; the sentence is `error.<value>`."""

    # surely nothing left this computer
    UNREACHABLE = "unreachable"
    NAME_UNKNOWN = "name_unknown"
    CONNECT_TIMEOUT = "connect_timeout"
    TLS_FAILED = "tls_failed"
    CERTIFICATE = "certificate"
    PROXY = "proxy"
    CONNECTIONS_BUSY = "connections_busy"
    DESTINATION_INVALID = "destination_invalid"
    PRACTICE_NOT_LOCAL = "practice_not_local"
    CLOSED = "platform_closed"
    # the platform said no
    TOKEN_UNUSABLE = "token_unusable"  # found before sending
    TOKEN_REFUSED = "token_refused"
    FORBIDDEN = "forbidden"
    THROTTLED = "throttled"
    REFUSED = "refused"
    TASK_RUNNING = "task_running"
    NOT_FOUND = "not_found"
    # may have arrived
    NO_ANSWER = "no_answer"
    DROPPED = "dropped"
    SERVER_ERROR = "server_error"
    REDIRECTED = "redirected"
    LOGIN_PAGE = "login_page"
    EMPTY_ANSWER = "empty_answer"
    NOT_JSON = "not_json"
    ANSWER_TOO_LARGE = "answer_too_large"
    ANSWER_MALFORMED = "answer_malformed"
    NO_UNIQUE_ID = "no_unique_id"
    UNKNOWN_CODE = "unknown_code"
    UNEXPECTED_STATUS = "unexpected_status"
    # looking something up; changes nothing on the platform
    LOOKUP_NO_ANSWER = "lookup_no_answer"
    LOOKUP_NOT_PLATFORM = "lookup_not_platform"
    LOOKUP_UNCLEAR = "lookup_unclear"


#: Endings where something other than the platform may be answering: a reason to stop the line (A07, A10).
ANSWER_SHAPE = frozenset(
    {
        FailureCode.REDIRECTED,
        FailureCode.LOGIN_PAGE,
        FailureCode.EMPTY_ANSWER,
        FailureCode.NOT_JSON,
        FailureCode.ANSWER_TOO_LARGE,
        FailureCode.ANSWER_MALFORMED,
    }
)

_Refusal = Callable[["Answer", "Envelope | None"], PlatformError]


@dataclass(frozen=True)
class Receipt:
    """The platform accepted a batch. unique_id: the batch number (批次号); message: its text, plain and masked.

    raw: the whole answer made fit to be shown on demand; nothing follows from it.
    """

    unique_id: str
    message: str
    http_status: int
    raw: str = field(default="", repr=False, compare=False)


@dataclass(frozen=True)
class Answer:
    """An answer read whole. document: the JSON object, None where it is none; then `shape` says what came instead.

    named: the one unique_id that stands in its text, however malformed, "" for none: a hint where to look, proof of nothing.
    """

    http_status: int
    document: Mapping[str, Any] | None = field(repr=False)
    shape: FailureCode | None
    retry_after_seconds: float | None
    named: str = ""


@dataclass(frozen=True)
class Envelope:
    """The platform's envelope, strictly typed. message: plain, masked text."""

    code: int
    status: str
    message: str
    data: Any = field(repr=False)


class _AmbiguousError(ValueError):
    """JSON that two readers could read differently."""


def parse(status: int, headers: Mapping[str, str], body: bytes, *, now: datetime | None = None) -> Answer:
    """Read an answer strictly: duplicate keys, NaN, a BOM, broken UTF-8 or deep nesting make it no document.

    status: HTTP status, only handed on
    headers: names in any case; a `Content-Encoding` but identity makes it no document
    body: bytes as they came; one longer than `ANSWER_LIMIT` is no document
    now: aware time, for a `Retry-After` given as a date; the answer's own `Date` goes first
    """
    document, shape = _document(body)
    if _header(headers, "content-encoding").strip().lower() not in ("", "identity"):
        document, shape = (
            None,
            FailureCode.NOT_JSON,
        )  # asked for without; what says it is packed is not read as if it were not
    wait = _retry_after(_header(headers, "retry-after"), _header(headers, "date"), now)
    return Answer(status, document, shape, wait, _named(body))


def classify(answer: Answer, *, secret: str = "") -> Receipt | PlatformError:
    """The ending of a POST that reached the wire, by the table of the README.

    secret: the token; it is taken out of the platform's text, should that repeat it.
    """
    status = answer.http_status
    envelope = _envelope(answer.document, secret)
    if status >= 500:
        return _unknown(FailureCode.SERVER_ERROR, answer, envelope)
    if 300 <= status < 400:
        return _unknown(FailureCode.REDIRECTED, answer, envelope)
    if status == 429:
        return _throttled_or_contradicted(answer, envelope)
    if status != 200 and status not in _REFUSING_STATUS:
        return _unknown(FailureCode.UNEXPECTED_STATUS, answer, envelope)
    if envelope is None:
        return _without_envelope(answer, secret)
    return _accepted_or_not(answer, envelope) if status == 200 else _refused_by_status(answer, envelope)


def _accepted_or_not(answer: Answer, envelope: Envelope) -> Receipt | PlatformError:
    """HTTP 200: the envelope decides."""
    if (envelope.code == 200) != (envelope.status == "success"):
        return _unknown(FailureCode.ANSWER_MALFORMED, answer, envelope)
    if envelope.code == 200:
        unique_id = _unique_id(envelope.data)
        if unique_id is None:
            return _unknown(FailureCode.NO_UNIQUE_ID, answer, envelope)
        return Receipt(unique_id, envelope.message, answer.http_status)
    meaning = CODE_BOOK.get(envelope.code)
    return meaning(answer, envelope) if meaning else _unknown(FailureCode.UNKNOWN_CODE, answer, envelope)


def _refused_by_status(answer: Answer, envelope: Envelope) -> PlatformError:
    """HTTP 4xx: a refusal, unless the envelope contradicts it. A code shaped like an HTTP status must be in the book."""
    if envelope.code == 200 or envelope.status == "success":
        return _unknown(FailureCode.ANSWER_MALFORMED, answer, envelope)
    meaning = CODE_BOOK.get(envelope.code)
    if meaning is None and 100 <= envelope.code < 600:
        return _unknown(FailureCode.UNKNOWN_CODE, answer, envelope)
    return (meaning or CODE_BOOK[answer.http_status])(answer, envelope)


def _throttled_or_contradicted(answer: Answer, envelope: Envelope | None) -> PlatformError:
    if envelope and (envelope.code == 200 or envelope.status == "success"):
        return _unknown(FailureCode.ANSWER_MALFORMED, answer, envelope)
    return _throttled(answer, envelope)


def _without_envelope(answer: Answer, secret: str) -> PlatformError:
    """No envelope is no evidence, but for the one text that says the guard at the door turned us away."""
    document = answer.document
    if document is None:
        return _unknown(answer.shape or FailureCode.NOT_JSON, answer, None)
    message = document.get("message")
    # The text is what a public script against this platform tests for.
    if (
        answer.http_status == 401
        and isinstance(message, str)
        and message.strip().rstrip(".") == "Unauthenticated"
    ):
        return Unauthorised(FailureCode.TOKEN_REFUSED, http_status=401, message=plain(message, secret))
    return _unknown(FailureCode.ANSWER_MALFORMED, answer, None)


def _facts(answer: Answer, envelope: Envelope | None) -> dict[str, Any]:
    return {
        "http_status": answer.http_status,
        "envelope_code": envelope.code if envelope else None,
        "message": envelope.message if envelope else None,
    }


def _unknown(code: FailureCode, answer: Answer, envelope: Envelope | None) -> OutcomeUnknown:
    return OutcomeUnknown(code, unique_id=answer.named, **_facts(answer, envelope))


def _throttled(answer: Answer, envelope: Envelope | None) -> Throttled:
    return Throttled(
        FailureCode.THROTTLED, retry_after_seconds=answer.retry_after_seconds, **_facts(answer, envelope)
    )


def _refusal(kind: type[PlatformError], code: FailureCode) -> _Refusal:
    return lambda answer, envelope: kind(code, **_facts(answer, envelope))


#: Codes that surely mean "not done", as HTTP status (with an envelope) or inside the envelope of an HTTP 200.
#: 6007 is the only one the manual prints. A new entry needs a probe of the real platform (I7).
CODE_BOOK: Mapping[int, _Refusal] = {
    6007: _refusal(Refused, FailureCode.TASK_RUNNING),
    401: _refusal(Unauthorised, FailureCode.TOKEN_REFUSED),
    403: _refusal(Unauthorised, FailureCode.FORBIDDEN),
    404: _refusal(Refused, FailureCode.NOT_FOUND),
    429: _throttled,
    **dict.fromkeys((400, 405, 413, 415, 422), _refusal(Refused, FailureCode.REFUSED)),
}

_REFUSING_STATUS = frozenset({400, 401, 403, 404, 405, 413, 415, 422})


def look(answer: Answer, body: bytes, *, secret: str = "") -> dict[str, Any] | PlatformError:
    """The ending of a GET: the envelope, or why there is none. Tolerant, since nothing is decided by it alone.

    Also reads what the strict reader refuses (a BOM, a repeated key, the code as text).

    answer: of `parse`; its status and shape count here, its strict document does not
    body: the bytes that `answer` was read from, read once more
    secret: the token; it is taken out of the platform's text, should that repeat it
    """
    status = answer.http_status
    document = _loose(body)
    if 300 <= status < 400 or (document is None and answer.shape == FailureCode.LOGIN_PAGE):
        return PlatformError(FailureCode.LOOKUP_NOT_PLATFORM, http_status=status)
    code = _loose_code(document)
    if document is not None and status == 200 and code == 200:
        return document
    envelope = Envelope(code, "", plain(flat(document.get("message")), secret), None) if document else None
    meaning = CODE_BOOK.get(code if status == 200 else status)
    if meaning:
        return meaning(answer, envelope)
    failure = FailureCode.LOOKUP_NO_ANSWER if status >= 500 else FailureCode.LOOKUP_UNCLEAR
    if status == 200 and document is None:
        failure = FailureCode.LOOKUP_NOT_PLATFORM
    return PlatformError(failure, **_facts(answer, envelope))


def _document(body: bytes) -> tuple[Mapping[str, Any] | None, FailureCode | None]:
    if len(body) > ANSWER_LIMIT:
        return None, FailureCode.ANSWER_TOO_LARGE
    if not body.strip():
        return None, FailureCode.EMPTY_ANSWER
    if body.lstrip()[:1] == b"<":
        return None, FailureCode.LOGIN_PAGE
    try:
        document = json.loads(body.decode("utf-8"), object_pairs_hook=_once, parse_constant=_constant)
    except _AmbiguousError:
        return None, FailureCode.ANSWER_MALFORMED
    # Also a broken encoding, a BOM and whole numbers of thousands of digits; RecursionError: a hundred thousand brackets.
    except (ValueError, RecursionError):
        return None, FailureCode.NOT_JSON
    return (document, None) if isinstance(document, dict) else (None, FailureCode.ANSWER_MALFORMED)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _AmbiguousError("a key stands twice")
    return found


def _constant(name: str) -> float:
    raise _AmbiguousError(name)


def _loose(body: bytes) -> dict[str, Any] | None:
    try:
        document = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _loose_code(document: Mapping[str, Any] | None) -> int:
    """-1 where there is none."""
    code = (document or {}).get("code")
    number = whole_number(code) if isinstance(code, str) else code
    return number if isinstance(number, int) and _is_code(number) else -1


def _is_code(value: int) -> bool:
    """True and False are no codes, though Python counts them among the whole numbers."""
    return type(value) is int and -CODE_LIMIT <= value < CODE_LIMIT


def _envelope(document: Mapping[str, Any] | None, secret: str) -> Envelope | None:
    if document is None:
        return None
    code, status = document.get("code"), document.get("status")
    if not isinstance(code, int) or not _is_code(code) or not isinstance(status, str):
        return None
    return Envelope(code, status, plain(flat(document.get("message")), secret), document.get("data"))


_NAMED = re.compile(rb'"unique_id"\s*:\s*"([^"\\]*)"')


def _named(body: bytes) -> str:
    """The one batch number in this text; "" where there is none, or more than one."""
    found = {one.decode("utf-8", "replace") for one in _NAMED.findall(body[:ANSWER_LIMIT])}
    return _usable(found.pop()) or "" if len(found) == 1 else ""


def _unique_id(data: Any) -> str | None:
    return _usable(data.get("unique_id") if isinstance(data, dict) else None)


def _usable(found: Any) -> str | None:
    """A batch number we can store, show and ask for again."""
    if not isinstance(found, str) or not 0 < len(found) <= UNIQUE_ID_LIMIT:
        return None
    return found if found.isprintable() and not any(map(str.isspace, found)) else None


def _header(headers: Mapping[str, str], name: str) -> str:
    return next((value for key, value in headers.items() if key.lower() == name), "").strip()


def _retry_after(value: str, date: str, now: datetime | None) -> float | None:
    """Seconds to wait, clipped; None where the platform did not say, or said nonsense."""
    if not value:
        return None
    if re.fullmatch(r"-?\d{1,400}(\.\d{1,400})?", value, re.ASCII):
        return min(max(float(value), SHORTEST_WAIT), LONGEST_WAIT)
    then = _moment(value)
    if then is None:
        return None
    seconds = (then - (_moment(date) or now or datetime.now(UTC))).total_seconds()
    return min(max(seconds, SHORTEST_WAIT), LONGEST_WAIT)


def _moment(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
