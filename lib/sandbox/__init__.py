"""The practice platform: answers like the real one, on this machine only, and remembers what it applied.

`python -m lib.sandbox --help` lists its faults; in a test `with sandbox.running(faults=("apply_drop@2",)) as url:`.
It imports nothing of the app: a judge who shares code with the accused finds nothing.
"""

import argparse
import asyncio
import contextlib
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import uvicorn

from lib.sandbox.app import build
from lib.sandbox.faults import FAULTS, KNOWN
from lib.sandbox.kept import BusyError, KeptFile
from lib.sandbox.platform import SandboxPlatform
from lib.sandbox.scenarios import SCENARIOS
from lib.sandbox.settings import (
    DEFAULT_TOKEN,
    CallbackMethod,
    CallbackShape,
    Repeats,
    ResultShape,
    SandboxSettings,
    SettingError,
    is_loopback,
)
from lib.sandbox.variants import KNOWN_VARIANTS, VARIANTS
from lib.sandbox.wire import TransportInScope
from lib.sandbox.world import RUNNING_TASK_ID, SUB_TASK_ID, SUB_USER_ID, TASK_ID, USER_ID

__all__ = ["FAULTS", "RUNNING_TASK_ID", "SUB_TASK_ID", "SUB_USER_ID", "TASK_ID", "USER_ID", "main", "running"]

HOST = "127.0.0.1"

#: Seconds a start or an end may take before it counts as failed; both take a tenth of one.
_PATIENCE_SECONDS = 10


class _Server(uvicorn.Server):
    """uvicorn without its signal handling and its ticking: ends at once when told, from any thread."""

    def __init__(self, platform: SandboxPlatform, listening: Callable[[], None]) -> None:
        config = uvicorn.Config(
            build(platform), http=TransportInScope, ws="none", lifespan="off", log_config=None, access_log=False,
            server_header=False, date_header=False, timeout_graceful_shutdown=1,
        )  # fmt: skip
        super().__init__(config)
        self.platform, self._listening = platform, listening
        self._listeners: list[socket.socket] = []
        self._stopping = threading.Event()
        self._wake: Callable[[], object] = self._stopping.set

    def capture_signals(self) -> contextlib.AbstractContextManager[None]:  # type: ignore[override]  # any context will do
        return contextlib.nullcontext()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self._listeners = sockets or []
        self._listening()

    async def main_loop(self) -> None:
        loop, woken = asyncio.get_running_loop(), asyncio.Event()
        self._wake = lambda: loop.call_soon_threadsafe(woken.set)
        await self.on_tick(0)
        if not self._stopping.is_set():  # told to stop before it could be woken
            await woken.wait()
        await self._stop_accepting(loop)
        for connection in list(self.server_state.connections):
            connection.transport.abort()  # a fault may hold one for minutes

    async def _stop_accepting(self, loop: asyncio.AbstractEventLoop) -> None:
        """asyncio leaks a connection that it has accepted and not yet made when its server closes: let them be made."""
        with contextlib.suppress(NotImplementedError):  # the loop of Windows has no readers
            for listener in self._listeners:
                loop.remove_reader(listener)
        await asyncio.sleep(0.01)

    def stop(self) -> None:
        """End soon; may be called from any thread, a signal handler included, and more than once."""
        self._stopping.set()
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            self._wake()


