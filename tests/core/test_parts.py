"""`python -m tests` itself: what falls is seen and told, what is left to the long run is counted, every file has its part."""

import json
import os
import sys
from pathlib import Path

import pytest

from tests import parts
from tests.__main__ import OPTIONS
from tests.parts import Part

FILE = """
import pytest

def test_fine():
    pass

@pytest.mark.long
def test_takes_long():
    raise AssertionError("only in the long run")

@pytest.mark.skip(reason="no tide today")
def test_skipped():
    pass
"""


def run(folder: Path, text: str, *, long: bool = False) -> parts.Ended:
    file = folder / "test_made_up.py"
    file.write_text(text, encoding="utf-8")
    [part] = parts.of_files("made up", [str(file)], long=long, options=OPTIONS)
    [ended] = parts.run([part], os.environ, folder)
    return ended


def test_the_short_run_leaves_the_long_ones_and_says_what_was_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ended = run(tmp_path, FILE)
    assert (ended.passed, ended.left) == (True, 1)
    assert [test["outcome"] for test in ended.tests] == ["passed", "skipped"]
    parts.tell_end([ended], 61.0, ["no Chromium found"], long=False)
    run_, left, took, fell, counts = capsys.readouterr().out.strip().splitlines()
    assert run_ == "Run: 2 of made up"
    assert left == (
        "Left out: 1 tests of `python -m tests --long`; no Chromium found; 1 skipped: Skipped: no tide today"
    )
    assert took.startswith("Took: 1:01 ")
    assert (fell, counts) == ("Fell: nothing", "1 passed, 0 failed, 1 skipped")


def test_what_falls_is_shown_whole_and_the_line_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ended = run(tmp_path, FILE, long=True)
    assert (ended.passed, ended.left) == (False, 2)
    told = capsys.readouterr().out
    assert "--- made up failed" in told
    assert "only in the long run" in told


@pytest.mark.parametrize(
    "text",
    [
        "",
        "import nothing_of_this_name",
        "import os, signal\n\ndef test_dies():\n    os.kill(os.getpid(), signal.SIGKILL)\n",
    ],
)
def test_a_file_without_a_test_or_with_a_fault_or_a_crash_is_no_success(tmp_path: Path, text: str) -> None:
    assert not run(tmp_path, text).passed


def test_a_file_with_nothing_for_this_run_is_none_either_way(tmp_path: Path) -> None:
    ended = run(tmp_path, "def test_fine():\n    pass\n", long=True)
    assert (ended.passed, ended.left, ended.tests) == (True, 1, [])


def test_every_file_has_one_part_and_the_parts_are_about_equally_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = {f"test_{at}.py": [at * 3.0, 0.0] for at in range(20)}
    monkeypatch.setattr(parts, "TIMES", tmp_path / "times.json")
    parts.TIMES.write_text(json.dumps(times), encoding="utf-8")
    found = parts.of_files("made up", [*times, "test_new.py"], long=False, options=(), share=100)
    assert sorted(name for part in found for name in part.files) == sorted([*times, "test_new.py"])
    assert len(found) > 5
    longest = max(part.seconds for part in found)
    assert longest - min(part.seconds for part in found) < 0.5 * longest


def test_a_check_that_finds_something_is_told_by_its_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    [ended] = parts.run(
        [Part("lint", (sys.executable, "-c", "raise SystemExit('line 3')"), 1.0)], os.environ, tmp_path
    )
    assert not ended.passed
    assert "line 3" in capsys.readouterr().out


def test_the_times_of_a_run_are_kept_and_a_file_that_is_gone_is_dropped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = Path(__file__).relative_to(parts.ROOT).as_posix()
    monkeypatch.setattr(parts, "TIMES", tmp_path / "times.json")
    parts.TIMES.write_text(json.dumps({"tests/gone.py": [1.0, 1.0], here: [1.0, 9.0]}), encoding="utf-8")
    test = {"file": here, "seconds": 2.25, "outcome": "passed", "why": ""}
    parts.keep_times([parts.Ended(Part("made up", (), 1.0, (here,)), tests=[test, test])], long=False)
    assert json.loads(parts.TIMES.read_text(encoding="utf-8")) == {here: [4.5, 9.0]}
