"""One measurement in a process of its own, so that its memory is its own: `python -m tests.bench.alone WHO FILE`.

Prints one line of JSON: seconds, rows (in all bodies, or read), bytes, peak_mib (of this process, without its children).
"""

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from lib.sheet import expect_workbook
from tests.bench import desk, naive, rivals

#: What a process takes to start, and some.
_SECONDS_TO_START = 1

ROOT = Path(__file__).resolve().parents[2]

WHO: dict[str, Callable[[Path], Iterable[bytes]]] = {
    "naive": naive.bodies,
    "vectorised": rivals.vectorised,
    "desk": desk.bodies,
}


def measured(who: str, path: Path) -> dict[str, Any]:
    """What the child says of this run. Raises CalledProcessError where it fails."""
    command = [sys.executable, "-m", "tests.bench.alone", who, str(path)]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def main(who: str, name: str) -> None:
    """Run it and print what it took."""
    if who == "desk":
        import streamlit  # noqa: F401 - the server has it in memory too

        expect_workbook()  # as the upload page does; a person takes longer than this to find the file
        time.sleep(_SECONDS_TO_START)
    started, size, rows = time.perf_counter(), 0, 0
    if who in rivals.READERS:
        rows = rivals.READERS[who][-1](Path(name))
    else:
        for body in WHO[who](Path(name)):
            size += len(body)
            rows += body.count(b'"phone":')
    seconds = time.perf_counter() - started
    print(json.dumps({"seconds": seconds, "rows": rows, "bytes": size, "peak_mib": _peak_mib()}))


def _peak_mib() -> float:
    """Linux: of this program only; `ru_maxrss` would begin with what the process before it had."""
    kib = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert kib, "no VmHWM: not a Linux"
    return int(kib[1]) / 1024


if __name__ == "__main__":
    main(*sys.argv[1:])
