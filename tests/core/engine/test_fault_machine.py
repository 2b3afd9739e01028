"""Runs and batches under any order of claims, marks, endings, take-overs and a person's wishes, against a model of their own.

The model below is the table of lib/run/README.md, "Batches", written a second time and knowing nothing of SQL.
"""

import json
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from random import Random

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from lib.errors import Conflict
from lib.run.records import AttemptResult, Claim, Fenced, Withdrawn
from lib.run.states import Outcome, Why
from lib.store import Store
from tests import databases
from tests.faults.desk import SHAPES, Desk, desk, plan
from tests.faults.endings import WAYS
from tests.faults.watch import Watch
from tests.faults.world import World

ANY = st.integers(0, 1_000)

#: Processes that share the examples.
PARTS = 2

#: After an ending: where the batch goes. Written by hand, not taken from lib.
STATE = {
    Outcome.ACCEPTED: "accepted", Outcome.REFUSED: "rejected", Outcome.UNKNOWN: "unknown", Outcome.NOT_SENT: "planned",
    Outcome.HELD_BACK: "planned",
}  # fmt: skip


@dataclass
class Flight:
    """A claim somebody holds. epoch: of the holder; wired: its mark was made; truth: whether the platform took the rows."""

    claim: Claim
    epoch: int
    wired: bool = False
    taken: bool = False
    over: bool = False


@dataclass
class Model:
    """What must be so."""

    runs: dict[str, str]
    batches: dict[int, str] = field(default_factory=dict)
    run_of: dict[int, str] = field(default_factory=dict)
    epoch: int = 0
    flights: list[Flight] = field(default_factory=list)

    def of(self, run_id: str, *states: str) -> list[int]:
        return [
            batch for batch, state in self.batches.items() if self.run_of[batch] == run_id and state in states
        ]

    def settle(self, run_id: str) -> None:
        """What follows for a run from its batches."""
        state = self.runs[run_id]
        if state == "cancelling":
            for batch in self.of(run_id, "planned"):
                self.batches[batch] = "cancelled"
        if self.of(run_id, "sending") or state not in ("running", "pausing", "cancelling"):
            return
        if state == "cancelling":
            self.runs[run_id] = "cancelled"
        elif not self.of(run_id, "planned"):
            self.runs[run_id] = "finished"
        elif state == "pausing":
            self.runs[run_id] = "paused"

    def stop(self, run_id: str) -> None:
        if self.runs[run_id] == "running":
            self.runs[run_id] = "pausing"

    def stop_at_unknowns(self, run_id: str) -> None:
        if len(self.of(run_id, "unknown")) >= 2:
            self.stop(run_id)