@contextlib.contextmanager
def running(*, port: int = 0, host: str = HOST, **settings: Any) -> Iterator[str]:
    """A practice platform in a thread of this process; gives its address, ends it with the block.

    settings: any switch of `lib.sandbox.settings.SandboxSettings`, such as token="…", faults=("429:0.1", "apply_drop@2"),
    latency_ms=20, repeats="batch", seed=7, slow_seconds=0.2, scenario="lost", data=a file to keep its batches in. Raises SettingError (a ValueError) before it starts.
    """
    listener, server, listening, url = _prepared(host, port, settings)
    thread = threading.Thread(target=_serve, args=(server, listener), name="practice-platform", daemon=True)
    thread.start()
    try:
        if not listening.wait(_PATIENCE_SECONDS):
            raise RuntimeError("the practice platform does not start")
        yield url
    finally:
        server.stop()
        thread.join(_PATIENCE_SECONDS)


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGTERM, SIGINT, or the end of the parent; the exit code."""
    parser = _parser()
    given = vars(parser.parse_args(arguments))
    port, host, bound = given.pop("port"), given.pop("host"), given.pop("exit_with_parent")
    try:
        listener, server, _, url = _prepared(host, port, given, announce=True)
    except SettingError as error:
        parser.error(str(error))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: server.stop())
    if bound:
        threading.Thread(target=_stop_with_stdin, args=(server,), name="parent-watch", daemon=True).start()
    _serve(server, listener)
    return 0


def _prepared(
    host: str, port: int, settings: dict[str, Any], *, announce: bool = False
) -> tuple[socket.socket, _Server, threading.Event, str]:
    """A bound socket, a server for it, the event of its listening, and its address."""
    scenario, data = settings.pop("scenario", ""), settings.pop("data", None)
    if scenario and scenario not in SCENARIOS:
        raise SettingError(f"no scenario is called {scenario!r}")
    switches = SandboxSettings().changed(settings, KNOWN, KNOWN_VARIANTS)
    kept = None
    with contextlib.suppress(BusyError):  # another one keeps it: this one begins empty, and keeps nothing
        kept = KeptFile(Path(data)) if data else None
    listener = _bound(host, port)
    port = listener.getsockname()[1]
    url, listening = f"http://{host}:{port}", threading.Event()

    def started() -> None:
        if announce:
            print(url, flush=True)
        listening.set()

    return listener, _Server(SandboxPlatform(switches, port, scenario, kept), started), listening, url


def _bound(host: str, port: int) -> socket.socket:
    """Raises SettingError for an address that other machines can reach."""
    if host != "localhost" and not is_loopback(host):
        raise SettingError(f"the practice platform serves this machine only, not {host}")
    # the protocol named, because asyncio switches Nagle's delay (40 ms an answer) off only where it is
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name != "nt":  # there the option would let two servers share a port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except (OSError, OverflowError) as error:
        listener.close()
        raise SettingError(f"cannot listen on {host}:{port}: {error}") from error
    return listener


def _serve(server: _Server, listener: socket.socket) -> None:
    try:
        with listener:
            asyncio.run(server.serve(sockets=[listener]))
    finally:
        server.platform.close()


def _stop_with_stdin(server: _Server) -> None:
    """The parent holds the other end of our stdin; the system closes it however the parent ends.

    os.read, because a buffered reader blocked in a daemon thread crashes the interpreter at its end.
    """
    with contextlib.suppress(OSError):
        while os.read(0, 4096):
            continue
    server.stop()


def _parser() -> argparse.ArgumentParser:
    width = max(map(len, FAULTS))
    listed = "\n".join(
        f"  {name:<{width}}  {meaning}" for name, meaning in FAULTS.items() if not _is_variant(name)
    )
    twins = "Those marked + also exist as NAME_applied: the same answer after the rows were taken."
    shown = "\n".join(f"  {name:<{width}}  {scenario.meaning}" for name, scenario in SCENARIOS.items())
    parser = argparse.ArgumentParser(
        prog="python -m lib.sandbox",
        description="The practice platform, on this machine only. Prints its address once it listens.",
        epilog=f"scenarios, the same as on the desk's page:\n{shown}\n\nfaults, each as NAME, NAME:SHARE (0 to 1) or NAME@N (only the Nth request). {twins}\n{_marked(listed)}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=int, default=0, help="0 (default): a free one")
    parser.add_argument("--host", default=HOST, help="a loopback address; any other is refused")
    parser.add_argument("--token", default=DEFAULT_TOKEN)
    parser.add_argument(
        "--data", metavar="FILE", help="keep batches and numbers in this file, over a restart"
    )
    parser.add_argument("--latency-ms", type=float, default=0.0, help="before every answer")
    parser.add_argument(
        "--scenario", choices=list(SCENARIOS), default="", metavar="NAME", help="what is shown, see below"
    )
    parser.add_argument("--fault", dest="faults", action="append", default=[], metavar="NAME[:SHARE|@N]")
    parser.add_argument(
        "--variant", dest="variants", action="append", default=[], choices=sorted(VARIANTS), metavar="NAME",
        help="another way to answer what the manual does not show: " + ", ".join(sorted(VARIANTS)),
    )  # fmt: skip
    parser.add_argument("--repeats", choices=[str(rule) for rule in Repeats], default=str(Repeats.ROW))
    parser.add_argument(
        "--import-seconds", type=float, default=0.0, help="from accepted to visible in the lists"
    )
    parser.add_argument(
        "--refuse-every",
        type=int,
        default=0,
        metavar="N",
        help="of N rows of a batch the last does not get in",
    )
    parser.add_argument(
        "--called-every", type=int, default=0, metavar="N", help="of N numbers of a task the last was called"
    )
    parser.add_argument("--mask-numbers", action="store_true", help="lists hide the middle of every number")
    parser.add_argument(
        "--result-shape", choices=[str(shape) for shape in ResultShape], default=str(ResultShape.CALLBACK),
        help="how a batch's result is told",
    )  # fmt: skip
    parser.add_argument(
        "--callback-url", default="", metavar="URL", help="of this machine, called after each import"
    )
    parser.add_argument(
        "--callback-shape", choices=[str(one) for one in CallbackShape], default=str(CallbackShape.BATCH)
    )
    parser.add_argument(
        "--callback-method", choices=[str(one) for one in CallbackMethod], default=str(CallbackMethod.JSON)
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--exit-with-parent", action="store_true", help="end when stdin closes")
    return parser


def _is_variant(name: str) -> bool:
    return name.endswith("_applied")


def _marked(listed: str) -> str:
    lines = []
    for line in listed.splitlines():
        name = line.split()[0]
        lines.append(f"{line} +" if f"{name}_applied" in FAULTS else line)
    return "\n".join(lines)
