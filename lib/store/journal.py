"""The journal of people and the sign-ins behind it: appended in the transaction of what it tells of, never changed."""

from collections.abc import Sequence

from sqlalchemy import Connection as Open
from sqlalchemy import insert, literal, or_, select, update

from lib.run.journal import FOR_EVERYBODY, By, Deed, JournalRecord
from lib.run.records import storable
from lib.store.database import Database
from lib.store.owners import any_of
from lib.store.schema import journal, login, meta
from lib.times import utc_now

#: Characters kept of a name, and of who it was: a refused stranger chooses theirs.
ABOUT_LIMIT = 200

#: Set once somebody has signed in: this desk is shared, and without its sign-in it stays closed.
_SHARED = "shared"


def note(c: Open, deed: Deed, by: By, *, about: str = "", code: str = "") -> None:
    """Append one line. Never a phone number, never a token."""
    who, what = (storable(name)[:ABOUT_LIMIT] for name in (by.who, about))
    line = {"at": utc_now(), "who": who, "team": by.team, "deed": deed.value, "about": what, "code": code}
    c.execute(insert(journal).values(**line))


def add(db: Database, deed: Deed, by: By, about: str = "", code: str = "") -> None:
    """Append one line for what happens outside the database."""
    with db.write() as c:
        note(c, deed, by, about=about, code=code)


def lines(db: Database, teams: Sequence[str] | None, limit: int) -> list[JournalRecord]:
    """The latest lines of these teams, newest first, None for all; of others what holds for everybody, without their names."""
    mine = any_of(journal.c.team, teams)
    common = journal.c.deed.in_([deed.value for deed in FOR_EVERYBODY])
    columns = (
        journal.c.at,
        journal.c.who,
        journal.c.deed,
        journal.c.about,
        journal.c.code,
        mine.label("is_mine"),
    )
    query = select(*columns).where(or_(mine, common)).order_by(journal.c.id.desc()).limit(limit)
    with db.read() as c:
        return [
            JournalRecord(row.at, row.who if row.is_mine else "", row.deed, row.about, row.code)
            for row in c.execute(query)
        ]


# --- sign-ins ----------------------------------------------------------------------------------------------


def begin_login(db: Database, login_id: str, by: By) -> None:
    """Write a sign-in down, once however many tabs it has; from now on this desk is a shared one."""
    with db.write() as c:
        if c.execute(select(login.c.id).where(login.c.id == login_id)).first():
            return
        c.execute(insert(login).values(id=login_id, who=by.who, at=utc_now(), ended=""))
        note(c, Deed.SIGNED_IN, by)
        if not c.execute(_IS_SHARED).first():
            c.execute(insert(meta).values(name=_SHARED, value=utc_now()))


def end_login(db: Database, login_id: str, by: By) -> None:
    """The person signed out: what this sign-in left behind in other tabs is worth nothing any more. Idempotent."""
    with db.write() as c:
        ended = c.execute(
            update(login).where(login.c.id == login_id, login.c.ended == "").values(ended=utc_now())
        )
        if ended.rowcount:
            note(c, Deed.SIGNED_OUT, by)


def refuse_login(db: Database, login_id: str, by: By, code: str) -> None:
    """Write down, once for a sign-in and a reason, that somebody was refused at the door."""
    refusal = f"{login_id}/{code}"
    with db.write() as c:
        if not c.execute(select(login.c.id).where(login.c.id == refusal)).first():
            c.execute(
                insert(login).values(id=refusal, who=storable(by.who)[:ABOUT_LIMIT], at=utc_now(), ended="")
            )
            note(c, Deed.REFUSED, by, code=code)


def has_ended(db: Database, login_id: str) -> bool:
    """Whether the person of this sign-in has signed out."""
    with db.read() as c:
        return bool(c.execute(select(login.c.ended).where(login.c.id == login_id)).scalar())


_IS_SHARED = select(literal(1)).select_from(meta).where(meta.c.name == _SHARED)


def is_shared(db: Database) -> bool:
    """Whether somebody has ever signed in at this desk."""
    with db.read() as c:
        return c.execute(_IS_SHARED).first() is not None
