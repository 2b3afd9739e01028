"""A plugin of pytest that writes down what each test came to, for the program that runs many of them side by side.

Every line of the file is JSON: first how many tests are going to run and how many are left to the long run, then one
line for each test: its file, what it came to, the seconds it took and, where it was skipped, why.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest

#: Names the file; without it nothing is written.
VARIABLE = "CONTACT_DESK_TEST_PROGRESS"


class Written:
    """Writes to `file` as the tests go on."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._left = 0
        self._test: dict[str, Any] = {}

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        """Left out by a mark or a word."""
        self._left += len(items)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """All are found."""
        self._write({"total": len(session.items), "left": self._left})

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Setting up, the test itself, or clearing away: what is worst in the three is what it came to."""
        if report.when == "setup":
            self._test = {
                "file": report.nodeid.partition("::")[0],
                "outcome": "passed",
                "seconds": 0.0,
                "why": "",
            }
        self._test["seconds"] += report.duration
        if not report.passed:
            self._test["outcome"] = report.outcome
            self._test["why"] = str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else ""
        if report.when == "teardown":
            self._write(self._test)

    def _write(self, line: dict[str, Any]) -> None:
        with self._file.open("a", encoding="utf-8") as written:
            written.write(json.dumps(line) + "\n")


def pytest_configure(config: pytest.Config) -> None:
    """Where a file is named."""
    named = os.environ.get(VARIABLE)
    if named:
        config.pluginmanager.register(Written(Path(named)))
