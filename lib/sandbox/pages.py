"""The platform's other addresses, as the manual has them (lib/platform/README.md, "The manual").

Most of their answers are documented nowhere: these follow the envelope and the one list that is shown, that of 2.0 tasks.
"""

import math
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from lib.sandbox.faults import CATALOGUE, FaultScope, envelope, replaces_answer, reply
from lib.sandbox.platform import (
    RefusedError,
    SandboxPlatform,
    check_stopped,
    document,
)
from lib.sandbox.world import COMPONENTS, SUB_USER_ID, SUB_USERS, TASKS, USER_ID, SandboxTask, now_text

#: Rows of a page where the request does not say, as in the manual's samples; and the most it gives.
_PER_PAGE, _MOST_PER_PAGE = 15, 200

#: Status of a number that has not been called, and of one that has.
_WAITING, _CALLED = 0, 1


async def number_list(platform: SandboxPlatform, request: Request) -> Response:
    """A page of the numbers in a task, newest first; its answer is not documented, this one follows the others."""
    world = platform.world
    names = _list_faults(platform)
    if (instead := replaced(platform, names)) is not None:
        return instead
    if "page" not in request.query_params:
        raise RefusedError(422, {"page": ["不能为空。"]})
    rows = world.visible(request.path_params["task_id"])
    if "shifting_list" in names:
        rows = [_stranger(nth) for nth in range(world.lists, 0, -1)] + rows
    if statuses := _statuses(request):
        rows = [row for row in rows if str(_status(row)) in statuses]
    if {"start_at", "end_at"} & request.query_params.keys():
        start, end = request.query_params.get("start_at", ""), request.query_params.get("end_at", "~")
        rows = [row for row in rows if start <= row["created_at"] <= end]
    stuck = "list_same_page" in names
    return _paged(request, rows, "返回号码列表信息成功", stuck=stuck, shape=lambda row: _listed(row, names))


async def number_detail(platform: SandboxPlatform, request: Request) -> Response:
    """One number of a task by the phone it is stored under."""
    names = _list_faults(platform)
    if (instead := replaced(platform, names)) is not None:
        return instead
    phone = request.path_params["phone"]
    for row in platform.world.visible(request.path_params["task_id"]):
        if row["stored"] == phone:
            return reply(envelope(200, "返回号码详情成功", _listed(row, names)))
    raise RefusedError(404, "号码不存在")


async def delete_numbers(platform: SandboxPlatform, request: Request) -> Response:
    """Numbers out of a task; a JSON body on DELETE."""
    task_id = request.path_params["task_id"]
    check_stopped(platform.world, task_id)
    sent = document(request, await request.body())
    listed = sent.get("customer_info_list") if isinstance(sent, dict) else None
    if not isinstance(listed, list) or not all(
        isinstance(x, dict) and isinstance(x.get("phone"), str) for x in listed
    ):
        raise RefusedError(422, {"customer_info_list": ["必须是 {phone} 的数组。"]})
    platform.world.delete(task_id, {entry["phone"] for entry in listed})
    return reply(envelope(200, "批量删除号码成功"))


def _list_faults(platform: SandboxPlatform) -> list[str]:
    platform.world.lists += 1
    names = platform.struck(FaultScope.LIST, platform.world.lists)
    return [*names, "masked_list"] if platform.world.settings.mask_numbers else names


def replaced(platform: SandboxPlatform, names: list[str]) -> Response | None:
    """The answer of the first of these faults that gives one of its own."""
    name = next(filter(replaces_answer, names), None)
    return CATALOGUE[name].answer(platform.call()) if name else None


def _listed(row: dict[str, Any], names: list[str]) -> dict[str, Any]:
    phone = row["stored"]
    listed = {
        "id": row["id"],
        "phone": masked(phone) if "masked_list" in names else phone,
        **{name: row.get(name, "") for name in ("name", "company", "extra")},
        "sort": row["sort"],
        "status": _status(row),
        "created_at": row["created_at"],
    }
    if "no_extra_list" in names:
        del listed["extra"]
    return listed


def masked(phone: str) -> str:
    """The number with its middle hidden."""
    return f"{phone[:3]}****{phone[7:]}"


def _status(row: dict[str, Any]) -> int:
    return _CALLED if row.get("_called") else _WAITING


def _stranger(nth: int) -> dict[str, Any]:
    return {"id": f"stranger-{nth}", "stored": f"1990000{nth:04}", "sort": 0, "created_at": now_text()}


def _statuses(request: Request) -> set[str]:
    return set(request.query_params.getlist("status") + request.query_params.getlist("status[]"))


