"""Starting small: a first number or a first batch, then a person looks at what came back and lets the rest go."""

from collections.abc import Callable

import streamlit as st

from lib.draft import Draft
from lib.payload import Start
from lib.platform.connection import Connection
from lib.run.records import RunRecord
from lib.run.states import LEFT_OUT, BatchState, Why, called
from lib.store import AnyStore
from lib.ui import keys, messages, state
from lib.ui.words import plain, t

_BOXES: dict[str, tuple[Callable[..., object], str]] = {
    BatchState.ACCEPTED: (st.success, ":material/check_circle:"),
    BatchState.REJECTED: (st.error, ":material/block:"),
}

#: What the first part is called → the sentence about it; nothing is said of what has not come back.
_SAID: dict[str, str] = {
    BatchState.ACCEPTED: "accepted",
    BatchState.REJECTED: "rejected",
    BatchState.UNKNOWN: "open",
    BatchState.HELD: "held",
    BatchState.SPLIT: "split",
    BatchState.CANCELLED: "cancelled",
    LEFT_OUT: "left_out",
}
_OTHER_BOX = (st.warning, ":material/help:")


def choice(draft: Draft, connection: Connection) -> None:
    """What is sent before the run waits, folded under what is chosen; asked only where something would be left to wait."""
    if draft.tally(connection).to_send < 2:
        return
    key = keys.of("start", draft.id)
    labels = {start.value: t(f"start.{start.value}") for start in Start}
    state.set_widget(key, draft.start.value)
    with st.expander(
        t("start.folded", choice=labels[draft.start.value]), key=keys.of("start.folded", draft.id)
    ):
        st.radio(
            t("start.title"),
            list(labels),
            format_func=labels.__getitem__,
            captions=[t(f"start.{start.value}_means") for start in Start],
            key=key,
            on_change=messages.attempt(lambda: draft.choose_start(Start(state.widget(key)))),
            label_visibility="collapsed",
        )


def submit_label(draft: Draft, connection: Connection, count: int) -> str:
    """What pressing the button sends; where the run is to wait, how much of it goes first.

    draft: in which the person has chosen how much goes first, cut into batches as the run would be
    connection: where it goes
    count: numbers of the whole run
    """
    cut = draft.cut(connection)
    if draft.start == Start.ALL or len(cut) < 2:
        return t("plan.submit", count=count)
    return t("start.submit", count=len(cut.first), total=count)


def came_back(store: AnyStore, run: RunRecord) -> None:
    """What became of the first part, in words, while the rest waits for the person."""
    if run.state != "paused" or run.why != Why.FIRST_BATCH:
        return
    for first in store.batches.table(run.id, limit=run.hold_after).itertuples():
        became = called(str(first.state), str(first.held_as))
        if became not in _SAID:
            continue
        box, icon = _BOXES.get(became, _OTHER_BOX)
        box(
            t(f"first.{_SAID[became]}", count=first.rows, batch=plain(str(first.unique_id or "–"))), icon=icon
        )
        if first.message:
            st.text(t("platform.said", message=first.message))
    st.markdown(t("first.next"))


def go_on(run: RunRecord, action: Callable[[], None]) -> None:
    """The button that lets a paused run go on; after a first part it says how many numbers follow."""
    waits = run.why == Why.FIRST_BATCH
    label = t("first.go_on", count=run.rows_by_state.get("planned", 0)) if waits else t("run.resume")
    st.button(
        label,
        key=keys.of("run", "resume"),
        icon=":material/play_arrow:",
        type="primary",
        on_click=messages.attempt(action),
    )
