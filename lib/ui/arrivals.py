"""What really arrived: of every accepted batch of a run, how many numbers got in, which did not, and what to do about it."""

from functools import partial

import pandas as pd
import streamlit as st

from lib import results
from lib.arrivals_records import ArrivalNote, ArrivalState, BatchArrival, RowArrival
from lib.draft import Draft
from lib.errors import AppError
from lib.plan import source_table
from lib.store import RunRecord, Store
from lib.ui import keys, messages, navigation, run_table, state, withdrawals
from lib.ui.services import Services
from lib.ui.words import moments, t

#: Figures of the head line, in the order of the way a number goes.
FIGURES = ("rows", "imported", "missing", "waiting", "unconfirmed")

#: Notes that are said above the table, once, because they hold back what the person came for.
_TOLD = (
    ArrivalNote.NOT_OFFERED, ArrivalNote.MASKED, ArrivalNote.FOREIGN, ArrivalNote.UNREADABLE, ArrivalNote.ADDRESS_REFUSED,
)  # fmt: skip


def panel(desk: Services, run_id: str) -> None:
    """Everything that is known, drawn again every few seconds while the platform is still being asked."""
    found = desk.store.arrivals(run_id)
    if not found:
        return
    st.fragment(partial(_panel, desk, run_id, _moves(found)), run_every="5s" if _moves(found) else None)()
    _missing(desk, desk.store.run(run_id))  # outside: Streamlit cannot go to another page from within a fragment


def _moves(found: list[BatchArrival]) -> bool:
    """Whether the picture may still change by itself."""
    return any(one.state == ArrivalState.OPEN or one.withdrawing or one.asked for one in found)


def _panel(desk: Services, run_id: str, was_moving: bool) -> None:
    """was_moving: when the whole page was drawn."""
    found = desk.store.arrivals(run_id)
    if was_moving != _moves(found):
        st.rerun()  # the whole page: it asks again, or no longer, and offers what comes next
    st.subheader(t("arrivals.title"))
    st.caption(t("arrivals.means"))
    for column, name in zip(st.columns(len(FIGURES)), FIGURES, strict=True):
        rows = sum(getattr(one, name) for one in found)
        column.metric(t(f"arrivals.figure.{name}"), f"{rows:,}", border=True, help=t(f"arrivals.figure.{name}_means"))
    for note in _TOLD:
        if any(one.note == note for one in found):
            st.info(t(f"arrivals.told.{note}"))
    withdrawals.outcomes(found)
    st.dataframe(_table(found), hide_index=True, key=keys.of("arrivals", run_id), height=run_table.height(len(found), 320))
    with st.container(horizontal=True):
        _look_now(desk, run_id, found)
        withdrawals.withdraw(desk, found)
    _raw(found)


def _table(found: list[BatchArrival]) -> pd.DataFrame:
    notes = {note: t(f"arrival.note.{note or 'not_asked'}") for note in {one.note for one in found}}
    table = {
        t("batch.seq"): [one.seq for one in found],
        **{t(f"arrivals.figure.{name}"): [getattr(one, name) for one in found] for name in FIGURES},
        t("arrivals.column.note"): [notes[one.note] for one in found],
        t("arrivals.column.last_look"): moments(one.last_look for one in found),
        t("batch.unique_id"): [one.unique_id for one in found],
    }
    return pd.DataFrame(table)


def _look_now(desk: Services, run_id: str, found: list[BatchArrival]) -> None:
    if all(one.imported == one.rows or not one.unique_id for one in found):
        return
    st.button(
        t("arrivals.look"),
        key=keys.of("arrivals.look", run_id),
        icon=":material/search:",
        on_click=messages.attempt(partial(_ask, desk, run_id)),
        help=t("arrivals.look_means"),
    )


def _ask(desk: Services, run_id: str) -> None:
    desk.store.ask_after(run_id)
    desk.arrivals.wake()


def _missing(desk: Services, run: RunRecord) -> None:
    """The rows that did not get in: as a workbook, and as a new upload."""
    rows = desk.store.not_arrived(run.id)
    if rows.empty or run.data_deleted:
        return
    again = rows.loc[rows["arrival"].eq(RowArrival.NOT_IMPORTED), "row"].tolist()
    with st.container(horizontal=True):
        st.download_button(
            t("arrivals.download", count=len(rows)),
            data=partial(workbook, desk.store, run, state.language()),
            file_name=t("arrivals.download_name", file=run.file_name.rsplit(".", 1)[0]),
            mime=results.XLSX,
            key=keys.of("arrivals.download", run.id),
            icon=":material/download:",
            on_click="ignore",
        )
        if not again:
            return
        with st.popover(t("arrivals.again", count=len(again)), icon=":material/upload_file:"):
            st.markdown(t("arrivals.again_means", count=len(again)))
            if st.button(t("arrivals.again_yes"), key=keys.of("arrivals.again", run.id)):
                _open_again(desk.store, run, again)


def _open_again(store: Store, run: RunRecord, rows: list[int]) -> None:
    try:
        draft = Draft.of_rows(store, run, rows)
    except AppError as error:
        messages.show(error)
        return
    state.open_draft(store, draft.id)
    st.switch_page(navigation.path("review"))


def workbook(store: Store, run: RunRecord, lang: str) -> bytes:
    """The rows that did not get in, or of which nobody knows, with their number in the person's file."""
    return results.arrivals_workbook(source_table(store.source(run.id)), store.not_arrived(run.id), lang)


def _raw(found: list[BatchArrival]) -> None:
    """The answers nobody could read, for whoever can."""
    unread = [one for one in found if one.raw]
    if not unread:
        return
    with st.expander(t("arrivals.raw", count=len(unread))):
        st.caption(t("arrivals.raw_means"))
        for one in unread[: run_table.SHOWN]:
            st.text(t("arrivals.raw_batch", seq=one.seq))
            st.code(one.raw, language=None, wrap_lines=True)
