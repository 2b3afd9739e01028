"""The list of runs: what was sent where, what came of it, and a link to each."""

from collections.abc import Iterable
from itertools import groupby

import streamlit as st

from lib.run.records import RunRecord
from lib.run.states import UNSETTLED, BatchState
from lib.store import AnyStore
from lib.ui import state
from lib.ui.parts import destination, run_state, task_picker
from lib.ui.services import Services
from lib.ui.words import moment, plain, t

#: Runs shown at first, and with each press more of them.
SHOWN = 20

#: Widths of the columns: the file, six figures, the state; a heading breaks inside its word where its column is narrower.
WIDTHS = (3.2, 1.25, 1.25, 1.25, 1.25, 1.25, 1.25, 1.6)

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
    names = ("file", *FIGURES, "state")
    for column, name in zip(st.columns(WIDTHS), names, strict=True):
        column.caption(t(f"history.column.{name}"))


def _line(desk: Services, run: RunRecord, figures: tuple[int, ...]) -> None:
    first, *middle, last = st.columns(WIDTHS, vertical_alignment="center")
    with first.container(gap="xxsmall"):
        run_state.link(run, plain(run.file_name))
        st.caption(f"{moment(run.created)} · {_where(desk, run)}")
    for column, number in zip(middle, figures, strict=True):
        column.markdown(_shown(number))
    with last.container(gap="xxsmall"):
        st.badge(t(f"run.state.{run.state}"), color=run_state.colour(run))
        if told := run_state.came_of(run):
            st.caption(told)


def _total(runs: int, figures: Iterable[int]) -> None:
    first, *middle, _ = st.columns(WIDTHS, vertical_alignment="center")
    first.markdown(f"**{t('history.total', count=runs)}**")
    for column, number in zip(middle, figures, strict=True):
        column.markdown(f"**{_shown(number)}**")


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