async def task_list(platform: SandboxPlatform, request: Request) -> Response:
    """Classic tasks of the account, or of `sub_user_id`."""
    return _tasks(platform, request, new=False, owners={request.query_params.get("sub_user_id", USER_ID)})


async def all_tasks(platform: SandboxPlatform, request: Request) -> Response:
    """Classic tasks of the account and its sub-accounts."""
    return _tasks(platform, request, new=False, owners={USER_ID, SUB_USER_ID})


async def new_task_list(platform: SandboxPlatform, request: Request) -> Response:
    """2.0 tasks of the account, or of `sub_user_id`."""
    return _tasks(platform, request, new=True, owners={request.query_params.get("sub_user_id", USER_ID)})


async def all_new_tasks(platform: SandboxPlatform, request: Request) -> Response:
    """2.0 tasks of the account and its sub-accounts."""
    return _tasks(platform, request, new=True, owners={USER_ID, SUB_USER_ID})


async def stop_classic(platform: SandboxPlatform, request: Request) -> Response:
    """Pause a classic task: a GET that changes state, as the manual has it."""
    return _stopped(platform, request, new=False)


async def stop_new(platform: SandboxPlatform, request: Request) -> Response:
    """Pause a 2.0 task, which then accepts numbers."""
    return _stopped(platform, request, new=True)


async def components(platform: SandboxPlatform, request: Request) -> Response:
    """The account's own CRM fields."""
    return reply(envelope(200, "查看公海创建模板成功", list(COMPONENTS)))


async def sub_users(platform: SandboxPlatform, request: Request) -> Response:
    """Sub-accounts; `page` is required."""
    if "page" not in request.query_params:
        raise RefusedError(422, {"page": ["不能为空。"]})
    return _paged(request, list(SUB_USERS), "返回子账户列表成功")


async def token_validity(platform: SandboxPlatform, request: Request) -> Response:
    """How long the token is good for; the real answer is not documented."""
    until = (datetime.now() + timedelta(days=30)).strftime("%Y-%m-%d %H:%M:%S")
    return reply(envelope(200, "查看token有效期成功", {"expired_at": until}))


def _tasks(platform: SandboxPlatform, request: Request, *, new: bool, owners: set[str]) -> Response:
    name = request.query_params.get("name", "")
    shown = _new_task if new else _classic_task
    tasks = [
        shown(task, task.id in platform.world.running)
        for task in TASKS.values()
        if task.new is new and task.listed and task.owner in owners and name in task.name
    ]
    statuses = _statuses(request)
    rows = [task for task in tasks if not statuses or str(task["status"]) in statuses]
    return _paged(request, rows, "返回任务列表信息成功")


def _classic_task(task: SandboxTask, running: bool) -> dict[str, Any]:
    return {"id": task.id, "name": task.name, "user_id": task.owner, "status": 2 if running else 1}


def _new_task(task: SandboxTask, running: bool) -> dict[str, Any]:
    return {
        "uuid": task.id, "name": task.name, "user_id": task.owner, "status": 3 if running else 1, "enable": running,
        "create_datetime": "2026-11-02 09:00:00", "alter_datetime": "2026-11-20 18:30:00", "maximumcall": 1,
        "dial_time_id": 5, "sort": 33, "remark": None, "new_task_extra": {"call_status": running},
    }  # fmt: skip


def _stopped(platform: SandboxPlatform, request: Request, *, new: bool) -> Response:
    task_id = request.path_params["task_id"]
    if TASKS[task_id].new is not new:
        raise RefusedError(404, "任务不存在")
    platform.world.running.discard(task_id)
    return reply(envelope(200, "任务暂停成功"))


def _paged(
    request: Request,
    rows: list[dict[str, Any]],
    message: str,
    *,
    stuck: bool = False,
    shape: Callable[[dict[str, Any]], dict[str, Any]] = dict,
) -> Response:
    """The asked page of `rows`, each through `shape`, with the manual's meta.

    stuck: always page 1, and always another to come.
    """
    page = 1 if stuck else _positive(request, "page", 1)
    per_page = min(_positive(request, "per_page", _PER_PAGE), _MOST_PER_PAGE)
    last = max(1, math.ceil(len(rows) / per_page)) + (1000 if stuck else 0)
    meta = {
        "has_pages": last > 1, "total": len(rows), "last_page": last, "current_page": page, "per_page": per_page,
    }  # fmt: skip
    chosen = [shape(row) for row in rows[(page - 1) * per_page : page * per_page]]
    return reply({**envelope(200, message, chosen), "meta": meta})


def _positive(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name, str(default))
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 10**6):
        raise RefusedError(422, {name: ["必须是正整数。"]})
    return int(text)
