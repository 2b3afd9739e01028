"""`python -m tests.bench`: measure, print a table, keep the figures as JSON; `--compare OLD NEW` shows two beside each other.

Parts: preparing (a file to bodies), floors (the same beside what only reads it and beside scripts), million, sending,
servers, editing, pages. Run it on an idle machine; it says what it ran on.
"""

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench import alone, editing, files, pages, report, rivals, sending, servers

#: Runs of the desk for one of the reference, whose single run takes longer than all of them.
REPEATS = 3

#: Rows of the file the pages are measured with.
PAGE_ROWS = 200_000

Figures = list[dict[str, Any]]


def preparing(folder: Path, rows: tuple[int, ...]) -> Figures:
    """File → reviewed → all bodies, against the reference."""
    found = []
    for count in rows:
        for suffix in (".xlsx", ".csv"):
            path = files.write(folder / f"{count}{suffix}", count)
            naive = alone.measured("naive", path)
            runs = [alone.measured("desk", path) for _ in range(REPEATS)]
            if any(run["rows"] != naive["rows"] for run in runs):
                raise RuntimeError(f"the desk prepared {runs[0]['rows']} rows, the reference {naive['rows']}")
            seconds = statistics.median(run["seconds"] for run in runs)
            found.append(
                {
                    "file": f"{count:,} × {len(files.HEADERS)} {suffix[1:]}",
                    "naive_seconds": naive["seconds"],
                    "seconds": seconds,
                    "times_as_fast": naive["seconds"] / seconds,
                    "peak_mib": max(run["peak_mib"] for run in runs),
                    "naive_peak_mib": naive["peak_mib"],
                }
            )
    return found


def floors(folder: Path, rows: tuple[int, ...]) -> Figures:
    """The largest file to all bodies, in turn with everything that does a part of it."""
    found = []
    for suffix in (".xlsx", ".csv"):
        path = files.write(folder / f"floor{suffix}", max(rows))
        others = [*rivals.readers(suffix), "vectorised"]
        runs = {who: [alone.measured(who, path)["seconds"]] for who in ("desk", *others)}
        for _ in range(REPEATS - 1):
            for who, seconds in runs.items():
                seconds.append(alone.measured(who, path)["seconds"])
        taken = {who: statistics.median(seconds) for who, seconds in runs.items()}
        found += [
            {
                "file": path.name,
                "beside": who,
                "seconds": taken[who],
                "desk_takes": taken["desk"] / taken[who],
            }
            for who in others
        ]
    return found


def million(folder: Path, rows: tuple[int, ...]) -> Figures:
    """One million rows against a hundred thousand, the desk alone."""
    found = []
    for suffix in (".xlsx", ".csv"):
        small, large = (
            alone.measured("desk", files.write(folder / f"{count}{suffix}", count))
            for count in (100_000, 1_000_000)
        )
        found.append(
            {
                "file": f"1,000,000 × {len(files.HEADERS)} {suffix[1:]}",
                "seconds": large["seconds"],
                "times_100k": large["seconds"] / small["seconds"],
                "peak_mib": large["peak_mib"],
            }
        )
    return found


def _sending(folder: Path, rows: tuple[int, ...]) -> Figures:
    return [sending.measured(concurrency) for concurrency in (4, 8, 16)] + [sending.reference(30)]


def _editing(folder: Path, rows: tuple[int, ...]) -> Figures:
    sizes = sorted({*rows, PAGE_ROWS})
    return [editing.measured(files.write(folder / f"{count}.csv", count), count) for count in sizes]


def _pages(folder: Path, rows: tuple[int, ...]) -> Figures:
    path = files.write(folder / "pages.xlsx", PAGE_ROWS)
    return [*pages.reruns(path), pages.polling(path)]


def _servers(folder: Path, rows: tuple[int, ...]) -> Figures:
    journals = [servers.journaling(kind) for kind in servers.KINDS]
    rates = [servers.measured(count) for count in servers.PROCESSES]
    return [*journals, *rates, *(servers.takeover(kind) for kind in servers.KINDS)]


PARTS: dict[str, Callable[[Path, tuple[int, ...]], Figures]] = {
    "preparing": preparing,
    "floors": floors,
    "million": million,
    "sending": _sending,
    "servers": _servers,
    "editing": _editing,
    "pages": _pages,
}


def main(arguments: list[str]) -> int:
    """Measure what was asked for; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)}; all of them by default"
    )
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--json", type=Path, help="keep the figures here")
    parser.add_argument("--compare", type=Path, nargs=2, metavar=("OLD", "NEW"))
    given = parser.parse_args(arguments)
    if given.compare:
        print(report.compared(*(json.loads(path.read_text()) for path in given.compare)))
        return 0
    if unknown := set(given.parts) - set(PARTS):
        parser.error(f"no part is called {', '.join(sorted(unknown))}")
    figures: dict[str, Any] = {"machine": report.machine()}
    with tempfile.TemporaryDirectory() as folder:
        for name in given.parts or PARTS:
            print(f"measuring {name} …", file=sys.stderr)
            figures[name] = PARTS[name](Path(folder), tuple(given.rows))
            print(report.table(name, figures[name]), flush=True)
    print(f"Measured {report.line(figures['machine'])}.")
    if given.json:
        given.json.write_text(json.dumps(figures, indent=1, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