class Sending(RuleBasedStateMachine):
    """One database, any number of holders of any epoch."""

    own: Desk
    shapes = SHAPES

    def __init__(self) -> None:
        super().__init__()
        self.world = World(Random(0), lambda: WAYS["well"])
        self.watch: Watch | None = None
        self.repeats: dict[int, int] = {}  # batch → the earlier one whose number it has

    @initialize(at=ANY)
    def begin(self, at: int) -> None:
        shape = self.shapes[at % len(self.shapes)]
        self.model = Model(dict.fromkeys(self.own.reset(shape), "running"))
        self.watch = Watch(self.own.raw, self.world)
        self.first = 1_000
        self._learn()

    @property
    def store(self) -> Store:
        return self.own.stores[0]

    # --- the sender ----------------------------------------------------------------------------------------

    @rule()
    def take_over(self) -> None:
        self.model.epoch = self.store.sender.take_over()
        touched = []
        latest = {
            flight.claim.batch_id: flight for flight in self.model.flights
        }  # an elder one holds its batch no longer
        for batch, flight in latest.items():
            if not flight.over and self.model.batches[batch] == "sending":
                self.model.batches[batch] = "unknown" if flight.wired else "planned"
                touched.append(flight.claim.run_id)
        for run_id in touched:
            self.model.stop_at_unknowns(run_id)
            self.model.settle(run_id)

    @precondition(lambda self: self.model.epoch)
    @rule(at=ANY, limit=st.integers(1, 3), elder=st.integers(0, 4))
    def claim(self, at: int, limit: int, elder: int) -> None:
        run_id = self._run(at)
        epoch = self.model.epoch - (1 if elder == 0 else 0)
        planned = self.model.of(run_id, "planned") if self.model.runs[run_id] == "running" else []
        if epoch != self.model.epoch:
            self._raises(Fenced, lambda: self.store.sender.claim(epoch, run_id, limit))
            return
        claims = self.store.sender.claim(epoch, run_id, limit)
        assert [claim.batch_id for claim in claims] == planned[:limit]
        for claim in claims:
            self.model.batches[claim.batch_id] = "sending"
            self.model.flights.append(Flight(claim, epoch))
        if not claims:
            self.model.settle(run_id)

    @precondition(lambda self: self.model.flights)
    @rule(at=ANY)
    def mark(self, at: int) -> None:
        flight = self._flight(at)
        claim, model = flight.claim, self.model
        holds = not flight.over and flight.epoch == model.epoch and not flight.wired
        if not holds:
            self._raises(Fenced, lambda: self.store.sender.wire(flight.epoch, claim))
        elif model.runs[claim.run_id] != "running":
            self._raises(Withdrawn, lambda: self.store.sender.wire(flight.epoch, claim))
        else:
            self.store.sender.wire(flight.epoch, claim)
            flight.wired = True

    @precondition(lambda self: any(flight.wired and not flight.taken for flight in self.model.flights))
    @rule(at=ANY)
    def platform_takes(self, at: int) -> None:
        """The bytes were on their way since the mark; whoever holds the line now cannot call them back."""
        wired = [flight for flight in self.model.flights if flight.wired and not flight.taken]
        flight = wired[at % len(wired)]
        if not flight.over or self.model.batches[flight.claim.batch_id] == "unknown":
            flight.taken = True
            self.world.apply(json.loads(flight.claim.body())["data"])

    @precondition(lambda self: self.model.flights)
    @rule(
        at=ANY,
        wish=st.sampled_from(list(Outcome)),
        stop=st.sampled_from([None, None, Why.TOKEN, Why.ANSWER_SHAPE]),
    )
    def finish(self, at: int, wish: Outcome, stop: Why | None) -> None:
        flight, model = self._flight(at), self.model
        outcome = self._true_outcome(flight, wish)
        claim, batch = flight.claim, flight.claim.batch_id
        ending = AttemptResult(outcome, unique_id="u" if outcome == Outcome.ACCEPTED else "", stop=stop)
        if flight.over or flight.epoch != model.epoch:
            self._late(flight, ending)
            return
        self.store.sender.finish(flight.epoch, claim, ending)
        flight.over = True
        model.batches[batch] = STATE[outcome]
        if stop:
            model.stop(claim.run_id)
        elif outcome == Outcome.UNKNOWN:
            model.stop_at_unknowns(claim.run_id)
        model.settle(claim.run_id)

    def _late(self, flight: Flight, ending: AttemptResult) -> None:
        """Only an acceptance may still change something, and only out of unknown and of the same attempt."""
        batch, model = flight.claim.batch_id, self.model
        flight_is_latest = [one for one in model.flights if one.claim.batch_id == batch][-1] is flight
        if ending.outcome == Outcome.ACCEPTED and model.batches[batch] == "unknown" and flight_is_latest:
            self.store.sender.finish(flight.epoch, flight.claim, ending)
            model.batches[batch] = "accepted"
        elif not (flight.over and flight.epoch == model.epoch):  # repeating one's own record is harmless
            self._raises(Fenced, lambda: self.store.sender.finish(flight.epoch, flight.claim, ending))
        flight.over = True

    def _true_outcome(self, flight: Flight, wish: Outcome) -> Outcome:
        """The platform does not lie and the edge classifies right: what can have come of this flight."""
        if not flight.wired:
            return Outcome.NOT_SENT
        possible = (
            [Outcome.UNKNOWN, Outcome.ACCEPTED]
            if flight.taken
            else [Outcome.UNKNOWN, Outcome.REFUSED, Outcome.HELD_BACK]
        )
        return wish if wish in possible else Outcome.UNKNOWN

    # --- the person ----------------------------------------------------------------------------------------

    @rule(at=ANY)
    def pause(self, at: int) -> None:
        run_id = self._run(at)
        self.store.runs.pause(run_id)
        self.model.stop(run_id)
        self.model.settle(run_id)

    @rule(at=ANY)
    def resume(self, at: int) -> None:
        run_id = self._run(at)
        self.store.runs.resume(run_id)
        if self.model.runs[run_id] in ("paused", "pausing"):
            self.model.runs[run_id] = "running"
        self.model.settle(run_id)

    @rule(at=ANY, sure=st.integers(0, 4))
    def cancel(self, at: int, sure: int) -> None:
        if sure:
            return
        run_id = self._run(at)
        self.store.runs.cancel(run_id)
        if self.model.runs[run_id] in ("running", "pausing", "paused"):
            self.model.runs[run_id] = "cancelling"
        self.model.settle(run_id)

    @rule(known=st.booleans())
    def another_run(self, known: bool) -> None:
        """I4: the numbers of the first run are taken as long as any batch may have them."""
        self.first += 10
        made = plan(1, 1, 0 if known else self.first, f"more{self.first}", repeats_allowed=False)
        first_batch = min(self.model.batches)
        is_taken = known and any(
            self.model.batches[batch] in ("planned", "sending", "accepted", "unknown")
            for batch in self._with_number(first_batch)
        )
        if is_taken:
            self._raises(Conflict, lambda: self.store.runs.create(made))
            return
        self.model.runs[self.store.runs.create(made)] = "running"
        assert self.watch
        self.watch.expect()
        self._learn(holder=first_batch if known else None)

    # --- what always holds ---------------------------------------------------------------------------------

    @invariant()
    def store_and_model_agree(self) -> None:
        if not self.watch:
            return
        self.watch.look()
        assert self.watch.found.count == 0, self.watch.found
        assert self.watch.states("batch") == self.model.batches
        assert self.watch.states("run") == self.model.runs

    # --- how ------------------------------------------------------------------------------------------------

    def _run(self, at: int) -> str:
        runs = list(self.model.runs)
        return runs[at % len(runs)]

    def _flight(self, at: int) -> Flight:
        """Mostly one of those that are not over."""
        open_ones = [flight for flight in self.model.flights if not flight.over]
        chosen = open_ones if open_ones and at % 5 else self.model.flights
        return chosen[at % len(chosen)]

    def _learn(self, holder: int | None = None) -> None:
        """Batches the store has and the model does not; holder: the batch whose number this one repeats."""
        assert self.watch
        for batch, run_id in self.watch.runs_of_batches().items():
            if batch not in self.model.batches:
                self.model.batches[batch], self.model.run_of[batch] = "planned", run_id
                self.repeats |= {batch: holder} if holder else {}

    def _with_number(self, batch: int) -> Iterator[int]:
        yield batch
        yield from (other for other, held in self.repeats.items() if held == batch)

    def _raises(self, kind: type[Exception], act: Callable[[], object]) -> None:
        try:
            act()
        except kind:
            return
        raise AssertionError(f"no {kind.__name__}")


