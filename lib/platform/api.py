"""The platform over HTTP: one function per endpoint; every ending is a Receipt, an envelope or a named error. Nothing is repeated here."""

import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import replace
from types import TracebackType
from typing import Any

import httpx

from lib.errors import (
    NotSent,
    OutcomeUnknown,
    PlatformError,
    Refused,
    Throttled,
    Unauthorised,
)
from lib.platform.answers import ANSWER_LIMIT, Answer, FailureCode, Receipt, classify, look, parse
from lib.platform.batch_request import batch_request, bearer
from lib.platform.connection import Connection, ConnectionKind, cleaned, is_loopback, mistakes
from lib.platform.connection_test import ConnectionVerdict, TokenHealth, verdict
from lib.platform.deadline import time_limit
from lib.platform.directory_decoding import validity
from lib.platform.download_address import fetchable
from lib.platform.paths import LookUp, segment, task_path
from lib.platform.text import raw
from lib.platform.token import is_token
from lib.platform.transport import (
    BATCH_TIMEOUT,
    CALL_ERRORS,
    WireMark,
    client_over,
    named_error,
    trace_works,
    transport,
)

#: Seconds for one call from its start to the last byte of its answer.
TOTAL_SECONDS = 120.0

#: Seconds for a look-up that a person waits for at a page.
LOOK_UP_SECONDS = 20.0


