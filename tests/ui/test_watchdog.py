"""A server that lives without answering ends, where somebody starts it again; no visit can send it more than a page would."""

import os
import subprocess
import sys

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.e2e.server import ROOT, AppServer
from tests.waiting import PATIENCE

#: A loop that answers for a while, and then holds every thread of Python in one long call, as a hostile pattern does.
STORY = """
import asyncio, re, sys
from lib.ui.web import watchdog
async def serve():
    with watchdog.watching():
        for _ in range(int(sys.argv[1])):
            await asyncio.sleep(0.1)
        print("still here", flush=True)
        if sys.argv[2:]:
            re.match("(a*)*b", "a" * 40)
asyncio.run(serve())
"""


def played(*arguments: str, seconds: str = "1") -> subprocess.CompletedProcess[str]:
    settings = os.environ | {"CONTACT_DESK_WATCHDOG": seconds}
    command = [sys.executable, "-c", STORY, *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=settings, capture_output=True, text=True, check=False, timeout=PATIENCE
    )


def test_sec43_a_server_that_lives_without_answering_ends() -> None:
    done = played("1", "stuck")
    assert (done.returncode, done.stdout) == (1, "still here\n")
    assert "in serve" in done.stderr, "where it was is told"


@pytest.mark.parametrize("seconds", ["1", ""])
def test_sec43_a_server_that_answers_is_left_alone(seconds: str) -> None:
    """Longer than the watchdog waits, and when it has ended by itself."""
    done = played("20", seconds=seconds)
    assert (done.returncode, done.stdout, done.stderr) == (0, "still here\n", "")


def test_sec43_a_message_larger_than_any_pages_ends_its_visit(served: AppServer) -> None:
    asked = BackMsg()
    asked.rerun_script.query_string = "x" * 21_000_000
    with (  # noqa: PT012 - already while it is sent, or after
        connect(
            f"ws://127.0.0.1:{served.port}/_stcore/stream",
            origin=served.url,  # type: ignore[arg-type]
            subprotocols=["streamlit"],  # type: ignore[list-item]
        ) as line,
        pytest.raises(ConnectionClosed),
    ):
        line.send(asked.SerializeToString())
        line.recv(timeout=PATIENCE)
