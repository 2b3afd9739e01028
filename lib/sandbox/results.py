"""What the practice platform tells of a batch: the look-up by `unique_id`, and the list it names.

The answer of the first is documented nowhere; `ResultShape` has the ways it may come.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from lib.sandbox.faults import FaultScope, envelope, reply
from lib.sandbox.pages import masked, replaced
from lib.sandbox.platform import RefusedError, SandboxPlatform
from lib.sandbox.settings import ResultShape


async def identification(platform: SandboxPlatform, request: Request) -> Response:
    """What became of a batch, in the shape that is switched on; asked with the sub-account it was sent with."""
    platform.world.lookups += 1
    instead = replaced(platform, platform.struck(FaultScope.RESULT, platform.world.lookups))
    if instead is not None:
        return instead
    batch = platform.world.batches.get(request.path_params["unique_id"])
    shape = platform.world.settings.result_shape
    is_asked_right = batch is not None and batch["sub_user_id"] == request.query_params.get("sub_user_id")
    if batch is None or not is_asked_right or shape == ResultShape.MISSING:
        raise RefusedError(404, "批次不存在")
    if shape == ResultShape.NOT_JSON:
        return Response("<!doctype html><title>维护中</title>", media_type="text/html")
    return reply(envelope(200, "查看回调数据成功", _import_result(platform, batch, shape)))


async def download(platform: SandboxPlatform, request: Request) -> Response:
    """The numbers of a batch as they were stored; no envelope, no token, as the callback page shows it."""
    batch = platform.world.batches.get(request.query_params.get("key", ""))
    if batch is None:
        raise RefusedError(404, "文件不存在")
    return reply({"numbers": _numbers(platform, batch)})


def _numbers(platform: SandboxPlatform, batch: dict[str, Any]) -> list[str]:
    now, hides = platform.world.clock(), platform.world.settings.mask_numbers
    stored = [row["stored"] for row in batch["rows"] if row["_visible_at"] <= now]
    return [masked(number) for number in stored] if hides else stored


def _import_result(platform: SandboxPlatform, batch: dict[str, Any], shape: ResultShape) -> Any:
    numbers = _numbers(platform, batch)
    url = f"http://127.0.0.1:{platform.port}/agent-api/download-number?key={batch['unique_id']}"
    ids = {name: batch[name] for name in ("unique_id", "user_id", "task_id")}
    callback = {"type": "import_number", "mode": "batch", **ids}
    elsewhere = f"http://numbers.example.invalid:8080/agent-api/download-number?key={batch['unique_id']}"
    shapes: dict[ResultShape, Any] = {
        ResultShape.CALLBACK: {**callback, "data": {"url": url}},
        ResultShape.CALLBACK_NUMBERS: {**callback, "data": {"numbers": numbers}},
        ResultShape.CALLBACK_HTTP: {**callback, "data": {"url": elsewhere}},
        ResultShape.SINGLES: [
            {**callback, "mode": "single", "data": {"number": number}} for number in numbers
        ],
        ResultShape.FLAT_URL: {"url": url},
        ResultShape.FLAT_NUMBERS: {"numbers": numbers},
        ResultShape.OBJECTS: [{"phone": number, "status": 0} for number in numbers],
        ResultShape.BARE_LIST: numbers,
        ResultShape.NOTHING: None,
        ResultShape.DELETED: {**callback, "type": "del_number", "data": {"numbers": numbers}},
        ResultShape.STRANGE: {"state": "done", "success": len(numbers), "items": {"13": numbers[:2]}},
    }
    return shapes[shape]
