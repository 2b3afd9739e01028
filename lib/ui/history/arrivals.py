"""What really arrived: of every accepted batch of a run, how many numbers got in, which did not, and what to do about it."""

from functools import partial

import pandas as pd
import streamlit as st

from lib.run.arrivals import ArrivalNote, ArrivalState, BatchArrival
from lib.store.permission import Action
from lib.ui import colours, keys, messages
from lib.ui.history import missing_rows, withdrawals
from lib.ui.parts import pictures, platform_facts, tables
from lib.ui.parts.row_counts import FIGURE_WIDTH
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
    found = desk.store.arrivals.of_run(run_id)
    if not found:
        return
    messages.pending(withdrawals.PLACE)
    st.fragment(partial(_panel, desk, run_id, _moves(found)), run_every="5s" if _moves(found) else None)()
    # outside: Streamlit cannot go to another page from within a fragment
    missing_rows.panel(desk.store, desk.store.runs.get(run_id), may_prepare=desk.may(Action.PREPARE))


def _moves(found: list[BatchArrival]) -> bool:
    """Whether the picture may still change by itself."""
    return any(one.state == ArrivalState.OPEN or one.withdrawing or one.asked for one in found)


def _panel(desk: Services, run_id: str, was_moving: bool) -> None:
    """was_moving: when the whole page was drawn."""
    messages.whole_page_to_tell(withdrawals.PLACE)
    found = desk.store.arrivals.of_run(run_id)
    if was_moving != _moves(found):
        st.rerun()  # the whole page: it asks again, or no longer, and offers what comes next
    st.header(t("arrivals.title"), anchor=False)
    st.caption(t("arrivals.means"))
    total = {name: sum(getattr(one, name) for one in found) for name in FIGURES}
    names = {name: t(f"arrivals.figure.{name}") for name in FIGURES}
    pictures.bar(
        {name: total[name] for name in FIGURES[1:]},
        colours.OF_ARRIVAL,
        names,
        key=keys.of("picture.arrivals", run_id),
    )
    figures = st.container(horizontal=True)
    for name in FIGURES:
        label = (
            colours.key(colours.OF_ARRIVAL[name], names[name]) if name in colours.OF_ARRIVAL else names[name]
        )
        figures.metric(
            label,
            f"{total[name]:,}",
            border=True,
            width=FIGURE_WIDTH,
            height="stretch",
            help=t(f"arrivals.figure.{name}_means"),
        )
    for note in _TOLD:
        if any(one.note == note for one in found):
            st.info(t(f"arrivals.note.{note}"))
    withdrawals.outcomes(found)
    st.dataframe(
        _table(found),
        hide_index=True,
        key=keys.of("arrivals", run_id),
        height=tables.height(len(found), 320),
    )
    if not desk.store.runs.get(run_id).data_deleted:  # nothing is left to compare an answer with
        with st.container(horizontal=True):
            if desk.may(Action.ASK):
                _look_now(desk, run_id, found)
            if desk.may(Action.WITHDRAW):
                withdrawals.withdraw(desk, found)
    _raw(found)


def _table(found: list[BatchArrival]) -> pd.DataFrame:
    """Without the batch's number: it stands in the table of batches above, and this one would be cut at 1366 pixels."""
    notes = {note: t(f"arrival.note.{note or 'not_asked'}") for note in {one.note for one in found}}
    table = {
        t("batch.seq"): [one.seq for one in found],
        **{t(f"arrivals.figure.{name}"): [getattr(one, name) for one in found] for name in FIGURES},
        t("arrivals.column.note"): [notes[one.note] for one in found],
        t("arrivals.column.last_look"): moments(one.last_look for one in found),
    }
    return pd.DataFrame(table)


def _look_now(desk: Services, run_id: str, found: list[BatchArrival]) -> None:
    if all(one.imported == one.rows or not one.unique_id for one in found):
        return
    st.button(
        t("arrivals.look"),
        key=keys.of("arrivals.look", run_id),
        icon=":material/search:",
        on_click=messages.attempt(partial(_ask, desk, run_id), withdrawals.PLACE, t("arrivals.look_done")),
        help=t("arrivals.look_means"),
    )


def _ask(desk: Services, run_id: str) -> None:
    desk.store.arrivals.ask_after(run_id)
    desk.arrivals.wake()


def _raw(found: list[BatchArrival]) -> None:
    """The answers nobody could read, for whoever can."""
    unread = [one for one in found if one.raw]
    if unread:
        shown = ((one.seq, one.raw) for one in unread[: tables.SHOWN])
        platform_facts.raw_of_batches(t("arrivals.raw", count=len(unread)), shown)
