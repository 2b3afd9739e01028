"""Everything a change must pass, by one command and one exit code: `python -m tests`.

Arguments go to pytest. Where CI is set, a browser test that cannot run is a failure; elsewhere it is told and left out.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import databases
from tests.e2e import browser
from tests.send_core import Measured

ROOT = Path(__file__).resolve().parent.parent


def main(arguments: list[str]) -> int:
    """Lint, then every test, and every branch of the send core; 0 only where all of it passed."""
    lint = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--config", "tests/ruff.toml", "--no-cache", "."], cwd=ROOT, check=False
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
    options = ["-c", str(ROOT / "tests" / "pytest.ini"), "--rootdir", str(ROOT), *arguments]
    if found is None:
        print("No Chromium found: the browser tests are left out. Install Chromium or Chrome to run them.")
        options += ["-m", "not browser"]
    os.chdir(ROOT)
    tests = pytest.main(options, plugins=[Measured()])
    return int(tests) or lint.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
