"""Every branch of the send core is taken by its own tests, or the run fails.

The code that decides whether a person is called twice is measured while its own tests run, and only then: measuring all
of the suite would cost minutes. A run of less than all of those tests is not judged.
"""

import io
from collections.abc import Generator, Iterable
from pathlib import Path

import pytest
from coverage import Coverage

from tests import databases

ROOT = Path(__file__).resolve().parent.parent

#: What is measured: classifying answers, every transition, recovery, looking for unknown outcomes, a person's decisions.
MODULES = (
    "answers.py", "engine_rules.py", "reconcile*.py", "preflight.py", "store_aside.py", "store_audit.py", "store_decisions.py", "store_evidence*.py",
    "store_events.py", "store_do_not_call.py", "store_forget.py", "store_recovery.py", "store_run_states.py", "store_senders.py",
    "store_share.py", "store_transitions.py", "engine_sharing.py", "verdict.py",
)  # fmt: skip

#: The tests that have to take every branch, beside this file's folder.
TESTS = (
    "test_answers.py",
    "test_engine*.py",
    "test_fault_matrix_wake.py",
    "test_forgetting.py",
    "test_preflight.py",
    "test_known_numbers.py",
    "test_reconcile*.py",
    "test_replicas.py",
    "test_store_evidence.py",
    "test_store_postgres.py",
    "test_store_runs.py",
    "test_send_core_*.py",
    "test_start_small.py",
)

REQUIRED = 100.0


class Measured:
    """A plugin of pytest: measures from its making until all is collected, then while a test of the send core runs."""

    def __init__(self) -> None:
        self._coverage = Coverage(
            data_file=None,
            config_file=False,
            branch=True,
            include=[str(ROOT / "lib" / name) for name in MODULES],
        )
        self._coverage.start()
        self._modules = {path for name in MODULES for path in (ROOT / "lib").glob(name)}
        self._left_out = databases.programs() is None or len(databases.kinds()) < 2
        self._files = {path for name in TESTS for path in (ROOT / "tests" / "core").glob(name)}

    def pytest_deselected(self, items: Iterable[pytest.Item]) -> None:
        """By a word or a mark on the command line."""
        self._left_out = self._left_out or any(item.path in self._files for item in items)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """All modules are imported; whether all of the tests are going to run."""
        self._coverage.stop()
        self._left_out = self._left_out or not self._files <= {item.path for item in session.items}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """One test, its fixtures included."""
        if item.path not in self._files:
            return (yield)
        self._coverage.start()
        try:
            return (yield)
        finally:
            self._coverage.stop()

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Fails the run where a branch was never taken."""
        if self._left_out or session.config.option.collectonly:
            return
        lines = io.StringIO()
        reached = self._coverage.report(file=lines, show_missing=True, skip_covered=True, precision=2)
        missing = self._modules - {Path(name) for name in self._coverage.get_data().measured_files()}
        if reached < REQUIRED or missing:
            never = "".join(f"\nnever imported: {path.name}" for path in sorted(missing))
            print(f"\n{lines.getvalue()}{never}\nThe send core has branches that none of its tests takes.")
            session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED
        else:
            print(f"\nEvery branch of the send core is taken ({len(self._modules)} modules).")