class Platform:
    """One per process, usable from several threads.

    Close it after the threads that send have ended: a call still under way ends as unknown at its next step.
    """

    def __init__(
        self,
        *,
        total_seconds: float = TOTAL_SECONDS,
        answer_seconds: float | None = None,
        over: httpx.BaseTransport | None = None,
        permit: Callable[[Connection], None] | None = None,
    ) -> None:
        """answer_seconds: what `send` may take at most, in place of total_seconds; a caller narrows it by `time_limit`.

        over: another transport, for tests. permit: raises DestinationForbidden for what must not be reached.
        """
        self._total_seconds, self._permit = total_seconds, permit
        self._answer_seconds = total_seconds if answer_seconds is None else answer_seconds
        self._client = client_over(over or transport())
        self._traced = trace_works()

    def send(self, connection: Connection, token: str, body: bytes, on_wire: Callable[[], None]) -> Receipt:
        """POST one batch, once.

        An exception before `on_wire` is called is NotSent, CertificateRefused or Unauthorised; after it Unauthorised, Throttled,
        Refused or OutcomeUnknown. Where `trace_works` failed at start-up, it is called before connecting and every broken call
        counts as unknown.

        connection: where to, checked once more: NotSent where it is no destination
        token: Unauthorised where it cannot stand in a header; taken out of whatever the answer repeats
        body: JSON of the batch (`lib.payload.encoded`), sent byte for byte
        on_wire: called exactly once, right before the first byte leaves; if it raises, no byte leaves and its exception comes
            out unchanged
        """
        self._check(connection, token, of_task=True)
        made = batch_request(connection, token, body)
        request = self._client.build_request(made.method, made.url, headers=made.headers, content=made.body)
        request.extensions["timeout"] = BATCH_TIMEOUT.as_dict()
        answer, text = self._exchange(request, on_wire, self._answer_seconds)
        outcome = classify(answer, secret=token)
        if isinstance(outcome, PlatformError):
            outcome.raw = raw(text, token)
            raise outcome
        return replace(outcome, raw=raw(text, token))

    def numbers(self, connection: Connection, token: str, page: int, per_page: int) -> dict[str, Any]:
        """One page of the task's numbers, as the platform's envelope.

        connection: its task is asked; its sub-account and `encryption` go into the address
        token: of the connection; Unauthorised where it cannot stand in a header
        page: counted from 1
        per_page: numbers asked for; the platform may give fewer
        """
        query = {"page": page, "per_page": per_page} | _marks(connection)
        return self._get(connection, token, task_path(connection, "number"), query)

    def number(self, connection: Connection, token: str, phone: str) -> dict[str, Any]:
        """What the task knows about one number, as the platform's envelope.

        connection, token: as for `numbers`
        phone: one number, quoted into the address; NotSent for "", which would ask for something else
        """
        path = task_path(connection, "number", "detail", segment(phone))
        return self._get(connection, token, path, _marks(connection))

    def lookup(self, connection: Connection, token: str, unique_id: str) -> dict[str, Any]:
        """The import result of a batch, as the platform's envelope; its content is not documented.

        connection: its account and sub-account are asked; its task is no part of the address
        token: of the connection; Unauthorised where it cannot stand in a header
        unique_id: of the batch's receipt; NotSent for ""
        """
        path = f"/agent-api/user/{segment(connection.user_id)}/identification/{segment(unique_id)}"
        return self._get(connection, token, path, _sub_user(connection))

    def ask(self, connection: Connection, token: str, what: LookUp, query: dict[str, Any]) -> dict[str, Any]:
        """One of the account's own lists, as the platform's envelope; changes nothing.

        connection: its account is asked; its task may be missing
        token: of the connection; Unauthorised where it cannot stand in a header
        what: which list
        query: all that is asked beside the path, such as the page; {} for nothing: no sub-account is added
        """
        path = what.format(user_id=segment(connection.user_id))
        request = self._request("GET", connection, token, path, query=query, of_task=False)
        return self._looked(request, token, LOOK_UP_SECONDS)

    def pause_new_task(self, connection: Connection, token: str) -> None:
        """Pause the connection's 2.0 task: the documented answer to 6007. Doing it twice does no more than once."""
        user, task = segment(connection.user_id), segment(connection.task_id)
        path = f"/agent-api/new/user/{user}/task_stop/{task}"
        self._looked(
            self._request("PUT", connection, token, path, query=_sub_user(connection)), token, LOOK_UP_SECONDS
        )

    def download(self, connection: Connection, token: str, address: str) -> Any:
        """What lies at an address the platform's answer named, as JSON; what it must be like is `download_address`.

        Raises NotSent for an address that must not be fetched, PlatformError where nothing readable came.

        connection: of the platform that named the address; its own address decides what may be fetched
        token: goes along only to the platform's own host
        address: as the answer has it, unchecked
        """
        self._check(connection, token, of_task=True)
        allowed = fetchable(address, connection.base_url)
        if allowed is None:
            raise NotSent(FailureCode.DESTINATION_INVALID)
        url, is_own = allowed
        headers = bearer(token) if is_own else {}
        answer, body = self._fetched(
            self._client.build_request("GET", url, headers=headers), self._total_seconds
        )
        if answer.http_status != 200 or len(body) > ANSWER_LIMIT:
            raise PlatformError(FailureCode.LOOKUP_NO_ANSWER, http_status=answer.http_status)
        try:
            return json.loads(body.decode("utf-8-sig"))
        except (ValueError, RecursionError) as error:
            raise PlatformError(FailureCode.LOOKUP_NOT_PLATFORM, http_status=answer.http_status) from error

    def delete_numbers(self, connection: Connection, token: str, phones: Sequence[str]) -> dict[str, Any]:
        """Take numbers out of the task by the documented call, once; the platform's envelope.

        OutcomeUnknown where it may have been done, any other error where not.

        connection: its task loses them; its sub-account and `encryption` go into the body
        token: of the connection; Unauthorised where it cannot stand in a header
        phones: as the task's list has them
        """
        document = {"customer_info_list": [{"phone": phone} for phone in phones], **_sub_user(connection)}
        document |= {"encryption": True} if connection.options.encryption else {}
        body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
        request = self._request(
            "DELETE", connection, token, task_path(connection, "number-batch-delete"), body=body
        )
        answer, told = self._exchange(request, lambda: None, self._total_seconds)
        outcome = look(answer, told, secret=token)
        if isinstance(outcome, Refused | Unauthorised | Throttled):
            raise outcome
        if isinstance(outcome, PlatformError):
            raise OutcomeUnknown(outcome.code, http_status=outcome.http_status) from outcome
        return outcome

    def test(self, connection: Connection, token: str) -> ConnectionVerdict:
        """Whether this destination can be sent to: two harmless GETs, the token's and one number of the task."""
        token_page = None
        try:
            health = TokenHealth(validity(self.ask(connection, token, LookUp.TOKEN, {})))
        except (NotSent, Unauthorised, Throttled) as error:
            return verdict(error)
        except PlatformError as error:
            # Any other answer of the token page says little: it is documented without a response. The task decides.
            token_page, health = error, TokenHealth(reason=str(error.code), raw=error.raw)
        of_task = self._error_of(lambda: self.numbers(connection, token, 1, 1))
        return replace(verdict(of_task, of_task=True, token_page=token_page), health=health)

    def close(self) -> None:
        self._client.close()

    def __enter__(self) -> "Platform":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()

    def _error_of(self, call: Callable[[], object]) -> PlatformError | None:
        try:
            call()
        except PlatformError as error:
            return error
        return None

    def _get(self, connection: Connection, token: str, path: str, query: dict[str, Any]) -> dict[str, Any]:
        return self._looked(
            self._request("GET", connection, token, path, query=query), token, self._total_seconds
        )

    def _looked(self, request: httpx.Request, token: str, seconds: float) -> dict[str, Any]:
        answer, body = self._fetched(request, seconds)
        outcome = look(answer, body, secret=token)
        if isinstance(outcome, PlatformError):
            outcome.raw = raw(body, token)
            raise outcome
        return outcome

    def _fetched(self, request: httpx.Request, seconds: float) -> tuple[Answer, bytes]:
        try:
            return self._exchange(request, lambda: None, min(seconds, self._total_seconds))
        except OutcomeUnknown as error:
            # What is asked here may simply be asked again, so nothing about it can be unknown.
            raise PlatformError(FailureCode.LOOKUP_NO_ANSWER) from error

    def _request(
        self,
        method: str,
        connection: Connection,
        token: str,
        path: str,
        *,
        query: dict[str, Any] | None = None,
        body: bytes | None = None,
        of_task: bool = True,
    ) -> httpx.Request:
        """Raises NotSent or Unauthorised, before anything is built, for what must not get into a URL or a header."""
        self._check(connection, token, of_task=of_task)
        headers = bearer(token)
        if body is not None:
            headers["Content-Type"] = "application/json"
        url = connection.base_url.rstrip("/") + path
        return self._client.build_request(method, url, headers=headers, params=query or None, content=body)

    def _check(self, connection: Connection, token: str, *, of_task: bool) -> None:
        _check(connection, token, of_task=of_task)
        if self._permit:
            self._permit(connection)
        if self._client.is_closed:
            raise NotSent(FailureCode.CLOSED)

    def _exchange(
        self, request: httpx.Request, on_wire: Callable[[], None], seconds: float
    ) -> tuple[Answer, bytes]:
        mark = WireMark(request.method.encode(), on_wire)
        if not self._traced:
            mark.cross()
        request.extensions["trace"] = mark.trace
        body = bytearray()
        try:
            with time_limit(seconds):
                response = self._client.send(request, stream=True)
                with closing(response):
                    _read(response.iter_raw(), body)
        except CALL_ERRORS as error:
            if mark.refused:
                raise
            named = named_error(error, crossed=mark.crossed)
            named.raw = raw(bytes(body), request.headers.get("authorization", "").removeprefix("Bearer "))
            raise named from error
        told = bytes(body[: ANSWER_LIMIT + 1])
        return parse(response.status_code, response.headers, told), told


