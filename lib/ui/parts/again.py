"""Some rows of a run as a new upload, on a second press; nothing is sent by it."""

from collections.abc import Callable, Iterable

import streamlit as st

from lib.access.person_store import PersonStore
from lib.draft import Draft
from lib.errors import AppError
from lib.run.records import RunRecord
from lib.run.states import BatchState
from lib.ui import keys, messages, navigation, state
from lib.ui.parts import run_state
from lib.ui.words import t


def refused(store: PersonStore, run: RunRecord) -> None:
    """The numbers the platform refused, where there are any and their sheet is kept."""
    if count := run_state.rows(run, BatchState.REJECTED):
        offer(store, run, "refused", count, lambda: _refused_rows(store, run))


def offer(
    store: PersonStore, run: RunRecord, kind: str, count: int, rows: Callable[[], Iterable[int]]
) -> None:
    """kind: the sentences are `again.<kind>…`. count, rows: of the run, as many as there are; rows are asked for on the press."""
    if run.data_deleted or not count:
        return
    with st.popover(t(f"again.{kind}", count=count), icon=":material/upload_file:"):
        st.markdown(t(f"again.{kind}_means", count=count))
        if st.button(t("again.yes"), key=keys.of("again", kind, run.id)):
            _open(store, run, rows())


def _refused_rows(store: PersonStore, run: RunRecord) -> list[int]:
    rows = store.runs.rows(run.id)
    return [int(row) for row in rows.loc[rows["batch_state"].eq(BatchState.REJECTED.value), "row"]]


def _open(store: PersonStore, run: RunRecord, rows: Iterable[int]) -> None:
    try:
        draft = Draft.of_rows(store, run, rows)
    except AppError as error:
        messages.show(error)
        return
    state.open_draft(store, draft.id)
    st.switch_page(navigation.path("review"))
