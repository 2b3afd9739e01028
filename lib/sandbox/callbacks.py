"""The practice platform calls back after an import, as the real one may: to an address on this machine only.

The documents are those the manual shows; method and form of the call are documented nowhere, so each is a switch.
Nothing is tried again, and what the other side answers changes nothing here but the ledger.
"""

import asyncio
import contextlib
import json
import uuid
from typing import Any
from urllib.parse import urlencode, urlsplit

from lib.sandbox.platform import SandboxPlatform
from lib.sandbox.settings import CallbackMethod, CallbackShape, SandboxSettings
from lib.sandbox.world import World

#: Seconds the other side may take to answer.
PATIENCE_SECONDS = 5.0


def schedule(platform: SandboxPlatform, unique_id: str) -> None:
    """Call back about a batch once its numbers are imported, where the switch names an address."""
    world, loop = platform.world, asyncio.get_running_loop()
    if world.settings.callback_url:
        begin = loop.call_later(world.settings.import_seconds, _begin, platform, world, unique_id)
        platform.late.add(begin)


def _begin(platform: SandboxPlatform, world: World, unique_id: str) -> None:
    calls = asyncio.get_running_loop().create_task(_call_back(platform, world, unique_id))
    platform.calls.add(calls)
    calls.add_done_callback(platform.calls.discard)


async def _call_back(platform: SandboxPlatform, world: World, unique_id: str) -> None:
    """Every document of the batch, one after the other, each with its status in the ledger: None for no answer."""
    settings = world.settings
    for document in _documents(platform, world.batches[unique_id], settings.callback_shape):
        status = None
        with contextlib.suppress(OSError, ValueError, TimeoutError):
            status = await asyncio.wait_for(_call(settings, document), PATIENCE_SECONDS)
        world.callbacks.append({"unique_id": unique_id, "status": status})


def _documents(platform: SandboxPlatform, batch: dict[str, Any], shape: CallbackShape) -> list[Any]:
    numbers = [row["stored"] for row in batch["rows"]]
    ids = {name: batch[name] for name in ("unique_id", "user_id", "task_id")}
    url = f"http://127.0.0.1:{platform.port}/agent-api/download-number?key={batch['unique_id']}"
    whole = {"type": "import_number", "mode": "batch", **ids, "data": {"url": url}}
    trap = f"http://127.0.0.1:{platform.port}/never-to-be-fetched"
    shapes: dict[CallbackShape, list[Any]] = {
        CallbackShape.BATCH: [whole],
        CallbackShape.SINGLE: [{**whole, "mode": "single", "data": {"number": number}} for number in numbers],
        CallbackShape.FORGED: [
            {**whole, "unique_id": str(uuid.uuid4()), "data": {"url": trap, "numbers": numbers}}
        ],
        CallbackShape.LURED: [{**whole, "data": {"url": trap}}],
        CallbackShape.DELETED: [{**whole, "type": "del_number"}],
        CallbackShape.STRANGE: [{"事件": "导入完成", "明细": [{"批次": ids["unique_id"], "号码": numbers}]}],
        CallbackShape.TEXT: ["导入完成，共 " + "、".join(numbers)],
        CallbackShape.HUGE: [{**whole, "padding": "x" * 1_000_000}],
    }
    return shapes[shape]


async def _call(settings: SandboxSettings, document: Any) -> int:
    """One HTTP request, by hand: its end is the server's, whatever the other side does. Raises OSError, ValueError."""
    address = urlsplit(settings.callback_url)
    method, path, kind, body = _request(settings.callback_method, address.path or "/", document)
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: {address.netloc}\r\nConnection: close\r\n"
        f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    reader, writer = await asyncio.open_connection(address.hostname, address.port or 80)
    try:
        writer.write(head.encode("ascii") + body)
        line = await reader.readline()
        return int(line.split()[1]) if len(line.split()) > 1 else 0
    finally:
        writer.close()


def _request(method: CallbackMethod, path: str, document: Any) -> tuple[str, str, str, bytes]:
    """Method, target, content type and body."""
    text = document if isinstance(document, str) else json.dumps(document, ensure_ascii=False)
    if method == CallbackMethod.JSON or isinstance(document, str):
        return "POST", path, "application/json", text.encode()
    fields = urlencode(_flat(document))
    if method == CallbackMethod.QUERY:
        return "GET", f"{path}?{fields}", "text/plain", b""
    return "POST", path, "application/x-www-form-urlencoded", fields.encode()


def _flat(document: dict[str, Any]) -> dict[str, str]:
    """As forms write an object within an object: data[url]."""
    flat: dict[str, str] = {}
    for name, value in document.items():
        if isinstance(value, dict):
            flat |= {f"{name}[{inner}]": str(of) for inner, of in value.items()}
        else:
            flat[name] = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return flat
