"""What tells of times, once more on a computer in Shanghai: no rule may hang on the zone of the machine it runs on."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

#: Modules in which hours and days decide: looks, waits, keeping, history, logs.
MODULES = (
    "arrivals/test_arrivals.py",
    "erasure/test_retention.py",
    "platform/test_answers.py",
    "reconcile/test_reconcile.py",
    "reconcile/test_reconcile_audit.py",
    "reconcile/test_reconcile_first.py",
    "results/test_results_log.py",
    "store/test_store_evidence.py",
    "store/test_store_runs.py",
    "test_times_in_china.py::test_this_computer_is_in_shanghai",
)

ZONE = "Asia/Shanghai"


@pytest.mark.skipif(os.environ.get("TZ") != ZONE, reason="the other test here asks for it, with that zone")
def test_this_computer_is_in_shanghai() -> None:
    assert time.localtime(0).tm_hour == 8


@pytest.mark.long
def test_every_rule_of_time_holds_in_shanghai() -> None:
    """In a process of its own, as its zone is that of all its threads. One kind of database: both keep times as the same text."""
    tests = [str(ROOT / "tests" / "core" / name) for name in MODULES]
    options = (
        "-q",
        "-p",
        "no:cacheprovider",
        "-k",
        "not postgresql",
        "-c",
        str(ROOT / "tests" / "pytest.ini"),
    )
    asked = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "--rootdir", str(ROOT), *tests],
        cwd=ROOT, env={**os.environ, "TZ": ZONE}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert asked.returncode == 0, asked.stdout[-4000:]
    assert "skipped" not in asked.stdout
