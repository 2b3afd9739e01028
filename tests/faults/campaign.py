"""Many schedules, over several processes."""

import logging
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context

from tests.databases import POSTGRESQL, SQLITE
from tests.faults.desk import desk
from tests.faults.schedule import Schedule
from tests.faults.watch import Found

#: Seeds that are played on one database, and told of together; each chunk prepares its statements anew.
CHUNK = {SQLITE: 500, POSTGRESQL: 50}

Verdict = tuple[int, Found]


def play(seeds: range, kind: str = SQLITE) -> tuple[list[Verdict], Counter[str]]:
    """These schedules one after the other on a fresh database: those that broke a promise, and what was exercised."""
    for name in ("lib.engine", "lib.reconcile"):  # they tell of every take-over, and here are thousands
        logging.getLogger(name).setLevel(logging.ERROR)
    hits: Counter[str] = Counter()
    broken: list[Verdict] = []
    with desk(kind) as own:
        for seed in seeds:
            try:
                found = Schedule(seed, own, hits).play()
            except Exception as loud:
                loud.add_note(f"replay: python -m tests.faults --only {seed}")
                raise
            if found.count:
                broken.append((seed, found))
    return broken, hits


def play_all(
    seeds: range, processes: int, told: Callable[[int], None] = lambda done: None, kind: str = SQLITE
) -> tuple[list[Verdict], Counter[str]]:
    """The same in so many processes; the result does not depend on how many. told: called with how many are done."""
    size = CHUNK[kind]
    chunks = [seeds[at : at + size] for at in range(0, len(seeds), size)]
    broken: list[Verdict] = []
    hits: Counter[str] = Counter()
    with ExitStack() as stack:
        several = min(processes, len(chunks)) > 1
        spread = (
            stack.enter_context(ProcessPoolExecutor(processes, mp_context=get_context("spawn"))).map
            if several
            else map
        )
        for chunk, (some, struck) in zip(chunks, spread(play, chunks, [kind] * len(chunks)), strict=True):
            broken += some
            hits += struck
            told(chunk.stop - seeds.start)
    return broken, hits
