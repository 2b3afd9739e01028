"""Runs and their batches: begun, stopped and read as records and tables."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pandas as pd
from sqlalchemy import Connection as Open
from sqlalchemy import Select, bindparam, case, func, or_, select, tuple_

from lib import payload
from lib.contact.keys import phone_keys
from lib.contact.privacy import STARS
from lib.errors import Conflict
from lib.run.arrivals import RowArrival
from lib.run.journal import BY_LOCAL, LOCAL, By
from lib.run.records import AttemptRecord, BatchExchange, Conservation, Gone, RunPlan, RunRecord, unpacked
from lib.run.states import BatchState, Disposition, RunState, Why
from lib.store import freeze
from lib.store.connections import connection_of
from lib.store.database import FREEZING, frame
from lib.store.drafts import new_id
from lib.store.owners import NO_TOUR, TOUR_SECONDS, any_of
from lib.store.permission import Action, Of, SubStore, allowed
from lib.store.run_states import bound_by, cancel_run, pause_run, resume_run, settle
from lib.store.schema import AnyRow, attempt, batch, batch_body, contact_row, run, run_source
from lib.times import as_text


class Runs(SubStore):
    """`store.runs`."""

    @allowed(Action.SEND, Of.PLAN)
    def create(self, plan: RunPlan, by: By = BY_LOCAL) -> str:
        """Freeze a run, or write nothing; its id. A second call for the same draft gives the first run's id.

        Raises ValueError where the plan does not add up, Conflict("numbers_taken") with `count` where repeats are not
        allowed and a number was sent, or is about to be, to the same task, "numbers_taken_elsewhere" where it was of late to
        another one and that is not allowed; Conflict("do_not_call_listed") with `count` where numbers to send are on the do-not-call list, whatever is allowed.
        """
        with self._db.read() as tx:
            if existing := freeze.run_of_draft(tx, plan.draft_id):
                return existing
        self._db.check_space()
        run_id = new_id()
        frozen = freeze.frozen(plan, run_id, self._db.key)
        with self._db.write(FREEZING) as tx:
            if existing := freeze.run_of_draft(tx, plan.draft_id):
                return existing
            freeze.write(tx, plan, run_id, frozen, by, self._db.clock())
        return run_id

    @allowed(Action.LOOK)
    def latest(self, limit: int | None = 200, teams: Sequence[str] | None = None) -> list[RunRecord]:
        """Runs, newest first, with their counts, without those of a guided tour. teams: whose; None for all."""
        which = (any_of(run.c.team, teams), NO_TOUR)
        return self._records(select(run).where(*which).order_by(run.c.created.desc(), run.c.id).limit(limit))

    @allowed(Action.SEND)
    def of_tour(self, who: str = LOCAL) -> list[RunRecord]:
        """The runs of this person's guided tour, in the order they were made."""
        return self._records(select(run).where(~NO_TOUR, run.c.created_by == who).order_by(run.c.created))

    @allowed(Action.SEND)
    def has_other_tour(self, who: str = LOCAL) -> bool:
        """Whether somebody else is giving a guided tour, and has not forgotten it."""
        since = as_text(self._db.clock() - TOUR_SECONDS)
        others = select(run.c.id).where(~NO_TOUR, run.c.created_by != who, run.c.created >= since)
        with self._db.read() as tx:
            return tx.execute(others.limit(1)).first() is not None

    def _records(self, query: Select[Any]) -> list[RunRecord]:
        with self._db.read() as tx:
            found = tx.execute(query).all()
            counts = _counts(tx, [row.id for row in found])
        return [_run_record(row, counts.get(row.id, {})) for row in found]

    _ONE = select(run).where(run.c.id == bindparam("of_run"))

    @allowed(Action.LOOK, Of.RUN)
    def get(self, run_id: str) -> RunRecord:
        """One run. Raises Gone("run_gone")."""
        with self._db.read() as tx:
            found = tx.execute(self._ONE, {"of_run": run_id}).one_or_none()
            counts = _counts(tx, [run_id])
        if found is None:
            raise Gone("run_gone")
        return _run_record(found, counts.get(run_id, {}))

    @allowed(Action.LOOK, Of.RUN)
    def rows(self, run_id: str) -> pd.DataFrame:
        """Every row of the sheet and what became of it.

        Columns row, disposition, reason, batch (seq, -1 for none), batch_state ("" for none), held_as (HeldAs of a batch that
        waits for a person, or did until its rows were left out), unique_id, message, extra, phone_masked, sent_at (UTC as ISO
        text), arrival (RowArrival), withdrawal (Withdrawal), the last three "" where there is nothing to tell.
        """
        of_batch = {
            name: func.coalesce(batch.c[name], "")
            for name in ("state", "held_as", "unique_id", "message", "sent_at")
        }
        delivery, is_found = contact_row.c.delivery, contact_row.c.delivery != ""
        is_in = delivery == BatchState.ACCEPTED.value
        query = (
            select(
                *contact_row.c["row", "disposition", "reason"],
                func.coalesce(contact_row.c.batch_seq, -1).label("batch"),
                case((is_found, delivery), else_=of_batch["state"]).label("batch_state"),
                case((is_found, ""), else_=of_batch["held_as"]).label("held_as"),
                *(of_batch[name].label(name) for name in ("unique_id", "message")),
                *contact_row.c["extra", "phone_masked"],
                of_batch["sent_at"].label("sent_at"),
                case((is_in, RowArrival.IMPORTED.value), else_=contact_row.c.arrival).label("arrival"),
                contact_row.c.withdrawal,
            )
            .select_from(contact_row.outerjoin(batch))
            .where(contact_row.c.run_id == run_id)
            .order_by(contact_row.c.row)
        )
        with self._db.read() as tx:
            return frame(tx.execute(query))

    @allowed(Action.REVEAL, Of.RUN)
    def sent_numbers(self, run_id: str) -> dict[int, str]:
        """Row → number as it stood in the request that left with it; without those whose request is no longer kept.

        By its key: a run sends no number twice, and a batch that was split left with rows that are another's now.
        """
        bodies = (
            select(batch_body.c.body, batch.c.body_sha256)
            .join(batch)
            .where(batch.c.run_id == run_id, batch.c.sent_at != "")
        )
        rows = select(contact_row.c.row, contact_row.c.phone_key).where(
            contact_row.c.run_id == run_id, contact_row.c.batch_seq.is_not(None)
        )
        with self._db.read() as tx:
            found = [unpacked(one.body, one.body_sha256) for one in tx.execute(bodies)]
            keys = tx.execute(rows).all()
        phones = [
            str(sent["phone"]) for body in found for sent in json.loads(body)["data"] if "phone" in sent
        ]
        by_key = dict(zip(phone_keys(self._db.key, phones), phones, strict=True))
        return {one.row: by_key[one.phone_key] for one in keys if one.phone_key in by_key}

    @allowed(Action.LOOK, Of.RUN)
    def refused(self, run_id: str) -> pd.DataFrame:
        """Rows of refused batches that hold one row, or whose answer holds a masked number.

        Columns row, phone_masked, rows (of the batch), code, message.
        """
        query = (
            select(*contact_row.c["row", "phone_masked"], *batch.c["rows", "code", "message"])
            .select_from(contact_row.join(batch))
            .where(contact_row.c.run_id == run_id, batch.c.state == BatchState.REJECTED.value)
            .where(or_(batch.c.rows == 1, batch.c.message.contains(STARS)))
            .order_by(contact_row.c.row)
        )
        with self._db.read() as tx:
            return frame(tx.execute(query))

    @allowed(Action.LOOK, Of.RUN)
    def source(self, run_id: str) -> bytes:
        """The person's sheet as it was frozen. Raises Conflict("data_deleted")."""
        with self._db.read() as tx:
            query = select(run_source.c.data).where(run_source.c.run_id == run_id)
            found: bytes | None = tx.execute(query).scalar()
        if found is None:
            raise Conflict("data_deleted")
        return found

    @allowed(Action.LOOK, Of.RUN)
    def conservation(self, run_id: str) -> Conservation:
        """The rows of a run, counted from three sides in one moment."""
        with self._db.read() as tx:
            found = tx.execute(self._ONE, {"of_run": run_id}).one()
            rows_by = tx.execute(
                select(contact_row.c.disposition, func.count())
                .where(contact_row.c.run_id == run_id)
                .group_by(contact_row.c.disposition)
            )
            counted: dict[str, int] = dict(rows_by.all())
            by_state = {state: rows for state, (_, rows) in _counts(tx, [run_id]).get(run_id, {}).items()}
        by_disposition = {one.value: found._mapping[one.value] for one in Disposition}
        return Conservation(found.rows_total, by_disposition, counted, by_state)

    @allowed(Action.LOOK, Of.RUN)
    def is_other_token(self, run_id: str, token: str) -> bool:
        """Whether this run has sent something with another token. Raises Conflict("run_gone")."""
        query = select(case((bound_by(), run.c.account), else_="")).where(run.c.id == run_id)
        with self._db.read() as tx:
            found = tx.execute(query).scalar()
        if found is None:
            raise Conflict("run_gone")
        return found not in ("", self._db.account(token))

    @allowed(Action.SEND, Of.RUN)
    def pause(self, run_id: str, who: str = LOCAL) -> None:
        """Start nothing new; what is in flight is finished. Does nothing to a run that does not run."""
        with self._db.write() as tx:
            pause_run(tx, run_id, Why.OPERATOR, who=who)
            settle(tx, run_id)

    @allowed(Action.SEND, Of.RUN)
    def resume(self, run_id: str, confirmed_token: str = "", who: str = LOCAL) -> None:
        """Go on with what is planned.

        run_id: one that is neither paused nor pausing is left as it is
        confirmed_token: another than before, and the person says that it is of the same account; of it a fingerprint is
            kept. "" where the run keeps that of its own
        who: id of the person, for the run's log
        """
        account = self._db.account(confirmed_token)
        with self._db.write() as tx:
            resume_run(tx, run_id, account, who)
            settle(tx, run_id)

    @allowed(Action.SEND, Of.RUN)
    def cancel(self, run_id: str, who: str = LOCAL) -> None:
        """Never send what is planned. What is in flight is finished, and what was sent stays sent. Idempotent."""
        with self._db.write() as tx:
            cancel_run(tx, run_id, who)
            settle(tx, run_id)


