"""What people did that belongs to no run: the journal, the log of what was done with people's data, and the sign-ins.

Appended in the transaction of what it tells of, never changed. No number, no name of a contact, no token.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from sqlalchemy import Connection as Open
from sqlalchemy import insert, literal, or_, select, update

from lib.run.journal import BY_LOCAL, FOR_EVERYBODY, By, Deed, JournalRecord
from lib.run.records import storable
from lib.run.states import DataDeed
from lib.store.database import frame
from lib.store.owners import any_of
from lib.store.permission import Action, InnerStore, SubStore, allowed
from lib.store.schema import data_log, journal, login, meta
from lib.times import utc_now

#: Characters kept of a name, and of who it was: a refused stranger chooses theirs.
ABOUT_LIMIT = 200


@dataclass(frozen=True)
class Doing:
    """One line before it is written. fingerprint: keyed, of the one number it is about; facts: counts and kinds."""

    what: DataDeed
    who: str
    run_id: str = ""
    draft_id: str = ""
    fingerprint: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


class Journal(SubStore):
    """`store.journal`."""

    @allowed(Action.LOOK)
    def note(self, deed: Deed, about: str, by: By = BY_LOCAL) -> None:
        """Append one line for what happens outside the database.

        deed: what the person did
        about: the name the deed is about; cut at `ABOUT_LIMIT`
        by: who did it, and of which team the line is
        """
        with self._db.write() as tx:
            note(tx, deed, by, about=about)

    @allowed(Action.LOOK)
    def latest(self, limit: int = 200, teams: Sequence[str] | None = None) -> list[JournalRecord]:
        """What people did that belongs to no run, newest first. teams: whose; None for all; of others what holds for everybody, without names."""
        mine = any_of(journal.c.team, teams)
        common = journal.c.deed.in_([deed.value for deed in FOR_EVERYBODY])
        columns = (*journal.c["at", "who", "deed", "about", "code"], mine.label("is_mine"))
        query = select(*columns).where(or_(mine, common)).order_by(journal.c.id.desc()).limit(limit)
        with self._db.read() as tx:
            return [
                JournalRecord(row.at, row.who if row.is_mine else "", row.deed, row.about, row.code)
                for row in tx.execute(query)
            ]

    @allowed(Action.LOOK)
    def note_data(self, doing: Doing) -> None:
        """Append one line to the log of what was done with people's data as a whole: shown in full, taken out, deleted."""
        with self._db.write() as tx:
            note_data(tx, doing)

    @allowed(Action.LOOK)
    def data_log(self, limit: int = 200) -> pd.DataFrame:
        """That log, newest first: columns at, who, what (DataDeed), run_id, draft_id, fingerprint, facts (dict)."""
        columns = data_log.c["at", "who", "what", "run_id", "draft_id", "fingerprint", "facts"]
        with self._db.read() as tx:
            found = frame(tx.execute(select(*columns).order_by(data_log.c.id.desc()).limit(limit)))
        found["facts"] = found["facts"].map(json.loads)
        return found


def note(tx: Open, deed: Deed, by: By, *, about: str = "", code: str = "") -> None:
    """Append one line. Never a phone number, never a token.

    tx: of what it tells of
    deed: what the person did
    by: who did it, cut at `ABOUT_LIMIT`, and of which team the line is
    about: the name the deed is about, "" for none; cut too
    code: what `Deed` says of it, "" for nothing
    """
    who, what = (storable(name)[:ABOUT_LIMIT] for name in (by.who, about))
    line = {"at": utc_now(), "who": who, "team": by.team, "deed": deed.value, "about": what, "code": code}
    tx.execute(insert(journal).values(**line))


def note_data(tx: Open, doing: Doing) -> None:
    """Append a line in the transaction of what it tells of."""
    line = {name: getattr(doing, name) for name in ("who", "run_id", "draft_id", "fingerprint")}
    tx.execute(
        insert(data_log).values(at=utc_now(), what=doing.what.value, facts=json.dumps(doing.facts), **line)
    )


# --- sign-ins ----------------------------------------------------------------------------------------------


class Logins(InnerStore):
    """`store.logins`."""

    #: Set once somebody has signed in: this desk is shared, and without its sign-in it stays closed.
    _SHARED = "shared"

    _IS_SHARED = select(literal(1)).select_from(meta).where(meta.c.name == _SHARED)

    def begin(self, login_id: str, by: By) -> None:
        """Write a sign-in down, once however many tabs it has; from now on this desk is a shared one."""
        with self._db.write() as tx:
            if not _is_first(tx, login_id, by):
                return
            note(tx, Deed.SIGNED_IN, by)
            if not tx.execute(self._IS_SHARED).first():
                tx.execute(insert(meta).values(name=self._SHARED, value=utc_now()))

    def end(self, login_id: str, by: By) -> None:
        """The person signed out: what this sign-in left behind in other tabs is worth nothing any more. Idempotent."""
        with self._db.write() as tx:
            stands = update(login).where(login.c.id == login_id, login.c.ended == "")
            if tx.execute(stands.values(ended=utc_now())).rowcount:
                note(tx, Deed.SIGNED_OUT, by)

    def refuse(self, login_id: str, by: By, code: str) -> None:
        """Write down, once for a sign-in and a reason, that somebody was refused at the door.

        login_id: which sign-in it was (`lib.access.people.login_of`)
        by: whom they claim to be; not proved, and of no team
        code: of the reason they were told
        """
        with self._db.write() as tx:
            if _is_first(tx, f"{login_id}/{code}", by):
                note(tx, Deed.REFUSED, by, code=code)

    def has_ended(self, login_id: str) -> bool:
        """Whether the person of this sign-in has signed out."""
        with self._db.read() as tx:
            return bool(tx.execute(select(login.c.ended).where(login.c.id == login_id)).scalar())

    @property
    def is_shared(self) -> bool:
        """Whether somebody has ever signed in at this desk."""
        with self._db.read() as tx:
            return tx.execute(self._IS_SHARED).first() is not None


def _is_first(tx: Open, login_id: str, by: By) -> bool:
    if tx.execute(select(login.c.id).where(login.c.id == login_id)).first():
        return False
    tx.execute(insert(login).values(id=login_id, who=storable(by.who)[:ABOUT_LIMIT], at=utc_now(), ended=""))
    return True
