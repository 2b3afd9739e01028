"""How the whole desk stands, in counts: for an administrator's monitoring. No number, no name, no text of anybody's."""

from sqlalchemy import case, delete, func, select

from lib.run.journal import BY_LOCAL, By, Deed
from lib.run.records import Health
from lib.run.states import UNSETTLED, BatchState, RunState
from lib.store.journal import note
from lib.store.permission import Action, InnerStore, SubStore, allowed
from lib.store.recovery import RESTORED
from lib.store.schema import batch, found_version, meta, run, schema_version, sender
from lib.times import as_seconds


class DeskHealth(InnerStore):
    """`store.health`."""

    def is_ready(self) -> bool:
        """Whether the database answers and its schema is this program's. Raises StoreUnavailable."""
        with self._db.read() as tx:
            return found_version(tx) == schema_version()

    _BATCHES = select(batch.c.state, func.count()).group_by(batch.c.state)

    _RUNS = select(run.c.state, func.count()).group_by(run.c.state)

    _OLDEST_OPEN = select(func.min(batch.c.ended_at)).where(
        batch.c.state.in_([state.value for state in UNSETTLED]), batch.c.ended_at != ""
    )

    #: Batches that only wait for their turn: those of runs that wait for a person do not.
    _QUEUE = (
        select(func.count(case((run.c.state == RunState.RUNNING.value, 1))))
        .select_from(batch.join(run))
        .where(batch.c.state == BatchState.PLANNED.value)
    )

    _SENDERS = select(func.count()).select_from(sender)

    def counts(self) -> Health:
        """Every count, of one moment. Raises StoreUnavailable."""
        with self._db.read() as tx:
            batches: dict[str, int] = dict(tx.execute(self._BATCHES).all())
            runs: dict[str, int] = dict(tx.execute(self._RUNS).all())
            oldest, now = tx.execute(self._OLDEST_OPEN).scalar(), self._db.moment(tx)
            return Health(
                batches={state.value: int(batches.get(state.value, 0)) for state in BatchState},
                runs={state.value: int(runs.get(state.value, 0)) for state in RunState},
                oldest_open_seconds=max(0.0, now - as_seconds(oldest)) if oldest else 0.0,
                queue=int(tx.execute(self._QUEUE).scalar_one()),
                senders=int(tx.execute(self._SENDERS).scalar_one()),
            )


class DatabaseFacts(SubStore):
    """`store.database`: which it is."""

    @allowed(Action.LOOK)
    def journal_mode(self) -> str:
        """How the database makes sure of what it writes: "wal" or "delete", "" for one that is no file."""
        return self._db.journal_mode()

    @allowed(Action.LOOK)
    def restored(self) -> str | None:
        """Where it is older than what was sent, and nobody has read so yet: when it was sent last, "" for unknown."""
        with self._db.read() as tx:
            return tx.execute(select(meta.c.value).where(meta.c.name == RESTORED)).scalar()

    @allowed(Action.SEND)
    def note_restored_read(self, by: By = BY_LOCAL) -> None:
        """A person has read it, and answers for what is submitted from now on. Idempotent."""
        with self._db.write() as tx:
            if tx.execute(delete(meta).where(meta.c.name == RESTORED)).rowcount:
                note(tx, Deed.RESTORED_READ, by)

    @allowed(Action.LOOK)
    def server_name(self) -> str:
        """The host and the database of a server, without who signs in; "" for a file."""
        return self._db.name if self._db.is_shared else ""