_COUNTS = (
    select(batch.c.run_id, batch.c.state, func.count(), func.sum(batch.c.rows), func.sum(batch.c.found))
    .where(batch.c.run_id.in_(bindparam("of_runs", expanding=True)))
    .group_by(batch.c.run_id, batch.c.state)
)


def _counts(tx: Open, run_ids: list[str]) -> dict[str, dict[str, tuple[int, int]]]:
    """Run → state → batches in it, rows in it. Rows found on the platform count as accepted, wherever their batch is."""
    counts: dict[str, dict[str, tuple[int, int]]] = {}
    arrived: Counter[str] = Counter()
    for run_id, state, batches, rows, found in tx.execute(_COUNTS, {"of_runs": run_ids}):
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


# --- batches -----------------------------------------------------------------------------------------------


class Batches(SubStore):
    """`store.batches`."""

    @allowed(Action.LOOK, Of.RUN)
    def refusals(self, run_id: str, limit: int) -> list[tuple[int, str]]:
        """What the platform answered where it refused: (seq of the first batch, answer as it came, masked), each answer once."""
        first = func.min(batch.c.seq)
        query = select(first, batch.c.raw).where(
            batch.c.run_id == run_id, batch.c.state == BatchState.REJECTED.value, batch.c.raw != ""
        )
        with self._db.read() as tx:
            return [
                (int(seq), str(raw))
                for seq, raw in tx.execute(query.group_by(batch.c.raw).order_by(first).limit(limit))
            ]

    @allowed(Action.LOOK)
    def table(
        self,
        run_id: str | None = None,
        state: str | None = None,
        search: str | None = None,
        limit: int | None = 500,
        teams: Sequence[str] | None = None,
    ) -> pd.DataFrame:
        """Batches, newest run first and in order of seq within it; texts "" for none.

        Columns run_id, batch_id, seq, rows, state, tries, unique_id, code, message, why, sent_at, ended_at, first_row,
        last_row, http_status, held_as, file_name, connection_name, kind, task_id.

        run_id: None for all runs but those of a guided tour
        state: BatchState of those that are wanted; None for all
        search: a part of the unique_id, of the platform's text or of the file's name, or a whole phone number; ""
            or None for all
        limit: batches given at most; None for all
        teams: whose runs; None for all
        """
        query = (
            select(
                batch.c.run_id,
                batch.c.id.label("batch_id"),
                *batch.c["seq", "rows", "state", "tries", "unique_id", "code", "message", "why", "sent_at"],
                *batch.c["ended_at", "first_row", "last_row", "http_status", "held_as"],
                *run.c["file_name", "connection_name", "kind", "task_id"],
            )
            .join(run)
            .where(any_of(run.c.team, teams))
            .order_by(run.c.created.desc(), batch.c.run_id, batch.c.seq)
            .limit(limit)
        )
        query = query.where(NO_TOUR if run_id is None else batch.c.run_id == run_id)
        if state is not None:
            query = query.where(batch.c.state == state)
        if search:
            query = _matching(query, search.strip(), self._db.key)
        with self._db.read() as tx:
            found = frame(tx.execute(query))
        # astype of the whole table took three times as long
        return found.assign(http_status=found["http_status"].astype("Int64"))

    @allowed(Action.REVEAL, Of.BATCH)
    def body(self, batch_id: int) -> bytes:
        """The exact bytes of the request. Raises Conflict("data_deleted"), StoreUnavailable where they are not what was frozen."""
        return self._body(batch_id)

    def _body(self, batch_id: int) -> bytes:
        query = select(batch_body.c.body, batch.c.body_sha256).join(batch)
        with self._db.read() as tx:
            found = tx.execute(query.where(batch.c.id == batch_id)).one_or_none()
        if found is None:
            raise Conflict("data_deleted")
        return unpacked(found.body, found.body_sha256)

    @allowed(Action.LOOK, Of.BATCH)
    def masked_body(self, batch_id: int) -> bytes:
        """The request as it may be seen by whoever may not see whole numbers. Raises as `body`."""
        return payload.encoded(payload.masked(json.loads(self._body(batch_id))))

    @allowed(Action.LOOK, Of.BATCH)
    def exchange(self, batch_id: int) -> BatchExchange:
        """Each attempt in its order, and the latest answer. Raises Conflict("run_gone")."""
        columns = attempt.c["started", "wired", "ended", "outcome", "http_status", "code"]
        attempts = select(*columns).where(attempt.c.batch_id == batch_id).order_by(attempt.c.id)
        with self._db.read() as tx:
            answer = tx.execute(select(batch.c.raw).where(batch.c.id == batch_id)).scalar()
            tried = tx.execute(attempts).all()
        if answer is None:
            raise Conflict("run_gone")
        return BatchExchange(
            answer, tuple(AttemptRecord(**{**one._mapping, "outcome": one.outcome or ""}) for one in tried)
        )

    _STATES = select(batch.c.state).where(batch.c.run_id == bindparam("of_run")).order_by(batch.c.seq)

    @allowed(Action.LOOK, Of.RUN)
    def states(self, run_id: str) -> list[str]:
        """State of every batch of a run by its place; of nothing but the index."""
        with self._db.read() as tx:
            return list(tx.execute(self._STATES, {"of_run": run_id}).scalars())


#: Digits from which a search text may be a phone number.
_PHONE_DIGITS = 5


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
