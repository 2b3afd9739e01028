"""The do-not-call list: keys of numbers nobody may be called on from here, whatever a draft or a run wants.

Each team keeps a list of its own, and a number on any of them is not called by anybody. A list holds keys, not numbers
(`lib.contact.keys.phone_keys`): it can say whether a number is on it and nothing else. It is asked three times: for a draft, in the transaction that freezes a run, and in the one that claims a batch. So a
number added while a run waits does not leave with a later batch; only what is being sent at that moment does. Where the
platform's list was read between claim and mark, which may take long, it is asked at the mark too.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Select, bindparam, delete, func, insert, select
from sqlalchemy import Connection as Open

from lib.contact.keys import phone_keys
from lib.contact.privacy import mask_text
from lib.contact.problems import NUMBER_DELETED
from lib.run.journal import BY_LOCAL, By, Deed
from lib.run.records import storable
from lib.run.states import Happening
from lib.store.database import chunks, frame
from lib.store.decisions import take_out
from lib.store.journal import note
from lib.store.owners import any_of
from lib.store.permission import Action, SubStore, allowed
from lib.store.schema import batch, contact_row, do_not_call, erasure
from lib.times import utc_now

#: Characters kept of where numbers came from.
SOURCE_LIMIT = 120

_KEY = do_not_call.c.phone_key

_IS_ANY = select(select(_KEY).exists())


class DoNotCall(SubStore):
    """`store.do_not_call`."""

    @allowed(Action.DO_NOT_CALL)
    def add(self, phones: Iterable[str], source: str, by: By = BY_LOCAL) -> int:
        """Put numbers on the team's list; how many were not on it.

        phones: in whatever spelling; a repeated one counts once
        source: the file they came from, "" where a person typed them; kept with numbers masked, cut at `SOURCE_LIMIT`
        by: whose team's list it is, and who stands in the journal
        """
        keys = sorted(set(phone_keys(self._db.key, phones)))
        facts = {"team": by.team, "added": utc_now(), "source": storable(mask_text(source))[:SOURCE_LIMIT]}
        with self._db.write() as tx:
            known = on_list(tx, keys, by.team)
            fresh = [{"phone_key": key, **facts} for key in keys if key not in known]
            if fresh:
                tx.execute(insert(do_not_call), fresh)
                note(tx, Deed.DO_NOT_CALL_ADDED, by, about=facts["source"], code=str(len(fresh)))
        return len(fresh)

    @allowed(Action.DO_NOT_CALL)
    def remove(self, phone: str, by: By = BY_LOCAL) -> bool:
        """Take one number off the team's list, in whatever spelling; whether it was on it."""
        [key] = phone_keys(self._db.key, [phone])
        return self._delete(Deed.DO_NOT_CALL_REMOVED, by, do_not_call.c.phone_key == key) > 0

    @allowed(Action.DO_NOT_CALL)
    def clear(self, by: By = BY_LOCAL) -> int:
        """Empty the team's list; how many numbers were on it."""
        return self._delete(Deed.DO_NOT_CALL_CLEARED, by)

    def _delete(self, deed: Deed, by: By, *which: ColumnElement[bool]) -> int:
        with self._db.write() as tx:
            count = tx.execute(delete(do_not_call).where(do_not_call.c.team == by.team, *which)).rowcount
            if count:
                note(tx, deed, by, code=str(count))
        return count

    @allowed(Action.LOOK)
    def additions(self, teams: Sequence[str] | None = None) -> pd.DataFrame:
        """What was added at once, newest first: columns added, source, count (of the numbers that are still on the list).

        teams: whose lists; None for all.
        """
        names = do_not_call.c["added", "source"]
        query = select(*names, func.count().label("count")).where(any_of(do_not_call.c.team, teams))
        with self._db.read() as tx:
            return frame(tx.execute(query.group_by(*names).order_by(do_not_call.c.added.desc())))

    @allowed(Action.LOOK)
    def among(self, phones: Iterable[str]) -> list[str]:
        """Which of these numbers are on anybody's list, as given."""
        given = list(dict.fromkeys(phones))
        with self._db.read() as tx:
            if not tx.execute(_IS_ANY).scalar_one():
                return []
            keys = phone_keys(self._db.key, given)
            known = on_list(tx, keys)
        return [phone for phone, key in zip(given, keys, strict=True) if key in known]


_SOME = select(_KEY).where(_KEY.in_(bindparam("some", expanding=True, literal_execute=True)))


def on_list(tx: Open, keys: Iterable[int], team: str | None = None) -> set[int]:
    """Which of these keys are on a list.

    tx: of whose moment it is asked; whoever writes by the answer does so in it
    keys: of numbers (`phone_keys`), in any order
    team: whose list; None: anybody's
    """
    if not tx.execute(_IS_ANY).scalar_one():
        return set()
    query = _SOME.where(any_of(do_not_call.c.team, None if team is None else [team]))
    return {key for some in chunks(keys) for key in tx.execute(query, {"some": some}).scalars()}


# --- when a batch is claimed -------------------------------------------------------------------------------

#: Why such a row is held back, in the words of `lib.contact.problems`.
REASON = "do_not_call"

_CLAIMED = (
    select(batch.c.id, contact_row.c.row)
    .join(
        contact_row,
        (contact_row.c.run_id == batch.c.run_id)
        & contact_row.c.row.between(batch.c.first_row, batch.c.last_row)
        & (contact_row.c.batch_seq == batch.c.seq),
    )
    .where(batch.c.id.in_(bindparam("batches", expanding=True)), contact_row.c.delivery == "")
)

#: Rows of batches that are about to be claimed and whose number is on the list. By rows first: the list may be long.
_LISTED = _CLAIMED.where(contact_row.c.phone_key.in_(select(_KEY)))

#: The same for numbers that were to go from the batch as soon as it no longer needed them (`lib.store.erasure`).
_DELETED = _CLAIMED.join(
    erasure, (erasure.c.batch_id == batch.c.id) & (erasure.c.phone_key == contact_row.c.phone_key)
)

_IS_ANY_OF_BOTH = select(select(_KEY).exists(), select(erasure.c.batch_id).exists())


def withhold(tx: Open, batch_ids: list[int]) -> bool:
    """Take rows whose number is on the list, or was deleted on request, out of these planned batches; whether there were any.

    They are held back, as if they had never been planned; a batch that is left without rows is cancelled.
    """
    is_any, is_deleted = tx.execute(_IS_ANY_OF_BOTH).one()
    of_deleted = (
        _taken_out(tx, _DELETED, batch_ids, NUMBER_DELETED, Happening.NUMBER_DELETED) if is_deleted else 0
    )
    of_listed = _taken_out(tx, _LISTED, batch_ids, REASON, Happening.BATCH_WITHHELD) if is_any else 0
    return of_deleted + of_listed > 0


def must_withhold(tx: Open, batch_id: int) -> bool:
    """Whether `withhold` would take a row out of this batch now."""
    is_any, is_deleted = tx.execute(_IS_ANY_OF_BOTH).one()
    asked = [query for query, is_asked in ((_LISTED, is_any), (_DELETED, is_deleted)) if is_asked]
    return any(tx.execute(query, {"batches": [batch_id]}).first() for query in asked)


def _taken_out(tx: Open, rows_of: Select[Any], batch_ids: list[int], reason: str, what: Happening) -> int:
    found: dict[int, set[int]] = {}
    for batch_id, row in tx.execute(rows_of, {"batches": batch_ids}):
        found.setdefault(batch_id, set()).add(row)
    for batch_id, rows in found.items():
        take_out(tx, batch_id, rows, reason, what)
    return len(found)
