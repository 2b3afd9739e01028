"""Runs: frozen in one transaction, read as records and tables."""

import hashlib
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlalchemy import Connection as Open
from sqlalchemy import Select, bindparam, case, func, insert, or_, select, tuple_, update

from lib.contact.masking import mask_seen
from lib.contact.privacy import mask_phones, phone_keys
from lib.errors import Conflict
from lib.run.journal import BY_LOCAL, By
from lib.run.records import (
    LIST_SOURCE_LIMIT,
    BatchState,
    Conservation,
    Disposition,
    Happening,
    RunPlan,
    RunRecord,
    RunState,
    storable,
    unpacked,
)
from lib.store.connections import connection_of, options_json
from lib.store.database import FREEZING, Database, plain_rows
from lib.store.do_not_call import on_list
from lib.store.drafts import new_id
from lib.store.events import record
from lib.store.history import taken
from lib.store.owners import any_of
from lib.store.run_states import bound_by
from lib.store.schema import AnyRow, batch, batch_body, contact_row, draft, run, run_source
from lib.times import utc_now

#: Fastest zlib: a body shrinks to a quarter either way.
_ZLIB_LEVEL = 1

#: Digits from which a search text may be a phone number.
_PHONE_DIGITS = 5

_BATCH_COLUMNS = (
    "run_id", "batch_id", "seq", "rows", "state", "tries", "unique_id", "code", "message", "why", "sent_at", "ended_at",
    "first_row", "last_row", "http_status", "file_name", "connection_name", "kind", "task_id",
)  # fmt: skip

_ROW_COLUMNS = (
    "row",
    "disposition",
    "reason",
    "batch",
    "batch_state",
    "unique_id",
    "message",
    "extra",
    "phone_masked",
)


@dataclass(frozen=True)
class _Frozen:
    """A plan made ready outside the transaction, so that the database is held only for writing."""

    batches: list[dict[str, Any]]
    bodies: list[dict[str, Any]]  # seq, body
    rows: list[dict[str, Any]]
    counts: dict[str, int]


# --- freezing ----------------------------------------------------------------------------------------------


def create_run(db: Database, plan: RunPlan, by: By = BY_LOCAL) -> str:
    """Write the run, or nothing. A second call for the same draft gives the first run's id.

    Raises ValueError where the plan does not add up, Conflict("numbers_taken") with `count` where repeats are not
    allowed and a number was sent, or is about to be, to the same task; Conflict("do_not_call_listed") with `count` where
    numbers to send are on the do-not-call list, whatever is allowed.
    """
    with db.read() as c:
        if existing := _run_of_draft(c, plan.draft_id):
            return existing
    db.check_space()
    run_id = new_id()
    frozen = _freeze(plan, run_id, db.key)
    with db.write(FREEZING) as c:
        if existing := _run_of_draft(c, plan.draft_id):
            return existing
        if listed := on_list(c, _keys_to_send(frozen)):
            raise Conflict("do_not_call_listed", count=len(listed))
        repeats = _repeats(c, plan, frozen)
        if repeats and not plan.repeats_allowed:
            raise Conflict("numbers_taken", count=repeats)
        _write(c, plan, run_id, frozen, by)
        if repeats:
            record(c, run_id, Happening.REPEATS_ALLOWED, who=by.who, code=str(repeats))
    return run_id


_OF_DRAFT = select(run.c.id).where(run.c.draft_id == bindparam("of_draft"))


def _run_of_draft(c: Open, draft_id: str | None) -> str | None:
    return c.execute(_OF_DRAFT, {"of_draft": draft_id}).scalar() if draft_id else None


def _freeze(plan: RunPlan, run_id: str, key: bytes) -> _Frozen:
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
    spans = rows.index[sent].to_series().groupby(rows["batch"][sent].to_numpy()).agg(["size", "min", "max"])
    batches, bodies = _bodies(plan.bodies, spans, run_id)
    return _Frozen(batches, bodies, _rows(rows, run_id, key), counts)


