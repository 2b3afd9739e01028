"""The practice platform's addresses put together: the manual's, and its own two, `/_ledger` and `/_control`."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from lib.sandbox import pages, results
from lib.sandbox.faults import KNOWN, reply
from lib.sandbox.platform import (
    RefusedError,
    SandboxPlatform,
    check_ids,
    check_token,
    document,
)
from lib.sandbox.post import async_number
from lib.sandbox.scenarios import PLAIN, SCENARIOS
from lib.sandbox.settings import SettingError
from lib.sandbox.variants import (
    ACCOUNTS,
    ALL_TASKS,
    COMPONENTS,
    KNOWN_VARIANTS,
    OTHER,
    TASKS,
    TOKEN,
    told_otherwise,
)
from lib.sandbox.wire import wait_since_arrival
from lib.sandbox.words import reworded
from lib.sandbox.world import TASKS as EVERY_TASK

Endpoint = Callable[[SandboxPlatform, Request], Awaitable[Response]]


def build(platform: SandboxPlatform) -> Starlette:
    """The application over `platform`."""

    def route(path: str, endpoint: Endpoint, *methods: str, guarded: bool = True, about: str = "") -> Route:
        async def answer(request: Request) -> Response:
            answer = await _answered(platform, endpoint, request, guarded=guarded)
            world = platform.world
            world.said += 1
            if type(answer) is not Response or answer.media_type != "application/json":
                return answer  # a broken wire, or what is no JSON: it has neither words nor another shape
            spoken = reworded(world.settings, about, world.said, answer)
            return told_otherwise(world.settings.variants, about, spoken)

        return Route(path, answer, methods=list(methods or ("GET",)))

    own, task = "/agent-api/user/{user_id}", "/agent-api/user/{user_id}/task/{task_id}"
    new = "/agent-api/new/user/{user_id}"
    routes = [
        route(f"{task}/async_number", async_number, "POST", guarded=False),
        route(f"{task}/number", pages.number_list, about=OTHER),
        route(f"{task}/number/detail/{{phone}}", pages.number_detail, about=OTHER),
        route(f"{task}/number-batch-delete", pages.delete_numbers, "DELETE"),
        route(f"{own}/identification/{{unique_id}}", results.identification, about=OTHER),
        route(f"{own}/task", pages.task_list, about=TASKS),
        route(f"{own}/all_task", pages.all_tasks, about=ALL_TASKS),
        route(f"{own}/task_stop/{{task_id}}", pages.stop_classic),
        route(f"{new}/task", pages.new_task_list, about=TASKS),
        route(f"{new}/subset_task", pages.all_new_tasks, about=ALL_TASKS),
        route(f"{new}/task_stop/{{task_id}}", pages.stop_new, "PUT"),
        route(f"{own}/customer/create", pages.components, about=COMPONENTS),
        route(f"{own}/subset_users", pages.sub_users, about=ACCOUNTS),
        route("/agent-api/token", pages.token_validity, about=TOKEN),
        route("/agent-api/download-number", results.download, guarded=False),
        route("/_ledger", _ledger, guarded=False),
        route("/_control", _control, "GET", "POST", guarded=False),
        route("/{anything:path}", _stray, "GET", "POST", "PUT", "DELETE", "PATCH", guarded=False),
    ]
    # a page on the web that has its own name point at this machine would come with that name
    local = Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"], www_redirect=False)
    return Starlette(routes=routes, middleware=[local])


async def _answered(
    platform: SandboxPlatform, endpoint: Endpoint, request: Request, *, guarded: bool
) -> Response:
    own, latency_ms = request.url.path.startswith("/_"), platform.world.settings.latency_ms
    try:
        if guarded:
            check_token(platform.world, request)
            check_ids(request)
        answer = await endpoint(platform, request)
    except RefusedError as refusal:
        answer = refusal.answer
    except ClientDisconnect:
        answer = Response(status_code=499)  # nobody is there to read it
    if latency_ms and not own:
        await wait_since_arrival(request.scope, latency_ms / 1000)
    return answer


async def _ledger(platform: SandboxPlatform, request: Request) -> Response:
    """The ground truth; `?rows=0` gives counts instead of rows."""
    return reply(platform.world.ledger(with_rows=request.query_params.get("rows") != "0"))


async def _control(platform: SandboxPlatform, request: Request) -> Response:
    """The switches, and the scenarios there are; a POST of JSON changes those it names, all or none. A reset comes before the rest."""
    if request.method == "POST":
        changes = document(request, await request.body())
        if not isinstance(changes, dict):
            raise RefusedError(422, {"body": ["必须是 JSON 对象。"]})
        _change(platform, changes)
    world = platform.world
    running = sorted(world.running)
    return reply(
        {
            **world.settings.shown(),
            "posts": world.posts,
            "running": running,
            "token_expired": world.token_expired,
            "scenario": world.scenario,
            "batches_left": world.batches_left,
            "scenarios": {name: scenario.reach for name, scenario in SCENARIOS.items()},
        }
    )


async def _stray(platform: SandboxPlatform, request: Request) -> Response:
    """Any other address; counted, so that a followed redirect shows."""
    platform.world.strays += 1
    raise RefusedError(404, "接口不存在")


def _change(platform: SandboxPlatform, changes: dict[str, Any]) -> None:
    anew, running = changes.pop("reset", False), changes.pop("task_running", None)
    scenario, batches = changes.pop("scenario", None), changes.pop("batches", None)
    forgotten = changes.pop("forget", None)
    if (
        not isinstance(anew, bool)
        or not isinstance(running, bool | None)
        or not isinstance(forgotten, str | None)
    ):
        raise RefusedError(422, {"reset, task_running, forget": ["必须是布尔值；号码必须是字符串。"]})
    if not (scenario is None or scenario in SCENARIOS) or not _is_count(batches):
        raise RefusedError(422, {"scenario, batches": ["没有这个场景，或者批数不是正整数。"]})
    _switch(platform, changes)
    if anew:
        platform.reset()
    if forgotten is not None:
        platform.world.forget(forgotten)
    if scenario is not None:
        platform.world.show(scenario, batches)
    if running is not None:
        new = {task.id for task in EVERY_TASK.values() if task.new}
        platform.world.running = platform.world.running | new if running else platform.world.running - new


def _switch(platform: SandboxPlatform, changes: dict[str, Any]) -> None:
    world = platform.world
    try:
        world.settings = world.settings.changed(changes, KNOWN, KNOWN_VARIANTS)
    except SettingError as error:
        raise RefusedError(422, {"control": [str(error)]}) from error
    if PLAIN.keys() & changes.keys():
        world.scenario, world.batches_left = "", None
    if "token" in changes:
        world.token_expired = False


def _is_count(batches: object) -> bool:
    return batches is None or (type(batches) is int and batches > 0)
