"""`python -m tests.faults --schedules N --seed S [--only SEED] [--processes P] [--database KIND]`: exit code 1 where any broke a promise."""

import argparse
import sys
import time

from tests import databases
from tests.faults.campaign import play_all


def main(arguments: list[str] | None = None) -> int:
    """Print what was exercised, what broke, and the totals on the last line."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--schedules", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=0, help="of the first schedule; the others follow it")
    parser.add_argument("--only", type=int, help="replay this one")
    parser.add_argument(
        "--processes", type=int, default=1, help="the seeds are shared out; the result is the same"
    )
    parser.add_argument(
        "--database",
        default=databases.SQLITE,
        choices=(databases.SQLITE, databases.POSTGRESQL),
        help="a throw-away one of this kind",
    )
    given = parser.parse_args(arguments)
    if given.database == databases.POSTGRESQL and databases.programs() is None:
        parser.error(databases.MISSING)
    seeds = (
        range(given.seed, given.seed + given.schedules)
        if given.only is None
        else range(given.only, given.only + 1)
    )
    began = time.perf_counter()
    try:
        if given.database == databases.POSTGRESQL:
            assert databases.EVERY.server  # one for all processes
        broken, hits = play_all(
            seeds,
            given.processes,
            lambda done: _tell(done, len(seeds), time.perf_counter() - began),
            given.database,
        )
    finally:
        databases.EVERY.close()
    took = time.perf_counter() - began
    for name, count in sorted(hits.items()):
        print(f"{count:8}  {name}")
    print(
        f"{len(hits)} kinds of fault, {sum(hits.values())} hits, {took:.1f} s, {len(seeds) / took:.0f} schedules a second"
    )
    for seed, found in broken:
        for kind, texts in (("duplicate", found.duplicates), ("lost", found.lost), ("wrong", found.wrong)):
            for text in texts:
                print(f"seed {seed}: {kind}: {text}")
        where = "" if given.database == databases.SQLITE else f" --database {given.database}"
        print(f"replay: python -m tests.faults --only {seed}{where}")
    totals = {
        kind: sum(len(getattr(found, kind)) for _, found in broken)
        for kind in ("duplicates", "lost", "wrong")
    }
    print(
        f"schedules={len(seeds)} " + " ".join(f"{kind}={count}" for kind, count in totals.items()), flush=True
    )
    return int(any(totals.values()))


def _tell(done: int, count: int, seconds: float) -> None:
    """Where it stands, on stderr: the totals stay alone on stdout."""
    left = seconds / done * (count - done)
    print(
        f"{done} of {count} schedules, {done / seconds:.0f} a second, {left:.0f} s left",
        file=sys.stderr,
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
