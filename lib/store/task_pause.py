"""What came of having the platform pause the task of a run that it stopped with 6007. Only the log knows of it: no state follows."""

from sqlalchemy import select

from lib.run.records import Happening, TaskPause
from lib.store.database import Database
from lib.store.events import record
from lib.store.schema import event

_PAUSED = (TaskPause.SEEN, TaskPause.TAKEN)


def note(db: Database, run_id: str, outcome: TaskPause, who: str) -> None:
    """Append it to the log of the run; a person asked for it."""
    what = Happening.TASK_PAUSED if outcome in _PAUSED else Happening.TASK_NOT_PAUSED
    with db.write() as c:
        record(c, run_id, what, who=who, code=outcome.value)


def latest(db: Database, run_id: str) -> TaskPause | None:
    """What came of it last, since the run stopped last; None where nobody has asked since."""
    kinds = [Happening.RUN_PAUSED.value, Happening.TASK_PAUSED.value, Happening.TASK_NOT_PAUSED.value]
    query = select(event.c.what, event.c.code).where(event.c.run_id == run_id, event.c.what.in_(kinds))
    with db.read() as c:
        found = c.execute(query.order_by(event.c.id.desc()).limit(1)).one_or_none()
    return TaskPause(found.code) if found and found.what != Happening.RUN_PAUSED else None