def _check(connection: Connection, token: str, *, of_task: bool) -> None:
    """The last gate: pages check too, but a stored connection may be older than the rule.

    of_task: whether the task is part of the address; without it none need be chosen yet.
    """
    ids = (connection.user_id, connection.task_id, connection.options.sub_user_id)
    clean = cleaned("-", connection.base_url, *ids)
    as_stored = (clean["base_url"], clean["user_id"], clean["task_id"], clean["sub_user_id"])
    wrong = mistakes(**clean)
    if not of_task and not connection.task_id:
        wrong.pop("task_id", None)
    if wrong or as_stored != (connection.base_url.rstrip("/").lower(), *ids):
        raise NotSent(FailureCode.DESTINATION_INVALID)
    if connection.kind == ConnectionKind.PRACTICE and not is_loopback(connection.base_url):
        raise NotSent(FailureCode.PRACTICE_NOT_LOCAL)
    if not is_token(token):
        raise Unauthorised(FailureCode.TOKEN_UNUSABLE)


def _sub_user(connection: Connection) -> dict[str, Any]:
    sub_user_id = connection.options.sub_user_id
    return {"sub_user_id": sub_user_id} if sub_user_id else {}


def _marks(connection: Connection) -> dict[str, Any]:
    # 1, not "true": the platform's framework takes the word "true" of a query for a text, not for a boolean.
    return _sub_user(connection) | ({"encryption": 1} if connection.options.encryption else {})


def _read(pieces: Iterable[bytes], body: bytearray) -> None:
    """The answer undecoded, piece by piece, so that what came of one that breaks off is there; not much more than allowed."""
    for piece in pieces:
        body += piece
        if len(body) > ANSWER_LIMIT:
            break
