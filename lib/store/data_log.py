"""What was done with people's data as a whole: shown in full, taken out of the app, deleted. No number, no name of a contact."""

import json
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from sqlalchemy import Connection as Open
from sqlalchemy import insert, select

from lib.run.records import DataDeed
from lib.store.database import Database, plain_rows
from lib.store.schema import data_log
from lib.times import utc_now

_COLUMNS = ("at", "who", "what", "run_id", "draft_id", "fingerprint", "facts")


@dataclass(frozen=True)
class Doing:
    """One line before it is written. fingerprint: keyed, of the one number it is about; facts: counts and kinds."""

    what: DataDeed
    who: str
    run_id: str = ""
    draft_id: str = ""
    fingerprint: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


def add(c: Open, doing: Doing) -> None:
    """Append a line in the transaction of what it tells of."""
    line = {name: getattr(doing, name) for name in ("who", "run_id", "draft_id", "fingerprint")}
    c.execute(
        insert(data_log).values(at=utc_now(), what=doing.what.value, facts=json.dumps(doing.facts), **line)
    )


def note(db: Database, doing: Doing) -> None:
    """Append a line by itself."""
    with db.write() as c:
        add(c, doing)


def lines(db: Database, limit: int) -> pd.DataFrame:
    """The log, newest first: columns at, who, what (DataDeed), run_id, draft_id, fingerprint, facts (dict)."""
    query = select(*(data_log.c[name] for name in _COLUMNS)).order_by(data_log.c.id.desc()).limit(limit)
    with db.read() as c:
        found = pd.DataFrame(plain_rows(c.execute(query)), columns=list(_COLUMNS))
    found["facts"] = found["facts"].map(json.loads)
    return found
