"""What the log of a run says: every step of it, and what a person should know beside its counts."""

from sqlalchemy import select

from lib.run.journal import LOCAL
from lib.run.records import EventRecord, RunNotes
from lib.run.states import Happening, HeldAs, TaskPause
from lib.store.events import record
from lib.store.permission import Action, Of, SubStore, allowed
from lib.store.schema import batch, event

_LINE = (*event.c["at", "who", "what"], batch.c.seq, event.c.code)

#: What `RunLog.notes` is made of.
_NOTED = (Happening.BATCH_NOT_LOOKED, Happening.RUN_AUDITED, Happening.RUN_SEEN_TWICE, Happening.RUN_NOT_SEEN)

#: The batch whose missing rows an event's batch holds. One sent again on a person's word was not sent unchecked: they had looked.
_PARENT = batch.alias("parent")
_WITH_PARENT = event.outerjoin(batch).outerjoin(_PARENT, _PARENT.c.id == batch.c.parent_id)


class RunLog(SubStore):
    """`store.run_log`."""

    @allowed(Action.LOOK, Of.RUN)
    def events(self, run_id: str) -> list[EventRecord]:
        """Every step, in order."""
        query = (
            select(*_LINE)
            .select_from(event.outerjoin(batch))
            .where(event.c.run_id == run_id)
            .order_by(event.c.id)
        )
        with self._db.read() as tx:
            return [EventRecord(*row) for row in tx.execute(query)]

    @allowed(Action.LOOK, Of.RUN)
    def notes(self, run_id: str) -> RunNotes:
        """What a person should know of a run beside its counts."""
        query = (
            select(*event.c["what", "code", "batch_id"])
            .select_from(_WITH_PARENT)
            .where(
                event.c.run_id == run_id,
                event.c.what.in_([kind.value for kind in _NOTED]),
                _PARENT.c.held_as.is_distinct_from(HeldAs.NO_EVIDENCE.value),
            )
        )
        not_looked: set[int] = set()  # a batch may be turned away, and sent again, more than once
        audit = ""
        counts: dict[str, int] = {}
        with self._db.read() as tx:
            lines = tx.execute(query.order_by(event.c.id)).all()
        for what, code, batch_id in lines:
            if what == Happening.BATCH_NOT_LOOKED:
                not_looked.add(batch_id)
            elif what == Happening.RUN_AUDITED:
                audit, counts = code, {}
            else:
                counts[what] = int(code)
        twice, unseen = (counts.get(kind, 0) for kind in (Happening.RUN_SEEN_TWICE, Happening.RUN_NOT_SEEN))
        return RunNotes(len(not_looked), audit, twice, unseen)

    @allowed(Action.PAUSE_TASK, Of.RUN)
    def note_task_pause(self, run_id: str, outcome: TaskPause, who: str = LOCAL) -> None:
        """Write down what came of having the platform pause the task of a run. No state follows.

        run_id: of the one the platform stopped with 6007
        outcome: SEEN and TAKEN are told as paused, any other as not paused
        who: id of the person who wanted it
        """
        is_paused = outcome in (TaskPause.SEEN, TaskPause.TAKEN)
        what = Happening.TASK_PAUSED if is_paused else Happening.TASK_NOT_PAUSED
        with self._db.write() as tx:
            record(tx, run_id, what, who=who, code=outcome.value)

    @allowed(Action.LOOK, Of.RUN)
    def task_pause(self, run_id: str) -> TaskPause | None:
        """What came of it last, since the run stopped last; None where nobody has asked since."""
        kinds = [Happening.RUN_PAUSED.value, Happening.TASK_PAUSED.value, Happening.TASK_NOT_PAUSED.value]
        query = select(event.c.what, event.c.code).where(event.c.run_id == run_id, event.c.what.in_(kinds))
        with self._db.read() as tx:
            found = tx.execute(query.order_by(event.c.id.desc()).limit(1)).one_or_none()
        return TaskPause(found.code) if found and found.what != Happening.RUN_PAUSED else None
