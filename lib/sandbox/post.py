"""POST async_number: a fault decides first, then the contract, then the world; every ending is in the ledger.

A fault that takes nothing answers whatever was sent; one that takes rows only takes what the contract lets through.
"""

import asyncio
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from lib.sandbox.callbacks import schedule
from lib.sandbox.contract import component_mistakes, mistakes
from lib.sandbox.faults import CATALOGUE, FIRST_ROWS, Fault, FaultScope, Takes, success
from lib.sandbox.platform import (
    RefusedError,
    SandboxPlatform,
    check_ids,
    check_stopped,
    check_sub_user,
    check_token,
    document,
    refuse,
)
from lib.sandbox.settings import Repeats
from lib.sandbox.world import COMPONENTS, Submission, World


async def async_number(platform: SandboxPlatform, request: Request) -> Response:
    """One batch of numbers into a task: refused, or taken and told, unless a fault has its way."""
    world = platform.world
    world.posts += 1
    nth = world.posts
    names = platform.struck(FaultScope.POST, nth)
    fault = CATALOGUE[names[0]] if names else None
    met = world.spend()
    entry = {"request": nth, "fault": names[0] if names else None, "status": None, "unique_id": None}
    world.answers.append(entry)
    world.token_expired = world.token_expired or "token_expires" in names
    try:
        answer = await _posted(platform, request, nth, fault, entry, plants=bool(met and met.plants))
    except RefusedError as refusal:
        answer = refusal.answer
    entry["status"] = answer.status_code if type(answer) is Response else None
    return answer


async def _posted(
    platform: SandboxPlatform,
    request: Request,
    nth: int,
    fault: Fault | None,
    entry: dict[str, Any],
    *,
    plants: bool,
) -> Response:
    if fault and not fault.reads:
        return fault.answer(platform.call())
    body = await request.body()
    if fault and fault.takes == Takes.NOTHING:
        return fault.answer(platform.call())
    submission = _checked(platform.world, request, body, nth, plants=plants)
    unique_id = entry["unique_id"] = _take(platform, submission, fault.takes if fault else Takes.ALL)
    if unique_id and (fault is None or fault.telling):
        platform.world.answered(unique_id)
    return (fault.answer if fault else success)(platform.call(unique_id))


def _take(platform: SandboxPlatform, submission: Submission, takes: Takes) -> str | None:
    if takes == Takes.FIRST:
        return _apply(platform, submission, submission.rows[:FIRST_ROWS])
    if takes == Takes.TWICE:  # the second delivery overtakes the platform's look for repeats
        _apply(platform, submission)
        return _apply(platform, submission, check=False)
    if takes == Takes.LATER:
        loop = asyncio.get_running_loop()
        platform.late.add(loop.call_later(platform.world.settings.late_seconds, _apply, platform, submission))
        return None
    return _apply(platform, submission)


def _apply(
    platform: SandboxPlatform,
    submission: Submission,
    rows: list[dict[str, Any]] | None = None,
    *,
    check: bool = True,
) -> str:
    unique_id = platform.world.apply(submission, rows, check=check)
    schedule(platform, unique_id)
    return unique_id


def _checked(world: World, request: Request, body: bytes, nth: int, *, plants: bool) -> Submission:
    """The request as a submission. Raises RefusedError where the page, or the state of the task, says no.

    plants: somebody else has just put its first number into the task; such a number refuses every batch it stands in.
    """
    check_token(world, request)
    check_ids(request)
    task_id = request.path_params["task_id"]
    check_stopped(world, task_id)
    sent = document(request, body)
    refuse(mistakes(sent))
    check_sub_user(sent.get("sub_user_id"))
    if world.settings.check_components and not sent.get("ignore_crm", False):
        known = {component["id"] for component in COMPONENTS}
        required = {component["id"] for component in COMPONENTS if "required" in component["validate"]}
        refuse(component_mistakes(sent["data"], known, required))
    if plants:
        world.plant(task_id, sent["data"])
    is_strangers = any(row["phone"] in world.strangers[task_id] for row in sent["data"])
    refuses = is_strangers or world.settings.repeats == Repeats.BATCH
    if refuses and not sent.get("number_add_suffix", False):
        repeated = world.repeated(task_id, sent["data"])
        refuse({f"data.{position}.phone": ["号码重复。"] for position in repeated})
    return Submission(nth, request.path_params["user_id"], task_id, sent)
