"""Runs parts of the tests side by side, says how far they are, and tells at the end what was run and how long it took.

A part is a process of its own. The longest start first, by the times of an earlier run (`times.json`), so that every
core is busy until the end.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.progress import VARIABLE

ROOT = Path(__file__).resolve().parent.parent

#: Seconds each file of tests takes, [in the short run, in the long one]; `python -m tests --keep-times` writes it.
TIMES = Path(__file__).with_name("times.json")

#: Seconds a file is expected to take that nobody has measured yet.
_UNKNOWN = 5.0

#: Seconds of tests in one process: starting one costs four, and the last to end leave cores idle.
SHARE = 100.0

#: Niceness of a part that gives way.
_GIVING_WAY = 5

#: Seconds between two lines of progress.
_BETWEEN = 20.0

#: Two processes more than there are cores: much of a test is waiting.
SIDE_BY_SIDE = (os.cpu_count() or 1) + 2


@dataclass(frozen=True)
class Part:
    """One process. kind: under which it is told; seconds: how long it is expected to take; files: of tests, where it runs some.

    gives_way: to one that takes as long as all others together, and ends last where it gets no more than its share.
    """

    kind: str
    command: tuple[str, ...]
    seconds: float
    files: tuple[str, ...] = ()
    gives_way: bool = False


@dataclass
class Ended:
    """What came of a part. left: tests of the other run; tests: a line of `tests.progress` for each; took: seconds."""

    part: Part
    passed: bool = True
    left: int = 0
    took: float = 0.0
    tests: list[dict[str, Any]] = field(default_factory=list)


class _Running:
    """A part that was started."""

    def __init__(self, part: Part, environment: Mapping[str, str], folder: Path) -> None:
        self.ended, self.total = Ended(part), 0
        temporary = Path(
            tempfile.mkdtemp(dir=folder)
        )  # of its own: two of them must not tidy up each other's
        self._report, self._read, self._said = temporary / "progress", 0, (temporary / "said").open("w+b")
        self._began = time.monotonic()
        self.process = subprocess.Popen(
            part.command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=self._said,
            stderr=subprocess.STDOUT,
            env={**environment, VARIABLE: str(self._report), "PYTEST_DEBUG_TEMPROOT": str(temporary)},
        )
        if part.gives_way and hasattr(os, "setpriority"):
            os.setpriority(os.PRIO_PROCESS, self.process.pid, _GIVING_WAY)

    def remaining(self) -> float:
        """Seconds it is expected to take from now on."""
        share = len(self.ended.tests) / self.total if self.total else 0.0
        return self.ended.part.seconds * (1 - share)

    def look(self) -> None:
        """Read what it has written down since the last look."""
        if not self._report.exists():
            return
        with self._report.open(encoding="utf-8") as lines:
            lines.seek(self._read)
            while (line := lines.readline()).endswith("\n"):
                self._read = lines.tell()
                one = json.loads(line)
                if "total" in one:
                    self.total, self.ended.left = one["total"], one["left"]
                else:
                    self.ended.tests.append(one)

    def end(self) -> Ended:
        """Wait for it. What it said is shown whole where it fell."""
        code = self.process.wait()
        self.look()
        self.ended.took = time.monotonic() - self._began
        is_empty = code == 5 and self.ended.left > 0  # pytest's own code: `-m` left nothing of these files
        self.ended.passed = code == 0 or is_empty
        if not self.ended.passed:
            part = self.ended.part
            print(f"\n--- {part.kind} failed: {' '.join(part.files or part.command)}", flush=True)
            self._said.seek(0)
            sys.stdout.write(self._said.read().decode(errors="replace"))
            sys.stdout.flush()
        self._said.close()
        return self.ended


def of_files(
    kind: str, files: Iterable[str], *, long: bool, options: Sequence[str], share: float = SHARE
) -> list[Part]:
    """Files of tests as parts of about equal length. share: seconds of a part; options: of pytest."""
    times = json.loads(TIMES.read_text(encoding="utf-8"))
    took = {name: times.get(name, [_UNKNOWN, _UNKNOWN])[long] for name in files}
    shares: list[list[str]] = [[] for _ in range(max(1, round(sum(took.values()) / share)))]
    for name in sorted(took, key=lambda name: -took[name]):
        min(shares, key=lambda share: sum(took[one] for one in share)).append(name)
    chosen = ("-p", "tests.progress", "-m", "long or both" if long else "not long")
    command = (sys.executable, "-m", "pytest", *options, *chosen)
    return [
        Part(kind, (*command, *share), sum(took[name] for name in share), tuple(share), gives_way=long)
        for share in shares
        if share
    ]


def run(parts: Iterable[Part], environment: Mapping[str, str], folder: Path) -> list[Ended]:
    """Run them, the longest first. folder: for what they write."""
    waiting = sorted(parts, key=lambda part: part.seconds)
    running: list[_Running] = []
    ended: list[Ended] = []
    began = shown = time.monotonic()
    try:
        while waiting or running:
            while waiting and len(running) < SIDE_BY_SIDE:
                running.append(_Running(waiting.pop(), environment, folder))
            time.sleep(0.05)
            for one in [one for one in running if one.process.poll() is not None]:
                running.remove(one)
                ended.append(one.end())
            if time.monotonic() - shown > _BETWEEN:
                shown = time.monotonic()
                _tell_progress(waiting, running, ended, shown - began)
    finally:
        for one in running:
            one.process.kill()
            one.process.wait()
    return ended


def _tell_progress(
    waiting: Sequence[Part], running: Sequence[_Running], ended: Sequence[Ended], elapsed: float
) -> None:
    """One line: what runs, how far it is, and how long it all takes at the pace so far."""
    rest = [part.seconds for part in waiting]
    for one in running:
        one.look()
        rest.append(one.remaining())
    done = sum(one.part.seconds for one in ended) + sum(
        one.ended.part.seconds - one.remaining() for one in running
    )
    pace = elapsed * SIDE_BY_SIDE / done if done > SHARE else 1.0
    left = max(sum(rest) / SIDE_BY_SIDE, *rest) * pace
    now = ", ".join(f"{one.ended.part.kind} {len(one.ended.tests)} of {one.total or '?'}" for one in running)
    print(f"{_clock(elapsed)}  {now}; {len(waiting)} more parts; about {_clock(left)} left", flush=True)


def tell_end(ended: Sequence[Ended], elapsed: float, missing: Sequence[str], *, long: bool) -> None:
    """What was run, what was left out and why, how long it took, what fell; and the counts, for whoever reads by machine."""
    outcomes = Counter(test["outcome"] for one in ended for test in one.tests)
    count, took = Counter[str](), defaultdict[str, float](float)
    for one in ended:
        count[one.part.kind] += len(one.tests)
        took[one.part.kind] += one.took
    other = f"{sum(one.left for one in ended)} tests of `python -m tests{'' if long else ' --long'}`"
    skipped = Counter(test["why"] for one in ended for test in one.tests if test["outcome"] == "skipped")
    fell = [f"{one.part.kind} {' '.join(one.part.files)}" for one in ended if not one.passed]
    print(f"\nRun: {', '.join(f'{tests} of {kind}' if tests else kind for kind, tests in count.items())}")
    print(
        "Left out: "
        + "; ".join([other, *missing, *(f"{number} skipped: {why}" for why, number in skipped.items())])
    )
    spent = ", ".join(f"{kind} {_clock(seconds)}" for kind, seconds in took.items())
    print(f"Took: {_clock(elapsed)} ({SIDE_BY_SIDE} side by side: {spent})")
    print(f"Fell: {'; '.join(fell) or 'nothing'}")
    print(
        f"{outcomes['passed']} passed, {outcomes['failed']} failed, {outcomes['skipped']} skipped", flush=True
    )


def keep_times(ended: Iterable[Ended], *, long: bool) -> None:
    """Write down how long each file took, for the next division; a file that is gone is dropped."""
    times = json.loads(TIMES.read_text(encoding="utf-8"))
    for one in ended:
        seconds = dict.fromkeys(one.part.files, 0.0)
        for test in one.tests:
            if test["file"] in seconds:
                seconds[test["file"]] += test["seconds"]
        for name, took in seconds.items():
            times.setdefault(name, [_UNKNOWN, _UNKNOWN])[long] = round(took, 1)
    lines = [f'  "{name}": {json.dumps(times[name])}' for name in sorted(times) if (ROOT / name).exists()]
    TIMES.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"
