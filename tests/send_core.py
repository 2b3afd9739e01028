"""Every branch of the send core is taken by its own tests, or the run fails.

`python -m tests.send_core` runs those tests, on both kinds of database, and measures the code that decides whether a
person is called twice. Other arguments go to pytest. It is a part of `python -m tests --long`. It runs as on a computer
in Shanghai, where the desk's people are: no rule may hang on the zone of the machine, and the short line has the machine's.
"""

import io
import os
import sys
import time
from pathlib import Path

import pytest
from coverage import Coverage

ROOT = Path(__file__).resolve().parent.parent

#: What is measured: classifying answers, every transition, recovery, looking for unknown outcomes, a person's decisions.
MODULES = (
    "platform/answers.py", "engine/rules.py", "reconcile/*.py", "run/evidence_rules.py", "store/lock.py", "store/audit.py", "store/decisions.py", "store/evidence.py",
    "store/events.py", "store/do_not_call.py", "store/erasure.py", "store/recovery.py", "store/run_states.py", "store/epochs.py", "store/sender.py",
    "store/run_log.py", "store/transitions.py", "platform/connection_test.py",
)  # fmt: skip

#: The tests that have to take every branch; and the others in which hours and days decide (arrivals, keeping, logs).
TESTS = (
    "test_answers.py",
    "test_arrivals.py",
    "test_engine*.py",
    "test_fault_matrix_wake.py",
    "test_forgetting.py",
    "test_practice_reset.py",
    "test_preflight.py",
    "test_known_numbers.py",
    "test_reconcile*.py",
    "test_replicas.py",
    "test_results_log.py",
    "test_retention.py",
    "test_store_evidence.py",
    "test_store_postgres.py",
    "test_store_runs.py",
    "test_store_task_pause.py",
    "test_send_core_*.py",
    "test_start_small.py",
)

REQUIRED = 100.0


def files() -> set[str]:
    """The tests by name, from the project's folder."""
    return {
        path.relative_to(ROOT).as_posix() for name in TESTS for path in (ROOT / "tests" / "core").rglob(name)
    }


class Measured:
    """A plugin of pytest: measures from its making to the end of the run."""

    def __init__(self) -> None:
        self._modules = {path for name in MODULES for path in (ROOT / "lib").glob(name)}
        self._coverage = Coverage(
            data_file=None, config_file=False, branch=True, include=[str(path) for path in self._modules]
        )
        self._coverage.start()

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Fails the run where a branch was never taken."""
        self._coverage.stop()
        lines = io.StringIO()
        reached = self._coverage.report(file=lines, show_missing=True, skip_covered=True, precision=2)
        missing = self._modules - {Path(name) for name in self._coverage.get_data().measured_files()}
        if reached < REQUIRED or missing:
            never = "".join(f"\nnever imported: {path.name}" for path in sorted(missing))
            print(f"\n{lines.getvalue()}{never}\nThe send core has branches that none of its tests takes.")
            session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED
        else:
            print(f"\nEvery branch of the send core is taken ({len(self._modules)} modules).")


if __name__ == "__main__":
    if sys.platform != "win32":  # it has the zone of the machine
        os.environ["TZ"] = "Asia/Shanghai"
        time.tzset()
        assert time.localtime(0).tm_hour == 8, "this computer knows no Shanghai"
    sys.exit(pytest.main([*sys.argv[1:], *sorted(files())], plugins=[Measured()]))
