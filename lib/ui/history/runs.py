"""The list of runs: what was sent where, what came of it, and a link to each."""

from collections.abc import Iterable
from itertools import groupby

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lib.run.records import RunRecord
from lib.run.states import UNSETTLED, BatchState
from lib.store import AnyStore
from lib.ui import keys, state
from lib.ui.parts import destination, run_state, task_picker
from lib.ui.services import Services
from lib.ui.words import moment, plain, t

#: Runs shown at first, and with each press more of them.
SHOWN = 20

#: Pixels of a figure and of the state; the file has the rest. A figure is as wide as a million, and all of them stand in
#: one line at 768: below the file there, as the headings do, since no part of a line gives way.
FIGURE_WIDTH, STATE_WIDTH = 72, 160

FIGURES = ("to_send", "accepted", "rejected", "unknown", "arrived", "withdrawn")


def by_time(desk: Services, runs: list[RunRecord]) -> None:
    """Newest first."""
    shown = int(state.widget("history.shown") or SHOWN)
    _head()
    for run in runs[:shown]:
        _line(desk, run, _figures(desk.store, run))
    if len(runs) > shown:
        st.button(
            t("history.more", count=len(runs) - shown),
            key=keys.of("history", "more"),
            on_click=lambda: state.set_widget("history.shown", shown + SHOWN),
        )


def by_task(desk: Services, runs: list[RunRecord]) -> None:
    """One heading and one sum for each task, the task used last first."""
    order = list(dict.fromkeys(run.connection.task for run in runs))
    together = sorted(runs, key=lambda run: order.index(run.connection.task))
    for _, group in groupby(together, key=lambda run: run.connection.task):
        of_task = list(group)
        st.subheader(_where(desk, of_task[0]), anchor=False)
        _head()
        figures = [_figures(desk.store, run) for run in of_task]
        for run, counts in zip(of_task, figures, strict=True):
            _line(desk, run, counts)
        if len(of_task) > 1:
            _total(len(of_task), map(sum, zip(*figures, strict=True)))


def _head() -> None:
    first, middle, last = _parts()
    first.caption(t("history.column.file"))
    for name in FIGURES:
        middle.caption(t(f"history.column.{name}"), width=FIGURE_WIDTH)
    last.caption(t("history.column.state"))


def _parts() -> tuple[DeltaGenerator, DeltaGenerator, DeltaGenerator]:
    """The places of a line for the file, the figures and the state; on a narrow screen they stand below each other."""
    line = st.container(horizontal=True, vertical_alignment="center")
    return (
        line.container(gap="xxsmall", width="stretch"),
        line.container(horizontal=True, gap=None, width=FIGURE_WIDTH * len(FIGURES)),
        line.container(gap="xxsmall", width=STATE_WIDTH),
    )


def _line(desk: Services, run: RunRecord, figures: tuple[int, ...]) -> None:
    first, middle, last = _parts()
    with first:
        run_state.link(run, plain(run.file_name))
        st.caption(f"{moment(run.created)} · {_where(desk, run)}")
    for number in figures:
        middle.markdown(_shown(number), width=FIGURE_WIDTH)
    with last:
        st.badge(t(f"run.state.{run.state}"), color=run_state.colour(run))
        if told := run_state.came_of(run):
            st.caption(told)


def _total(runs: int, figures: Iterable[int]) -> None:
    first, middle, _ = _parts()
    first.markdown(f"**{t('history.total', count=runs)}**")
    for number in figures:
        middle.markdown(f"**{_shown(number)}**", width=FIGURE_WIDTH)


def _shown(number: int) -> str:
    return f"{number:,}" if number else "–"


def _where(desk: Services, run: RunRecord) -> str:
    name = plain(destination.name_of(run.connection))
    return t("history.where", name=name, task=task_picker.short_name(desk, run.connection))


def _figures(store: AnyStore, run: RunRecord) -> tuple[int, ...]:
    """In the order of FIGURES."""
    arrived, withdrawn = store.arrivals.totals(run.id)
    by_state = (
        run_state.rows(run, BatchState.ACCEPTED),
        run_state.rows(run, BatchState.REJECTED),
        run_state.rows(run, *UNSETTLED),
    )
    return (run.to_send, *by_state, arrived, withdrawn)