def check(part: int, kind: str, examples: int) -> str:
    """Half of the examples, on half of the shapes; what broke, in words."""
    half = type("Sending", (Sending,), {})
    with desk(kind) as own:
        half.own, half.shapes = own, SHAPES[part::PARTS]
        how = settings(
            max_examples=examples // PARTS, stateful_step_count=50, derandomize=True, deadline=None, database=None,
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        try:
            run_state_machine_as_test(half, settings=how)
        except (Exception, ExceptionGroup):
            return traceback.format_exc()
    return ""


@pytest.mark.parametrize(
    ("kind", "examples"),
    [
        (databases.SQLITE, 10),
        pytest.param(databases.SQLITE, 300, marks=pytest.mark.long),
        *(pytest.param(*one.values, 30, marks=[*one.marks, pytest.mark.long]) for one in databases.params(databases.POSTGRESQL)),
    ],
)  # fmt: skip
def test_no_order_of_events_breaks_an_invariant(kind: str, examples: int) -> None:
    """Examples of 50 steps, a part on each of two cores."""
    if kind == databases.POSTGRESQL:
        assert databases.EVERY.server  # one for both parts
    with ProcessPoolExecutor(PARTS, mp_context=get_context("spawn")) as pool:
        assert list(pool.map(check, range(PARTS), [kind] * PARTS, [examples] * PARTS)) == [""] * PARTS