def _bodies(
    bodies: Iterable[tuple[int, int, bytes]], spans: pd.DataFrame, run_id: str
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    frozen: list[dict[str, Any]] = []
    packed: list[dict[str, Any]] = []
    known = spans.to_dict("index")
    for seq, count, body in bodies:
        if seq not in known or known[seq]["size"] != count:
            raise ValueError(f"batch {seq} has another number of rows than its body")
        frozen.append(
            {
                "run_id": run_id,
                "seq": seq,
                "rows": count,
                "first_row": int(known[seq]["min"]),
                "last_row": int(known[seq]["max"]),
                "state": BatchState.PLANNED.value,
                "tries": 0,
                "body_sha256": hashlib.sha256(body).hexdigest(),
                **dict.fromkeys(("unique_id", "code", "message", "why", "sent_at", "ended_at"), ""),
            }
        )
        packed.append({"seq": seq, "body": zlib.compress(body, _ZLIB_LEVEL)})
    if len(frozen) != len(spans):
        raise ValueError("a batch has no body, or two")
    return frozen, packed


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


def _repeats(c: Open, plan: RunPlan, frozen: _Frozen) -> int:
    """How many of its numbers were sent, or are about to be, to the same task."""
    return len({key for key, *_ in taken(c, plan.connection.task, _keys_to_send(frozen))})


def _keys_to_send(frozen: _Frozen) -> list[int]:
    return [row["phone_key"] for row in frozen.rows if row["disposition"] == Disposition.TO_SEND]


def _write(c: Open, plan: RunPlan, run_id: str, frozen: _Frozen, by: By) -> None:
    c.execute(insert(run).values(**_run_facts(plan, run_id, frozen), team=by.team, created_by=by.who))
    if frozen.batches:
        c.execute(insert(batch), frozen.batches)
        found = c.execute(select(batch.c.seq, batch.c.id).where(batch.c.run_id == run_id))
        ids = dict(found.all())
        c.execute(
            insert(batch_body), [{"batch_id": ids[one["seq"]], "body": one["body"]} for one in frozen.bodies]
        )
    if frozen.rows:
        c.execute(insert(contact_row), frozen.rows)
    c.execute(insert(run_source).values(run_id=run_id, data=plan.source))
    c.execute(update(draft).where(draft.c.id == plan.draft_id).values(run_id=run_id))
    record(c, run_id, Happening.RUN_CREATED, who=by.who, to_state=RunState.RUNNING)


def _run_facts(plan: RunPlan, run_id: str, frozen: _Frozen) -> dict[str, Any]:
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


_RUN = select(run).where(run.c.id == bindparam("of_run"))

_COUNTS = (
    select(batch.c.run_id, batch.c.state, func.count(), func.sum(batch.c.rows), func.sum(batch.c.found))
    .where(batch.c.run_id.in_(bindparam("of_runs", expanding=True)))
    .group_by(batch.c.run_id, batch.c.state)
)


# --- reading -----------------------------------------------------------------------------------------------


def runs(db: Database, limit: int | None, teams: Sequence[str] | None = None) -> list[RunRecord]:
    """Runs, newest first, with their counts. teams: whose; None for all."""
    query = select(run).where(any_of(run.c.team, teams)).order_by(run.c.created.desc(), run.c.id).limit(limit)
    with db.read() as c:
        found = c.execute(query).all()
        counts = _counts(c, [row.id for row in found])
    return [_run_record(row, counts.get(row.id, {})) for row in found]


def run_of(db: Database, run_id: str) -> RunRecord:
    """One run. Raises Conflict("run_gone")."""
    with db.read() as c:
        found = c.execute(_RUN, {"of_run": run_id}).one_or_none()
        counts = _counts(c, [run_id])
    if found is None:
        raise Conflict("run_gone")
    return _run_record(found, counts.get(run_id, {}))


def account_of(db: Database, run_id: str) -> str:
    """Fingerprint of the token the run is bound to, "" for none yet. Raises Conflict("run_gone")."""
    with db.read() as c:
        found = c.execute(
            select(case((bound_by(), run.c.account), else_="")).where(run.c.id == run_id)
        ).scalar()
    if found is None:
        raise Conflict("run_gone")
    return str(found)


def _counts(c: Open, run_ids: list[str]) -> dict[str, dict[str, tuple[int, int]]]:
    """Run → state → batches in it, rows in it. Rows found on the platform count as accepted, wherever their batch is."""
    counts: dict[str, dict[str, tuple[int, int]]] = {}
    arrived: Counter[str] = Counter()
    for run_id, state, batches, rows, found in c.execute(_COUNTS, {"of_runs": run_ids}):
        counts.setdefault(run_id, {})[state] = (int(batches), int(rows) - int(found))
        arrived[run_id] += int(found)
    for run_id, rows in arrived.items():
        if rows:
            batches, whole = counts[run_id].get(BatchState.ACCEPTED.value, (0, 0))
            counts[run_id][BatchState.ACCEPTED.value] = (batches, whole + rows)
    return counts


def _run_record(row: AnyRow, counts: dict[str, tuple[int, int]]) -> RunRecord:
    ordered = {state.value: counts[state.value] for state in BatchState if state.value in counts}
    same = (
        "id", "draft_id", "file_name", "file_sha256", "sheet_name", "why", "created", "started", "finished", "rows_total",
        "to_send", "held_back", "repeated", "left_out", "data_deleted", "hold_after", "forgotten", "list_source", "team", "created_by",
    )  # fmt: skip
    return RunRecord(
        **{name: row._mapping[name] for name in same},
        connection=connection_of(row, id_column="connection_id", name_column="connection_name"),
        state=RunState(row.state),
        batches={state: batches for state, (batches, _) in ordered.items() if batches},
        rows_by_state={state: rows for state, (_, rows) in ordered.items() if rows},
    )


def batches(
    db: Database,
    run_id: str | None,
    state: str | None,
    search: str | None,
    limit: int | None,
    offset: int,
    teams: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Batches, newest run first and in order of seq within it. teams: whose runs; None for all."""
    query = (
        select(
            batch.c.run_id,
            batch.c.id,
            batch.c.seq,
            batch.c.rows,
            batch.c.state,
            batch.c.tries,
            batch.c.unique_id,
            batch.c.code,
            batch.c.message,
            batch.c.why,
            batch.c.sent_at,
            batch.c.ended_at,
            batch.c.first_row,
            batch.c.last_row,
            batch.c.http_status,
            run.c.file_name,
            run.c.connection_name,
            run.c.kind,
            run.c.task_id,
        )  # fmt: skip
        .join(run, run.c.id == batch.c.run_id)
        .where(any_of(run.c.team, teams))
        .order_by(run.c.created.desc(), batch.c.run_id, batch.c.seq)
        .limit(limit)
        .offset(offset or None)
    )
    if run_id is not None:
        query = query.where(batch.c.run_id == run_id)
    if state is not None:
        query = query.where(batch.c.state == state)
    if search:
        query = _matching(query, search.strip(), db.key)
    with db.read() as c:
        found = pd.DataFrame(plain_rows(c.execute(query)), columns=list(_BATCH_COLUMNS))
    return found.assign(
        http_status=found["http_status"].astype("Int64")
    )  # of the whole table it took three times as long


def _matching(query: Select[Any], search: str, key: bytes) -> Select[Any]:
    """By a part of the unique_id, of the platform's text or of the file's name, or by a whole phone number in the batch."""
    texts = (batch.c.unique_id, batch.c.message, run.c.file_name)
    found = [column.icontains(search, autoescape=True) for column in texts]
    if sum(character.isdigit() for character in search) >= _PHONE_DIGITS:
        holders = select(contact_row.c.run_id, contact_row.c.batch_seq).where(
            contact_row.c.phone_key == phone_keys(key, [search])[0]
        )
        found.append(tuple_(batch.c.run_id, batch.c.seq).in_(holders))
    return query.where(or_(*found))


def body(db: Database, batch_id: int) -> bytes:
    """The exact bytes of the request. Raises Conflict("data_deleted"), StoreUnavailable where they are not what was frozen."""
    query = select(batch_body.c.body, batch.c.body_sha256).join(batch, batch.c.id == batch_body.c.batch_id)
    with db.read() as c:
        found = c.execute(query.where(batch.c.id == batch_id)).one_or_none()
    if found is None:
        raise Conflict("data_deleted")
    return unpacked(found.body, found.body_sha256)


def rows(db: Database, run_id: str) -> pd.DataFrame:
    """Every row of the sheet and what became of it; batch: seq, -1 for none; batch_state "" for none."""
    joined = contact_row.outerjoin(
        batch, (batch.c.run_id == contact_row.c.run_id) & (batch.c.seq == contact_row.c.batch_seq)
    )
    query = (
        select(
            contact_row.c.row,
            contact_row.c.disposition,
            contact_row.c.reason,
            func.coalesce(contact_row.c.batch_seq, -1),
            case(
                (contact_row.c.delivery != "", contact_row.c.delivery), else_=func.coalesce(batch.c.state, "")
            ),
            func.coalesce(batch.c.unique_id, ""),
            func.coalesce(batch.c.message, ""),
            contact_row.c.extra,
            contact_row.c.phone_masked,
        )  # fmt: skip
        .select_from(joined)
        .where(contact_row.c.run_id == run_id)
        .order_by(contact_row.c.row)
    )
    with db.read() as c:
        return pd.DataFrame(plain_rows(c.execute(query)), columns=list(_ROW_COLUMNS))


def source(db: Database, run_id: str) -> bytes:
    """The person's sheet as it was frozen. Raises Conflict("data_deleted")."""
    with db.read() as c:
        found: bytes | None = c.execute(
            select(run_source.c.data).where(run_source.c.run_id == run_id)
        ).scalar()
    if found is None:
        raise Conflict("data_deleted")
    return found


def conservation(db: Database, run_id: str) -> Conservation:
    """The rows of a run, counted from three sides in one moment."""
    with db.read() as c:
        found = c.execute(_RUN, {"of_run": run_id}).one()
        rows_by = c.execute(
            select(contact_row.c.disposition, func.count())
            .where(contact_row.c.run_id == run_id)
            .group_by(contact_row.c.disposition)
        )
        counted: dict[str, int] = dict(rows_by.all())
        by_state = {state: rows for state, (_, rows) in _counts(c, [run_id]).get(run_id, {}).items()}
    by_disposition = {one.value: found._mapping[one.value] for one in Disposition}
    return Conservation(found.rows_total, by_disposition, counted, by_state)
