"""The oracles: a second pair of eyes on the database file, over a connection of its own and without the store's code.

`look` is called after every commit. It never asks the store how things stand: it reads the tables and the ledger.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.faults.world import World

if TYPE_CHECKING:
    from tests.faults.desk import FileLine, ServerLine

#: From → to: every change of a batch there is (lib/run/README.md, "Batches"). Anything else is a violation.
ALLOWED = {
    ("planned", "sending"), ("sending", "planned"), ("sending", "accepted"), ("sending", "rejected"),
    ("sending", "unknown"), ("unknown", "accepted"), ("unknown", "held"), ("held", "accepted"), ("held", "unknown"),
    ("held", "split"), ("held", "cancelled"), ("planned", "cancelled"),
    ("sending", "cancelled"),  # planned again and cancelled in one transaction
}  # fmt: skip

#: States that say "surely not with the platform", and those that say "surely with it".
UNSENT, SENT = ("planned", "cancelled", "rejected"), ("accepted",)

_BATCHES = "SELECT id, run_id, seq, state, rows, held_as, (SELECT epoch FROM lease) FROM batch ORDER BY id"
_ROWS = "SELECT run_id, batch_seq, extra, delivery FROM contact_row WHERE disposition = 'to_send'"
_RUNS = "SELECT id, state FROM run ORDER BY created"
_LAST_EVENTS = "SELECT batch_id, to_state FROM event WHERE id IN (SELECT max(id) FROM event WHERE batch_id IS NOT NULL GROUP BY batch_id)"
_MARK = """
    SELECT attempt.epoch IN (SELECT epoch FROM sender), attempt.progress, batch.state, run.state FROM contact_row
    JOIN run ON run.id = contact_row.run_id
    JOIN batch ON batch.run_id = contact_row.run_id AND batch.seq = contact_row.batch_seq
    JOIN attempt ON attempt.id = batch.attempt_id WHERE contact_row.extra = ?
"""

#: The last event of this row's batch, where it says that the list could not tell.
_NOT_LOOKED = """
    SELECT 1 FROM event WHERE what = 'batch_not_looked' AND id = (
        SELECT max(event.id) FROM event JOIN batch ON batch.id = event.batch_id
        JOIN contact_row ON batch.run_id = contact_row.run_id AND batch.seq = contact_row.batch_seq
        WHERE contact_row.extra = ?)
