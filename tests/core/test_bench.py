"""The benchmark measures the same work on both sides, and its figures can be compared."""

import json
from pathlib import Path

import pytest

from tests.bench import alone, files, report, rivals


@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
def test_the_desk_and_both_scripts_prepare_the_same_contacts(tmp_path: Path, suffix: str) -> None:
    path = files.write(tmp_path / f"contacts{suffix}", 700)
    contacts = [
        [row for body in alone.WHO[who](path) for row in json.loads(body)["data"]]
        for who in ("naive", "vectorised", "desk")
    ]
    assert contacts[0] == contacts[1] == contacts[2]
    assert len(contacts[0]) == 700 - round(700 * files.ERRORS) - round(700 * files.REPEATS)


@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
def test_what_only_reads_reads_every_row(tmp_path: Path, suffix: str) -> None:
    path = files.write(tmp_path / f"contacts{suffix}", 700)
    assert {rivals.READERS[name][-1](path) for name in rivals.readers(suffix)} == {700}


def test_two_sets_of_figures_stand_beside_each_other() -> None:
    old = {"machine": {}, "sending": [{"concurrency": 4, "ratio": 1.2}, {"concurrency": 8, "ratio": 1.0}]}
    new = {"machine": {}, "sending": [{"concurrency": 4, "ratio": 1.5}]}
    told = report.compared(old, new).splitlines()
    assert "| sending, 4: ratio | 1.20 | 1.50 | 1.25 |" in told
    assert "only in the old one: sending, 8: ratio" in told
