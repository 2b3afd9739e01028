"""The do-not-call list: keys of numbers nobody may be called on from here, whatever a draft or a run wants.

The list holds keys, not numbers (`lib.privacy.phone_keys`): it can say whether a number is on it and nothing else. It
is asked three times: for a draft, in the transaction that freezes a run, and in the one that claims a batch. So a
number added while a run waits does not leave with a later batch; only what is being sent at that moment does.
"""

import hashlib
import zlib
from collections.abc import Iterable
from typing import Any

import pandas as pd
from sqlalchemy import Connection as Open
from sqlalchemy import bindparam, delete, func, insert, select, update

from lib.privacy import mask_text, phone_keys
from lib.store_database import Database, chunks, plain_rows
from lib.store_decisions import body_with
from lib.store_drafts import storable
from lib.store_events import record
from lib.store_evidence import ROW_OF_BATCH, batch_of, place_of
from lib.store_records import BatchState, Disposition, Happening, utc_now
from lib.store_schema import batch, batch_body, contact_row, do_not_call, run

#: Why such a row is held back, in the words of `lib.problems`.
REASON = "do_not_call"

#: Characters kept of where numbers came from.
SOURCE_LIMIT = 120

_CHUNK = 1_000

_KEY = do_not_call.c.phone_key

_IS_ANY = select(select(_KEY).exists())

_SOME = select(_KEY).where(_KEY.in_(bindparam("some", expanding=True, literal_execute=True)))

#: Rows of batches that are about to be claimed and whose number is on the list. By rows first: the list may be long.
_LISTED = (
    select(batch.c.id, contact_row.c.row)
    .join(
        contact_row,
        (contact_row.c.run_id == batch.c.run_id)
        & contact_row.c.row.between(batch.c.first_row, batch.c.last_row)
        & (contact_row.c.batch_seq == batch.c.seq),
    )
    .where(
        batch.c.id.in_(bindparam("batches", expanding=True)),
        contact_row.c.delivery == "",
        contact_row.c.phone_key.in_(select(_KEY)),
    )
)


def add(db: Database, phones: Iterable[str], source: str) -> int:
    """Put numbers on the list; how many were not on it. source: the file they came from, "" where a person typed them."""
    keys = sorted(set(phone_keys(db.key, phones)))
    facts = {"added": utc_now(), "source": storable(mask_text(source))[:SOURCE_LIMIT]}
    with db.write() as c:
        known = on_list(c, keys)
        fresh = [{"phone_key": key, **facts} for key in keys if key not in known]
        if fresh:
            c.execute(insert(do_not_call), fresh)
    return len(fresh)


def remove(db: Database, phone: str) -> bool:
    """Take one number off the list, in whatever spelling; whether it was on it."""
    [key] = phone_keys(db.key, [phone])
    with db.write() as c:
        return c.execute(delete(do_not_call).where(do_not_call.c.phone_key == key)).rowcount > 0


def clear(db: Database) -> int:
    """Empty the list; how many numbers were on it."""
    with db.write() as c:
        return c.execute(delete(do_not_call)).rowcount


def additions(db: Database) -> pd.DataFrame:
    """What was added at once, newest first: columns added, source, count (of the numbers that are still on the list)."""
    names = do_not_call.c
    query = select(names.added, names.source, func.count()).group_by(names.added, names.source)
    with db.read() as c:
        rows = plain_rows(c.execute(query.order_by(names.added.desc())))
    return pd.DataFrame(rows, columns=["added", "source", "count"])


def among(db: Database, phones: Iterable[str]) -> list[str]:
    """Which of these numbers are on the list, as given."""
    given = list(dict.fromkeys(phones))
    with db.read() as c:
        if not c.execute(_IS_ANY).scalar_one():
            return []
        keys = phone_keys(db.key, given)
        known = on_list(c, keys)
    return [phone for phone, key in zip(given, keys, strict=True) if key in known]


def on_list(c: Open, keys: Iterable[int]) -> set[int]:
    """Which of these keys are on the list."""
    if not c.execute(_IS_ANY).scalar_one():
        return set()
    return {key for some in chunks(keys, _CHUNK) for key in c.execute(_SOME, {"some": some}).scalars()}


def withhold(c: Open, batch_ids: list[int]) -> bool:
    """Take rows whose number is on the list out of these planned batches; whether there were any.

    They are held back, as if they had never been planned; a batch that is left without rows is cancelled.
    """
    if not c.execute(_IS_ANY).scalar_one():
        return False
    listed: dict[int, set[int]] = {}
    for batch_id, row in c.execute(_LISTED, {"batches": batch_ids}):
        listed.setdefault(batch_id, set()).add(row)
    for batch_id, rows in listed.items():
        _take_out(c, batch_id, rows)
    return bool(listed)


def _take_out(c: Open, batch_id: int, rows: set[int]) -> None:
    one = batch_of(c, batch_id)
    every = set(c.execute(select(contact_row.c.row).where(ROW_OF_BATCH), place_of(one)).scalars())
    kept = every - rows
    facts: dict[str, Any] = {"rows": len(kept), "state": BatchState.CANCELLED.value, "why": REASON}
    if kept:
        body = body_with(c, one, kept)
        facts = {
            "rows": len(kept),
            "first_row": min(kept),
            "last_row": max(kept),
            "body_sha256": hashlib.sha256(body).hexdigest(),
        }
        c.execute(update(batch_body).where(batch_body.c.batch_id == batch_id).values(body=zlib.compress(body, 1)))
    c.execute(update(batch).where(batch.c.id == batch_id, batch.c.state == BatchState.PLANNED.value).values(**facts))
    held_back = {"disposition": Disposition.HELD_BACK.value, "reason": REASON, "batch_seq": None}
    c.execute(update(contact_row).where(ROW_OF_BATCH, contact_row.c.row.in_(rows)).values(**held_back), place_of(one))
    moved = {"to_send": run.c.to_send - len(rows), "held_back": run.c.held_back + len(rows)}
    c.execute(update(run).where(run.c.id == one.run_id).values(**moved))
    record(c, one.run_id, Happening.BATCH_WITHHELD, batch_id=batch_id, code=str(len(rows)))
