"""Many schedules, over several processes."""

import logging
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from tests.faults.desk import desk
from tests.faults.schedule import Schedule
from tests.faults.watch import Found

#: Seeds a worker takes at once; each chunk compiles its statements anew.
_CHUNK = 250

Verdict = tuple[int, Found]


def play(seeds: range) -> tuple[list[Verdict], Counter[str]]:
    """These schedules one after the other in a fresh folder: those that broke a promise, and what was exercised."""
    for name in ("lib.engine", "lib.reconcile"):  # they tell of every take-over, and here are thousands
        logging.getLogger(name).setLevel(logging.ERROR)
    hits: Counter[str] = Counter()
    broken: list[Verdict] = []
    with desk() as own:
        for seed in seeds:
            found = Schedule(seed, own, hits).play()
            if found.count:
                broken.append((seed, found))
    return broken, hits


def play_all(seeds: range, workers: int) -> tuple[list[Verdict], Counter[str]]:
    """The same over several processes; the result does not depend on how many."""
    if workers == 1 or len(seeds) <= _CHUNK:
        return play(seeds)
    chunks = [seeds[at : at + _CHUNK] for at in range(0, len(seeds), _CHUNK)]
    broken: list[Verdict] = []
    hits: Counter[str] = Counter()
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        for some, struck in pool.map(play, chunks):
            broken += some
            hits += struck
    return broken, hits
