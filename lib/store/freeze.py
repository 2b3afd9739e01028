"""A run is frozen in one transaction: its plan is made ready outside of it, checked and written inside."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlalchemy import Connection as Open
from sqlalchemy import bindparam, insert, select, update

from lib.contact.keys import phone_keys
from lib.contact.masking import mask_seen
from lib.contact.privacy import mask_phones
from lib.errors import Conflict
from lib.run.journal import By
from lib.run.records import RunPlan, packed_body, storable
from lib.run.settings import LIST_SOURCE_LIMIT
from lib.run.states import Disposition, Happening, RunState
from lib.store.connections import options_json
from lib.store.do_not_call import on_list
from lib.store.events import record
from lib.store.evidence import planned_batch
from lib.store.history import since_of, taken_here_or_elsewhere
from lib.store.schema import batch, batch_body, contact_row, draft, run, run_source
from lib.store.settings import saved
from lib.times import utc_now

#: The number of each row as it stands in a request. Inside another text its quotes would be escaped.
_PHONE = re.compile(rb'"phone": ?"([^"\\]*)"')


@dataclass(frozen=True)
class Frozen:
    """A plan made ready outside the transaction, so that the database is held only for writing."""

    batches: list[dict[str, Any]]
    bodies: list[dict[str, Any]]  # seq, body
    rows: list[dict[str, Any]]
    counts: dict[str, int]


_OF_DRAFT = select(run.c.id).where(run.c.draft_id == bindparam("of_draft"))


def run_of_draft(tx: Open, draft_id: str | None) -> str | None:
    return tx.execute(_OF_DRAFT, {"of_draft": draft_id}).scalar() if draft_id else None


def frozen(plan: RunPlan, run_id: str, key: bytes) -> Frozen:
    """A plan made ready, checked against itself. Raises ValueError where it does not add up.

    plan: its `bodies` are consumed
    run_id: the one the run will have
    key: the install key, by which its numbers become keys
    """
    rows = plan.rows
    given = Counter(rows["disposition"].tolist())
    counts = {one.value: given[one.value] for one in Disposition}
    if sum(counts.values()) != len(rows) or not rows.index.is_unique:
        raise ValueError("every row needs one disposition and its own row number")
    if not rows.index.is_monotonic_increasing:
        raise ValueError("rows must be in the order of their numbers, which is that of the bodies")
    sent = rows["disposition"].eq(Disposition.TO_SEND.value)
    if not sent.eq(rows["batch"].ge(0)).all():
        raise ValueError("exactly the rows to send belong to a batch")
    made = _rows(rows, run_id, key)
    keys = [row["phone_key"] for row in made if row["disposition"] == Disposition.TO_SEND]
    if len(keys) != len(set(keys)):
        raise ValueError("a number is to be sent twice")
    seqs = rows["batch"][sent].to_numpy()
    spans = rows.index[sent].to_series().groupby(seqs).agg(["min", "max"])
    spans["phones"] = rows["phone"][sent].groupby(seqs).agg(list)
    batches, bodies = _bodies(plan.bodies, spans, run_id)
    return Frozen(batches, bodies, made, counts)


def _bodies(
    bodies: Iterable[tuple[int, int, bytes]], spans: pd.DataFrame, run_id: str
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    frozen: list[dict[str, Any]] = []
    stored: list[dict[str, Any]] = []
    known = spans.to_dict("index")
    for seq, count, body in bodies:
        if seq not in known or len(known[seq]["phones"]) != count:
            raise ValueError(f"batch {seq} has another number of rows than its body")
        if [found.decode() for found in _PHONE.findall(body)] != known[seq]["phones"]:
            raise ValueError(f"the body of batch {seq} holds other numbers than its rows")
        packed, sha256 = packed_body(body)
        first, last = int(known[seq]["min"]), int(known[seq]["max"])
        frozen.append(planned_batch(run_id, seq, count, first, last, sha256))
        stored.append({"seq": seq, "body": packed})
    if len(frozen) != len(spans):
        raise ValueError("a batch has no body, or two")
    return frozen, stored


def _rows(rows: pd.DataFrame, run_id: str, key: bytes) -> list[dict[str, Any]]:
    phones = rows["phone"].tolist()
    return [
        {
            "run_id": run_id,
            "row": row,
            "disposition": disposition,
            "reason": reason,
            "batch_seq": seq if seq >= 0 else None,
            "extra": extra,
            "phone_masked": masked,
            "phone_key": phone_key,
        }
        for row, disposition, reason, seq, extra, masked, phone_key in zip(
            rows.index.tolist(),
            rows["disposition"].tolist(),
            map(storable, rows["reason"].tolist()),
            rows["batch"].tolist(),
            map(storable, rows["extra"].tolist()),
            map(storable, mask_phones(phones)),
            phone_keys(key, phones),
            strict=True,
        )
    ]


def write(tx: Open, plan: RunPlan, run_id: str, frozen: Frozen, by: By, now: float) -> None:
    """Write a run with all that is its own, and tie it to its draft.

    Raises Conflict: "do_not_call_listed", "numbers_taken", "numbers_taken_elsewhere", each with `count`.

    tx: with its turn in FREEZING: no other run takes the same numbers meanwhile
    plan: what `frozen` was made from; its facts, its sheet and whether repeats are allowed are taken from it
    run_id: the same as when it was made ready
    frozen: its batches, requests and rows
    by: whose team's run it becomes, and who made it
    now: seconds since 1970 by the store's clock
    """
    if listed := on_list(tx, _keys_to_send(frozen)):
        raise Conflict("do_not_call_listed", count=len(listed))
    since = since_of(now, saved(tx).recent_days)
    here, elsewhere = taken_here_or_elsewhere(tx, plan.connection, _keys_to_send(frozen), since)
    if here and not plan.repeats_allowed:
        raise Conflict("numbers_taken", count=len(here))
    if elsewhere and not plan.elsewhere_allowed:
        raise Conflict("numbers_taken_elsewhere", count=len(elsewhere))
    tx.execute(insert(run), _run_facts(plan, run_id, frozen) | {"team": by.team, "created_by": by.who})
    if frozen.batches:
        tx.execute(insert(batch), frozen.batches)
        found = tx.execute(select(batch.c.seq, batch.c.id).where(batch.c.run_id == run_id))
        ids = dict(found.all())
        bodies = [{"batch_id": ids[one["seq"]], "body": one["body"]} for one in frozen.bodies]
        tx.execute(insert(batch_body), bodies)
    if frozen.rows:
        tx.execute(insert(contact_row), frozen.rows)
    tx.execute(insert(run_source), {"run_id": run_id, "data": plan.source})
    tx.execute(update(draft).where(draft.c.id == plan.draft_id).values(run_id=run_id))
    record(tx, run_id, Happening.RUN_CREATED, who=by.who, moved=("", RunState.RUNNING))
    if here:
        record(tx, run_id, Happening.REPEATS_ALLOWED, who=by.who, code=str(len(here)))


def _keys_to_send(frozen: Frozen) -> list[int]:
    return [row["phone_key"] for row in frozen.rows if row["disposition"] == Disposition.TO_SEND]


def _run_facts(plan: RunPlan, run_id: str, frozen: Frozen) -> dict[str, Any]:
    to = plan.connection
    return {
        "id": run_id,
        "draft_id": plan.draft_id,
        "connection_id": to.id,
        "connection_name": storable(to.name),
        "kind": to.kind.value,
        "base_url": to.base_url,
        "user_id": to.user_id,
        "task_id": to.task_id,
        "options": options_json(to.options),
        "destination": to.task,
        "file_name": storable(plan.file_name),
        "file_sha256": plan.file_sha256,
        "sheet_name": storable(plan.sheet_name),
        "rows_total": len(plan.rows),
        **frozen.counts,
        "state": RunState.RUNNING.value,
        "list_source": storable(mask_seen(plan.list_source))[:LIST_SOURCE_LIMIT],
        "hold_after": plan.hold_after if plan.hold_after < len(frozen.batches) else 0,
        "created": utc_now(),
        **dict.fromkeys(("why", "started", "finished", "data_deleted"), ""),
    }
