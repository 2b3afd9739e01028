"""Everything a change must pass: `python -m tests`, and what takes longer after it: `python -m tests --long`.

The first runs format, lint, types, and every test that is not marked `long`; the second the tests that are, and every
branch of the send core. Other arguments go to pytest. Where CI is set, a test that cannot run is a failure; elsewhere
it is told and left out.
"""

import logging
import os
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests import cases, databases, parts, send_core
from tests.e2e import browser, failure
from tests.parts import ROOT, Part

LONG, KEEP_TIMES = "--long", "--keep-times"

OPTIONS = ("-c", str(ROOT / "tests" / "pytest.ini"), "--rootdir", str(ROOT))

#: Kinds of tests as they are told, and where they lie.
FOLDERS = {"journeys": "tests/e2e", "pages": "tests/ui", "logic and store": "tests/core"}

_RUFF = (sys.executable, "-m", "ruff")
_RULES = ("--config", "tests/ruff.toml", "--no-cache", ".")

#: What is read and not run.
CHECKS = (
    Part("format", (*_RUFF, "format", "--check", *_RULES), 1.0),
    Part("lint", (*_RUFF, "check", *_RULES), 1.0),
    # as long as it takes in a fresh clone
    Part("types", (sys.executable, "-m", "mypy", "--config-file", "tests/mypy.ini"), 100.0),
)


def main(arguments: list[str]) -> int:
    """0 only where all of it passed."""
    os.chdir(ROOT)
    rest = [one for one in arguments if one not in (LONG, KEEP_TIMES)]
    if rest:
        return int(pytest.main([*OPTIONS, *rest]))
    missing = _missing()
    if missing and os.environ.get("CI"):
        print("\n".join(f"{one}; in CI they must run." for one in missing), file=sys.stderr)
        return 1
    long = LONG in arguments
    logging.getLogger("lib").setLevel(logging.ERROR)  # what a throw-away server lacks is no news
    began = time.monotonic()
    failures = tempfile.mkdtemp(prefix="contact-desk-failures-")
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="tests-", dir=databases.memory()))
        if databases.programs():
            stack.callback(databases.EVERY.close)
            databases.EVERY.server  # noqa: B018 - started once, for all parts
        told = {failure.VARIABLE: failures} | ({} if long else {cases.SHORT: "1"})
        ended = parts.run(_parts(long=long), os.environ | told, Path(folder))
    passed = all(one.passed for one in ended)
    parts.tell_end(ended, time.monotonic() - began, missing, long=long)
    if any(Path(failures).iterdir()):
        print(f"What was on the screens: {failures}")
    else:
        Path(failures).rmdir()
    if KEEP_TIMES in arguments:
        parts.keep_times(ended, long=long)
    return int(not passed)


def _missing() -> list[str]:
    """What this machine lacks, and what is left out for it."""
    lacks = [] if browser.find() else ["no Chromium found: the browser tests are left out"]
    return lacks + ([] if databases.programs() else [databases.MISSING])


def _parts(*, long: bool) -> list[Part]:
    found = [] if long else list(CHECKS)
    for kind, folder in FOLDERS.items():
        files = {path.relative_to(ROOT).as_posix() for path in (ROOT / folder).rglob("test_*.py")}
        if kind == "journeys" and not browser.find():
            continue
        if long:
            files -= send_core.files()
        # each part of them starts a Chromium and an app; the long ones start more beside, and stand in each other's way
        share = parts.SHARE * (6 if long else 2) if kind == "journeys" else parts.SHARE
        found += parts.of_files(kind, sorted(files), long=long, options=OPTIONS, share=share)
    if long:
        found.append(
            Part(
                "send core",
                (sys.executable, "-m", "tests.send_core", *OPTIONS, "-p", "tests.progress"),
                800.0,
            )
        )
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
