"""The practice platform as its addresses see it: the world, which fault is due, and what each request must have.

Order of refusal: token, ids, running task, form, repeats; each ends the request with an envelope.
"""

import asyncio
from typing import Any
from uuid import uuid4

from starlette.requests import Request

from lib.sandbox.contract import Messages, UnreadableError, read
from lib.sandbox.faults import CATALOGUE, Call, FaultScope, envelope, reply
from lib.sandbox.kept import KeptFile
from lib.sandbox.settings import SandboxSettings
from lib.sandbox.world import SUB_USER_ID, TASKS, USER_ID, World

_RUNNING = (6007, "2.0任务启动中,请先停止任务")


class RefusedError(Exception):
    """The request ends here, with this envelope."""

    def __init__(self, status: int, message: Any, code: int | None = None) -> None:
        super().__init__(status)
        self.answer = reply(envelope(status if code is None else code, message), status)


class SandboxPlatform:
    """The world and its switches, behind the addresses. `world` is replaced by a reset."""

    def __init__(
        self, settings: SandboxSettings, port: int, scenario: str = "", kept: KeptFile | None = None
    ) -> None:
        self.world = World(settings, kept=kept)
        if scenario:
            self.world.show(scenario)
        self.port = port
        self.late: set[asyncio.TimerHandle] = set()
        self.calls: set[asyncio.Task[None]] = set()

    def struck(self, place: FaultScope, nth: int) -> list[str]:
        """Names of the faults of this place that the `nth` request meets, in the order they were given."""
        settings = self.world.settings
        return [
            rule.name
            for rule in settings.faults
            if CATALOGUE[rule.name].place == place and rule.strikes(nth, settings.seed)
        ]

    def call(self, unique_id: str | None = None) -> Call:
        return Call(self.world.settings, unique_id or str(uuid4()), self.port)

    def reset(self) -> None:
        """A fresh world with the same switches; what was still to be applied never will be."""
        begun: list[asyncio.TimerHandle | asyncio.Task[None]] = [*self.late, *self.calls]
        for one in begun:
            one.cancel()
        self.late.clear()
        before = self.world
        if before.kept:
            before.kept.clear()
        self.world = World(
            before.settings, scenario=before.scenario, batches_left=before.batches_left, kept=before.kept
        )

    def close(self) -> None:
        """Let go of the file, if there is one."""
        if self.world.kept:
            self.world.kept.close()


def check_token(world: World, request: Request) -> None:
    """401 without the right bearer token."""
    if world.token_expired or request.headers.get("authorization") != f"Bearer {world.settings.token}":
        raise RefusedError(401, "Unauthenticated.")


def check_ids(request: Request) -> None:
    """404 for a user, a task or a sub-account that the account does not have."""
    if request.path_params.get("user_id", USER_ID) != USER_ID:
        raise RefusedError(404, "用户不存在")
    if request.path_params.get("task_id", next(iter(TASKS))) not in TASKS:
        raise RefusedError(404, "任务不存在")
    check_sub_user(request.query_params.get("sub_user_id"))


def check_sub_user(sub_user_id: str | None) -> None:
    """404 for an unknown sub-account; none at all is fine."""
    if sub_user_id is not None and sub_user_id != SUB_USER_ID:
        raise RefusedError(404, "子账户不存在")


def check_stopped(world: World, task_id: str) -> None:
    """6007 for a 2.0 task that is running. The HTTP status is not documented; 200 here."""
    if TASKS[task_id].new and task_id in world.running:
        raise RefusedError(200, _RUNNING[1], code=_RUNNING[0])


def refuse(messages: Messages) -> None:
    """422 with `messages`, where there are any."""
    if messages:
        raise RefusedError(422, messages)


def document(request: Request, body: bytes) -> Any:
    """The body as JSON. 415 for another content type, 422 for what is not one JSON document."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise RefusedError(415, "Content-Type 必须是 application/json")
    try:
        return read(body)
    except UnreadableError as error:
        raise RefusedError(422, {"body": [str(error)]}) from error
