"""The corpus and its mutants by hand.

`python -m tests.files --golden [NAME …]` writes missing (or the named) golden results of the corpus.
`python -m tests.files --mutants 20000 --seed 1` reads that many changed workbooks; exit 1 if one goes wrong.
`python -m tests.files --measure 100000` compares reading so many rows with the engine alone.
"""

import argparse
import sys

from tests.files import golden, mutants
from tests.files.measure import measure


def main() -> int:
    """Does what the arguments ask."""
    parser = argparse.ArgumentParser(prog="python -m tests.files", description=__doc__)
    parser.add_argument(
        "--golden", nargs="*", metavar="NAME", help="write golden results; read them before you commit them"
    )
    parser.add_argument("--mutants", type=int, default=0, help="how many changed workbooks to read")
    parser.add_argument("--seed", type=int, default=1, help="seed of the first one; the next have the numbers after it")
    parser.add_argument(
        "--measure", type=int, default=0, metavar="ROWS", help="how long reading takes beside its engine alone"
    )
    wanted = parser.parse_args()
    if wanted.golden is not None:
        golden.write(wanted.golden)
    if wanted.measure:
        measured = measure(wanted.measure)
        print(measured, f"ratio={measured.ratio:.2f}")
    if not wanted.mutants:
        return 0

    def tell(seed: int, found: str) -> None:
        if found.startswith("wrong"):
            print(f"seed {seed}: {found}", flush=True)

    tally = mutants.survey(range(wanted.seed, wanted.seed + wanted.mutants), tell)
    refusals = ", ".join(f"{code} {count}" for code, count in tally.refused.most_common())
    print(f"refused: {refusals}")
    print(
        f"mutants={wanted.mutants} read={tally.read} refused={tally.refused.total()} wrong={len(tally.wrong)} "
        f"deaths={tally.deaths} slowest={tally.slowest_seconds:.1f}s"
    )
    return 1 if tally.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
