"""Everything a change must pass, by one command and one exit code: `python -m tests`.

Arguments go to pytest. Without any, four parts run side by side: much of a test is waiting. Where CI
is set, a browser test that cannot run is a failure; elsewhere it is told and left out.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests import databases
from tests.e2e import browser
from tests.send_core import Measured

ROOT = Path(__file__).resolve().parent.parent

#: Long tests of tests/core that are none of the send core's: they run beside the others of their folder.
LONG = tuple(
    f"tests/core/test_{name}.py"
    for name in ("fault_kills", "fault_machine", "fault_schedules", "recheck", "server_chaos")
)

#: What is run on PostgreSQL once more, beside the parts that run it on SQLite.
ON_POSTGRESQL = tuple(f"tests/core/{name}.py" for name in (*databases.WHERE_ASKED, "test_fault_kills"))


def main(arguments: list[str]) -> int:
    """Lint, then every test, and every branch of the send core; 0 only where all of it passed."""
    lint = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--config", "tests/ruff.toml", "--no-cache", "."],
        cwd=ROOT,
        check=False,
    )
    found = browser.find()
    if found is None and os.environ.get("CI"):
        print("No Chromium found: the browser tests cannot run, and in CI they must.", file=sys.stderr)
        return 1
    if databases.programs() is None:
        if os.environ.get("CI"):
            print(f"{databases.MISSING}, and in CI they must run.", file=sys.stderr)
            return 1
        print(f"{databases.MISSING}. Install PostgreSQL to run them.")
    options = ["-c", str(ROOT / "tests" / "pytest.ini"), "--rootdir", str(ROOT)]
    os.chdir(ROOT)
    if found is None:
        print("No Chromium found: the browser tests are left out. Install Chromium or Chrome to run them.")
        return _tests([*options, *arguments, "-m", "not browser"]) or lint.returncode
    if arguments:
        return _tests([*options, *arguments]) or lint.returncode
    with ExitStack() as stack:
        beside = [
            stack.enter_context(_beside([*options, "tests/e2e"])),
            stack.enter_context(_beside([*options, "tests/ui", *LONG])),
        ]
        if databases.programs():
            named = {databases.VARIABLE: databases.POSTGRESQL}
            beside.append(stack.enter_context(_beside([*options, *ON_POSTGRESQL], **named)))
        rest = _tests([*options, "tests/core", *(f"--ignore={path}" for path in LONG)])
    return rest or int(any(one.returncode for one in beside)) or lint.returncode


def _tests(options: list[str]) -> int:
    return int(pytest.main(options, plugins=[Measured()]))


@contextmanager
def _beside(options: list[str], **setting: str) -> Iterator[subprocess.Popen[bytes]]:
    """Tests in a process of their own meanwhile; at the end they are waited for, and what they said is shown whole."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as said:
        command = [sys.executable, "-m", "pytest", *options]
        environment = (
            os.environ | setting | {"PYTEST_DEBUG_TEMPROOT": folder}
        )  # two runs must not tidy up each other's folders
        running = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT, env=environment)
        try:
            yield running
            running.wait()
        finally:
            running.kill()
            running.wait()
            said.seek(0)
            sys.stdout.flush()
            sys.stdout.buffer.write(said.read())
            sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
