"""The guided tour on its page: where it stands, what just happened, and one button for the next step."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from lib import tour
from lib.platform.connection import Connection
from lib.run.records import RunRecord
from lib.tour import STEPS, Stand
from lib.ui import messages, navigation, state
from lib.ui.parts import inspector, ledger, tour_link
from lib.ui.services import Services
from lib.ui.words import t

DrawRun = Callable[[Services, RunRecord], None]


def show(desk: Services, connection: Connection, draw_run: DrawRun) -> None:
    """Nothing of it on a real connection, or where somebody else gives it.

    desk: whose person gives the tour, and whose steps and runs are looked up
    connection: of the open upload, or of its run; it only says whether this is practice, for the tour has its own platform
    draw_run: draws a run without buttons, each second while it moves
    """
    if not tour_link.is_offered(desk, connection):
        st.info(t("tour.practice_only"))
        return
    now = tour.stand(desk)
    if now.is_anothers:
        st.info(t("error.tour_of_another"))
        return
    if now.is_leaving:
        st.fragment(partial(_leave_for_good, desk), run_every="1s")()
        return
    steps, happens = st.columns([1, 3], gap="large")
    with steps.container(border=True, gap="xsmall"):
        for at, step in enumerate(STEPS):
            _line(step.name, at, now.done)
    with happens:
        _said(now)
        if run := now.run or (now.runs[-1] if now.runs else None):
            moves = now.goes_on or run.open_batches or run.state == "running"
            every = "1s" if moves else None
            st.fragment(partial(_run, desk, run.id, draw_run, _drawn(now)), run_every=every)()
            if not now.step:
                ledger.closing(
                    desk, run.connection, sum(one.rows_by_state.get("accepted", 0) for one in now.runs)
                )
            inspector.of_run(desk, run)
            ledger.of_run(desk, run)
    _bar(desk, now)


def _line(name: str, at: int, done: int) -> None:
    words = t(f"tour.{name}")
    if at == done:
        st.markdown(f":material/play_circle: **{words}**")
    else:
        st.markdown(f":material/{'check_circle' if at < done else 'circle'}: {words}")


def _said(now: Stand) -> None:
    """What the last step did, in a sentence or two, and what to look at; before the first what this is."""
    if now.done:
        st.info(t(f"tour.{STEPS[now.done - 1].name}_was"), icon=":material/visibility:")
    elif not now.runs:
        st.markdown(t("tour.means", steps=len(STEPS)))


def _drawn(now: Stand) -> tuple[int, bool, str]:
    """What the whole page is drawn by."""
    return (now.done, now.goes_on, now.run.state if now.run else "")


def _run(desk: Services, run_id: str, draw_run: DrawRun, drawn: tuple[int, bool, str]) -> None:
    if _drawn(tour.stand(desk)) != drawn:
        st.rerun()  # the whole page: another step is next
    draw_run(desk, desk.store.runs.get(run_id))


def _bar(desk: Services, now: Stand) -> None:
    with navigation.bar(t("tour.goes_on") if now.goes_on else ""):
        if now.runs:
            st.button(
                t("tour.leave" if now.step else "tour.end"),
                key="tour.leave",
                icon=":material/logout:",
                type="secondary" if now.step else "primary",
                on_click=messages.attempt(partial(_leave, desk)),
            )
        if now.step:
            stopped = now.run is not None and now.run.state == "paused" and now.step.name != "go_on"
            st.button(
                t("run.resume") if stopped else t(f"tour.{now.step.name}_do"),
                key="tour.next",
                icon=":material/arrow_forward:",
                type="primary",
                disabled=now.goes_on,
                on_click=messages.attempt(partial(tour.press, desk, now.step.name)),
            )


def _leave(desk: Services) -> None:
    if tour.leave(desk):
        state.ask_for_page("overview")


def _leave_for_good(desk: Services) -> None:
    """A request was on its way when the tour was left: once that is over, the rest goes."""
    st.info(t("tour.leaving"), icon=":material/hourglass:")
    if tour.leave(desk):
        st.switch_page(navigation.path("overview"))
