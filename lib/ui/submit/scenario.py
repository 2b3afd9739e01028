"""In practice only: what the practice platform is to do wrong, and what to watch for."""

from functools import partial

import streamlit as st

from lib.errors import AppError
from lib.platform.connection import Connection, ConnectionKind
from lib.platform.practice_control import NORMAL, Stage
from lib.store.permission import Action
from lib.ui import messages, state
from lib.ui.services import Services
from lib.ui.words import t

#: How long a scenario may hold, where both can be chosen; the first to begin with.
ONCE, UNTIL = "once", "until"

_WHICH, _REACH = "scenario.which", "scenario.reach"

#: Where the errors of the choice are told (`messages.pending`).
PLACE = "scenario"


def choice(desk: Services, connection: Connection, *, every: str | None = None) -> None:
    """Folded; nothing at all on a real connection, or for whoever may not send.

    desk: through which the practice platform is asked what it shows, and told what to show
    connection: of the run that goes, or where the upload goes
    every: how often it is drawn anew while a run goes, as Streamlit writes it ("3s"); None for never by itself
    """
    if connection.kind != ConnectionKind.PRACTICE or not desk.may(Action.SEND):
        return
    messages.pending(PLACE)
    st.fragment(partial(_choice, desk, connection), run_every=every)()


def _choice(desk: Services, connection: Connection) -> None:
    messages.whole_page_to_tell(PLACE)
    try:
        stage = desk.practice_control.stage(desk.reachable(connection))
    except AppError as error:
        messages.show(error)
        return
    with st.expander(
        t("scenario.title", name=_name(stage.scenario)), icon=":material/theater_comedy:", key=PLACE
    ):
        st.caption(t("scenario.means"))
        labels = {name: _name(name) for name in ([] if stage.scenario else [""]) + list(stage.offered)}
        state.set_widget(_WHICH, stage.scenario)
        st.selectbox(
            t("scenario.which"),
            list(labels),
            format_func=labels.__getitem__,
            key=_WHICH,
            on_change=messages.attempt(partial(_choose, desk, connection), PLACE),
        )
        _reach(desk, connection, stage)
        _watch(stage)


def _watch(stage: Stage) -> None:
    """What to watch for: of what is shown, and of what was chosen last and is over, as after its one batch."""
    last = _seen().get("chosen", "")
    if stage.scenario == NORMAL and last not in ("", NORMAL):
        st.info(t("scenario.was", name=_name(last), watch=t(f"scenario.{last}_watch")))
    elif stage.scenario:
        st.info(t("scenario.watch", watch=t(f"scenario.{stage.scenario}_watch")))


def _seen() -> dict[str, str]:
    return state.view("scenario", dict)


def _reach(desk: Services, connection: Connection, stage: Stage) -> None:
    if stage.offered.get(stage.scenario) != "either":
        return
    labels = {reach: t(f"scenario.{reach}") for reach in (ONCE, UNTIL)}
    state.set_widget(_REACH, UNTIL if stage.batches_left is None else ONCE)
    st.radio(
        t("scenario.reach"),
        list(labels),
        format_func=labels.__getitem__,
        key=_REACH,
        horizontal=True,
        on_change=messages.attempt(partial(_choose, desk, connection), PLACE),
    )


def _choose(desk: Services, connection: Connection) -> None:
    """A widget that was not drawn holds nothing: then it is for one batch, as far as the scenario is about one."""
    if name := state.widget(_WHICH):
        once = state.widget(_REACH) != UNTIL
        desk.practice_control.choose(desk.reachable(connection), str(name), once=once)
        _seen()["chosen"] = str(name)


def _name(scenario: str) -> str:
    return t(f"scenario.{scenario or 'own'}")
