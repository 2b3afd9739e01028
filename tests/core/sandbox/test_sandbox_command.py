"""`python -m lib.sandbox`: one line when it listens, and no orphan whatever becomes of its parent."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from lib import sandbox
from tests import practice_platform
from tests.waiting import PATIENCE, until

ROOT = Path(__file__).resolve().parents[3]
COMMAND = [sys.executable, "-W", "error", "-m", "lib.sandbox"]


@contextmanager
def started(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([*COMMAND, *arguments], cwd=ROOT, text=True, **pipes) as process:  # type: ignore[call-overload]
        try:
            yield process, process.stdout.readline()
        finally:
            process.kill()


def reachable(url: str) -> bool:
    address = httpx.URL(url)
    with socket.socket() as probe:
        return probe.connect_ex((address.host, address.port)) == 0


def test_it_prints_its_address_once_it_listens_and_nothing_else() -> None:
    with started("--token", "t") as (process, line):
        url = line.removesuffix("\n")
        assert httpx.URL(url).port not in (None, 0)
        answer = httpx.get(
            f"{url}/agent-api/token", headers={"Authorization": "Bearer t"}, timeout=PATIENCE, trust_env=False
        )
        assert answer.status_code == 200
        process.send_signal(signal.SIGTERM)
        assert process.communicate(timeout=PATIENCE) == ("", "")
        assert process.returncode == 0


def test_it_ends_cleanly_on_an_interrupt() -> None:
    with started() as (process, line):
        assert reachable(line.strip())
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=PATIENCE) == 0


def test_it_takes_its_switches_from_the_command_line() -> None:
    arguments = (
        "--fault",
        "500:0.5",
        "--fault",
        "hang@3",
        "--repeats",
        "batch",
        "--latency-ms",
        "5",
        "--seed",
        "9",
    )
    with started(*arguments) as (_, line):
        shown = practice_platform.control(line.strip())
    assert (shown["faults"], shown["repeats"], shown["latency_ms"], shown["seed"]) == (
        ["500:0.5", "hang@3"],
        "batch",
        5,
        9,
    )


def test_it_ends_when_its_stdin_closes() -> None:
    with started("--exit-with-parent") as (process, _):
        process.stdin.close()
        assert process.wait(timeout=PATIENCE) == 0


def test_without_being_asked_it_outlives_its_stdin() -> None:
    with started() as (process, line):
        process.stdin.close()
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=0.3)
        assert reachable(line.strip())


def test_it_leaves_no_orphan_when_its_parent_is_killed() -> None:
    child = [*COMMAND, "--exit-with-parent"]
    script = f"import subprocess; subprocess.Popen({child!r}, stdin=subprocess.PIPE).wait()"
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as parent:
        url = parent.stdout.readline().strip()
        assert reachable(url)
        os.kill(parent.pid, signal.SIGKILL)
        until(lambda: not reachable(url), "the child lives on")


@pytest.mark.parametrize(
    "arguments",
    [("--fault", "nothing_like_it"), ("--host", "0.0.0.0"), ("--repeats", "never"), ("--port", "70000")],
)
def test_a_wrong_argument_is_refused_before_anything_listens(arguments: tuple[str, ...]) -> None:
    ran = subprocess.run(
        [*COMMAND, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert (ran.returncode, ran.stdout) == (2, "")


def test_help_explains_every_fault() -> None:
    ran = subprocess.run(
        [*COMMAND, "--help"], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=True
    )
    listed = {line.split()[0] for line in ran.stdout.splitlines() if line.startswith("  ")}
    assert {name.removesuffix("_applied") for name in sandbox.FAULTS} <= listed


def test_in_a_thread_it_listens_within_its_block_and_not_after_it() -> None:
    with sandbox.running() as url:
        assert reachable(url)
    assert not reachable(url)
