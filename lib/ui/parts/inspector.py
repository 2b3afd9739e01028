"""What went to and fro about a batch: the request, each attempt, the answer as it came, and the request to be copied.

Numbers are masked until whoever may see them asks for them; the token never stands in it.
"""

from datetime import datetime
from functools import partial

import pandas as pd
import streamlit as st

from lib import payload
from lib.draft import Draft
from lib.errors import AppError
from lib.platform.batch_request import FORMS, TOKEN_SHOWN, as_head, batch_request
from lib.platform.connection import Connection
from lib.run.records import AttemptRecord, RunRecord
from lib.run.states import BatchState, called
from lib.store.permission import Action
from lib.ui import keys, messages, state
from lib.ui.parts import folds, numbers
from lib.ui.parts.tables import SHOWN, height
from lib.ui.services import Services
from lib.ui.words import moments, t

#: Pixels of what is copied: it scrolls within.
_TALL = 360


def of_run(desk: Services, run: RunRecord) -> None:
    """Any batch of a run; read only once it is opened."""
    st.fragment(partial(_of_run, desk, run))()


def _of_run(desk: Services, run: RunRecord) -> None:
    messages.whole_page_to_tell()
    key = keys.of("inspector", run.id)
    if not (panel := folds.fold(t("inspector.title"), key, ":material/search_insights:")):
        return
    with panel:
        chosen = _batch(desk, run)
        if desk.may(Action.REVEAL) and not run.data_deleted:
            numbers.switch_of_run(desk.store, run)
        exchange = desk.store.batches.exchange(chosen)
        _attempts(exchange.attempts, chosen)
        st.markdown(t("inspector.answer"))
        if exchange.answer:
            st.code(exchange.answer, language=None, wrap_lines=True)
        else:
            st.caption(t("inspector.no_answer"))
        try:
            full = numbers.are_full_of_run(run) and desk.may(Action.REVEAL)
            body = (desk.store.batches.body if full else desk.store.batches.masked_body)(chosen)
        except AppError as error:
            messages.show(error)
            return
        _request(desk, run.connection, body, full=full, of=run.id)


def _batch(desk: Services, run: RunRecord) -> int:
    """The one chosen; to begin with the first that was not accepted, if there is any."""
    found = desk.store.batches.table(run_id=run.id, limit=SHOWN)
    facts = zip(
        *(found[name].tolist() for name in ("batch_id", "seq", "rows", "state", "held_as")), strict=True
    )
    labels = {
        batch_id: t("inspector.batch", seq=seq, state=t(f"batch.state.{called(state_, held_as)}"), count=rows)
        for batch_id, seq, rows, state_, held_as in facts
    }
    key = keys.of("inspector.batch", run.id)
    odd = found.loc[found["state"].ne(BatchState.ACCEPTED.value), "batch_id"].tolist()
    state.widget_among(key, tuple(labels), next(iter([*odd, *labels])))
    return int(st.selectbox(t("inspector.which"), list(labels), format_func=labels.__getitem__, key=key))


def _attempts(attempts: tuple[AttemptRecord, ...], batch_id: int) -> None:
    if not attempts:
        st.caption(t("inspector.not_tried"))
        return
    table = pd.DataFrame(
        {
            t("inspector.attempt"): range(1, len(attempts) + 1),
            t("inspector.began"): moments(one.wired or one.started for one in attempts),
            t("inspector.took"): [_seconds(one) for one in attempts],
            t("inspector.status"): [
                "" if one.http_status is None else str(one.http_status) for one in attempts
            ],
            t("inspector.outcome"): [t(f"inspector.outcome.{one.outcome or 'going'}") for one in attempts],
        }
    )
    st.dataframe(table, hide_index=True, key=keys.of("attempts", batch_id), height=height(len(table), 220))


def _seconds(one: AttemptRecord) -> str:
    if not one.ended:
        return ""
    spent = datetime.fromisoformat(one.ended) - datetime.fromisoformat(one.wired or one.started)
    return t("inspector.seconds", seconds=f"{spent.total_seconds():.2f}")


def first_batch(desk: Services, draft: Draft, connection: Connection) -> None:
    """The exact request of the first batch before it is sent, made only once it is opened.

    desk: knows the address the practice platform has now; the platform is not asked
    draft: whose rows are cut into batches as the run would be; its switch says whether numbers stand in full
    connection: where the request would go, with the options it is made by; its token is not looked up
    """
    if not (panel := folds.fold(t("plan.first_body"), keys.of("first_body", draft.id))):
        return
    with panel:
        first = payload.first_batch(
            draft.review(connection), connection.options, draft.start, draft.batch_size
        )
        if first is None:
            st.caption(t("review.none_good"))
            return
        document = payload.body(first)
        st.caption(t("plan.first_body_means", count=len(document["data"])))
        full = numbers.are_full(draft)
        body = payload.encoded(document if full else payload.masked(document))
        _request(desk, connection, body, full=full, of=draft.id)


def _request(desk: Services, connection: Connection, body: bytes, *, full: bool, of: str | None) -> None:
    """Method, address and headers, and a form to copy it in. of: what the choice of the form belongs to."""
    try:
        request = batch_request(desk.reachable(connection), TOKEN_SHOWN, body)
    except AppError as error:
        messages.show(error)
        return
    st.markdown(t("inspector.request"))
    st.code(as_head(request), language=None, wrap_lines=True)
    st.caption(t("inspector.full" if full else "inspector.masked", token=TOKEN_SHOWN))
    chosen = st.radio(t("inspector.form"), list(FORMS), key=keys.of("inspector.form", of), horizontal=True)
    with st.container(height=_TALL, border=False):  # holds the button, so that the keyboard can scroll it
        st.code(FORMS[str(chosen)](request), language=None, wrap_lines=True)