"""


@dataclass
class Found:
    """What the oracles found, in words; empty everywhere when all is well."""

    duplicates: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.duplicates) + len(self.lost) + len(self.wrong)


class Watch:
    """Eyes on one schedule. dropped: rows a person said to leave out, of which the platform may have had some."""

    def __init__(self, raw: "FileLine | ServerLine", world: World, *, looks: bool = False) -> None:
        """looks: the senders read the list before they send anything a second time."""
        self._db, self._world, self.looks_first = raw, world, looks
        self.found = Found()
        self.looks = 0
        self.dropped: set[str] = set()
        self._states: dict[int, str] = {}
        self._epoch = 0
        self._version = (0, -1, 0)
        self.expect()
        self.look()

    def expect(self) -> None:
        """A run was added: its rows count from now on."""
        self.expected = len(self._db.execute(_ROWS).fetchall())

    def restored(self) -> None:
        """An older database is back: what was seen of the one before counts no longer."""
        self._states, self._epoch = {}, 0
        self.expect()

    def is_decided(self) -> bool:
        """Whether something stands that was found in the list, or that a person decided."""
        query = "SELECT count(*) FROM batch WHERE state IN ('held', 'split', 'cancelled') OR parent_id IS NOT NULL OR found > 0"
        return bool(self._db.execute(query).fetchone()[0])  # type: ignore[index]

    def marked(self, extra: str) -> None:
        """I1: a byte has arrived, so the mark must be there, committed, and of the present epoch."""
        marks = self._db.execute(_MARK, (extra,)).fetchall()
        well = ("wire", "sending", "running")
        if not any(may_send and tuple(states) == well for may_send, *states in marks):
            self.found.wrong.append(
                f"bytes of {extra} left without a mark of one who may send in a running run: {marks}"
            )
        world = self._world
        is_unlooked = self.looks_first and world.posted.get(extra, 0) > world.read_at
        if is_unlooked and not self._db.execute(_NOT_LOOKED, (extra,)).fetchone():
            self.found.wrong.append(
                f"I8: {extra} arrives a second time and nobody looked for it since the first"
            )
        if extra in self._world.refused:
            self.found.wrong.append(f"{extra} was refused and is posted again")

    def look(self) -> None:
        """After a commit: allowed changes only, every row somewhere, no state that contradicts the ledger."""
        version = (self._db.version(), self._world.applications, self.expected)
        if version == self._version:
            return
        self._version = version
        self.looks += 1
        batches = self._db.execute(_BATCHES).fetchall()
        seen_before, self._states = self._states, {}
        for batch_id, _, _, state, *_ in batches:
            before = seen_before.get(batch_id)
            if before is None and seen_before and state != "planned":
                self.found.wrong.append(f"batch {batch_id} began as {state}")
            if before not in (None, state) and (before, state) not in ALLOWED:
                self.found.wrong.append(f"batch {batch_id} went from {before} to {state}")
            self._states[batch_id] = state
        epoch = batches[0][-1]
        if epoch < self._epoch:
            self.found.wrong.append(f"the epoch went back from {self._epoch} to {epoch}")
        self._epoch = epoch
        self._compare(batches)

    def _compare(self, batches: list[tuple[int, str, int, str, int, str, int]]) -> None:
        states = {(run_id, seq): (state, held_as) for _, run_id, seq, state, _, held_as, _ in batches}
        rows = self._db.execute(_ROWS).fetchall()
        if len(rows) != self.expected or sum(batch[4] for batch in batches) != self.expected:
            self.found.lost.append(f"{self.expected} rows were to be sent, {len(rows)} are kept")
        for run_id, seq, extra, delivery in rows:
            state, held_as = states.get((run_id, seq), ("", ""))
            self._judge(extra, delivery or state, held_as if state == "held" else "")
        too_often = self._world.too_often()
        if too_often:
            self.found.duplicates.append(f"applied more than once: {too_often}")

    def _judge(self, extra: str, state: str, held_as: str) -> None:
        """One row, by what is said of it and by where it is. held_as "absent" or "partial" says: surely not there."""
        if state in ("", "split"):
            self.found.lost.append(f"row {extra} is in no batch")
        elif state in SENT and not self._world.has(extra):
            self.found.wrong.append(f"row {extra} is not with the platform and is called {state}")
        elif not self._world.has(extra) or extra in self.dropped:
            return
        elif state in UNSENT or (state == "held" and held_as in ("absent", "partial")):
            self.found.wrong.append(f"row {extra} is with the platform and is called {state} {held_as}")

    def states(self, table: str) -> dict[int | str, str]:
        """Id → state of every run or batch."""
        return dict(
            self._db.execute(
                {"run": "SELECT id, state FROM run", "batch": "SELECT id, state FROM batch"}[table]
            ).fetchall()
        )

    def runs_of_batches(self) -> dict[int, str]:
        """Batch id → run id, in the order they were made."""
        return dict(self._db.execute("SELECT id, run_id FROM batch ORDER BY id").fetchall())

    def missing_of(self, batch_id: int) -> set[str]:
        """Rows of a batch that are not known to have arrived."""
        query = """
            SELECT extra FROM contact_row JOIN batch ON batch.run_id = contact_row.run_id AND batch.seq = batch_seq
            WHERE batch.id = ? AND delivery = ''
        """
        return {extra for (extra,) in self._db.execute(query, (batch_id,))}

    def unresolved(self) -> list[str]:
        """Runs with a batch that is unknown or held, in the order they were made."""
        query = "SELECT run_id FROM batch WHERE state IN ('unknown', 'held') GROUP BY run_id ORDER BY min(id)"
        return [run_id for (run_id,) in self._db.execute(query)]

    def is_unknown(self) -> bool:
        """Whether anything is unresolved."""
        return bool(self.unresolved())

    def paused(self) -> list[str]:
        """Runs that wait for a person."""
        return [run_id for run_id, state in self._db.execute(_RUNS) if state in ("paused", "pausing")]

    def is_open(self) -> bool:
        """Whether anything is still to be sent, or in flight, or a run has not ended."""
        query = "SELECT (SELECT count(*) FROM batch WHERE state IN ('planned', 'sending')) + (SELECT count(*) FROM run WHERE state NOT IN ('finished', 'cancelled'))"
        return bool(self._db.execute(query).fetchone()[0])

    def settled(self) -> None:
        """At the end, with every fault gone and every pause lifted: nothing waits for nobody, and the log agrees."""
        self.look()
        runs = dict(self._db.execute(_RUNS).fetchall())
        logged = dict(self._db.execute(_LAST_EVENTS).fetchall())
        for batch_id, run_id, seq, state, *_ in self._db.execute(_BATCHES):
            if state in ("planned", "sending"):
                self.found.lost.append(f"batch {seq} stays {state} in a run that is {runs[run_id]}")
            if logged.get(batch_id, "planned") != state:
                self.found.wrong.append(f"batch {seq} is {state}, the log says {logged.get(batch_id)}")
        if not self._db.is_sound():
            self.found.wrong.append("the database is damaged")
