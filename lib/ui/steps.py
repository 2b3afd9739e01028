"""The path of steps above every page: where one is, what is done, what is missing."""

import streamlit as st

from lib.draft import Draft
from lib.run.records import RunRecord
from lib.run.states import ENDED, BatchState, RunState
from lib.ui import navigation
from lib.ui.words import t

_ICONS = {
    "done": ":material/check_circle:",
    "here": ":material/radio_button_checked:",
    "open": ":material/radio_button_unchecked:",
    "trouble": ":material/error:",
}


def _state_of(step: str, draft: Draft, run: RunRecord | None, token_known: bool) -> str:
    """done, open or trouble, from the draft, its review as it was last made, and its run."""
    if step == "upload":
        return "done" if draft.sheet else "open"
    if step == "mapping" and draft.sheet:
        return "done" if draft.has_phone() and not draft.component_mistakes else "trouble"
    if run is not None:
        return _after(step, run, token_known)
    if step == "review" and draft.can_send is not None:
        return "done" if draft.can_send else "trouble"
    if step == "submit" and draft.sheet and not token_known:
        return "trouble"
    return "open"


def _after(step: str, run: RunRecord, token_known: bool) -> str:
    """What is left to do once the button was pressed: watch it go, then see what came of it."""
    if step == "submit":
        return (
            "trouble"
            if run.state == RunState.PAUSED or (run.state not in ENDED and not token_known)
            else "done"
        )
    if step == "history":
        if run.open_batches or run.batches.get(BatchState.REJECTED):
            return "trouble"
        return "done" if run.state in ENDED else "open"
    return "done"


def path(draft: Draft, run: RunRecord | None, here: str, token_known: bool) -> None:
    """The five steps in a row, each a link; the last to this upload's own run.

    draft: the open one, whose steps these are
    run: of this draft, None for none yet
    here: name of the page in view, which need not be a step
    token_known: whether there is a token for where it goes
    """
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        for at, step in enumerate(navigation.STEPS, start=1):
            state = _state_of(step, draft, run, token_known)
            icon = _ICONS["here" if step == here and state != "trouble" else state]
            name = t(f"page.{step}")
            st.page_link(
                navigation.path(step),
                label=f"**{at} {name}**" if step == here else f"{at} {name}",
                icon=icon,
                help=t(f"step.{state}"),
                query_params={"run": run.id} if run and step == "history" else None,
            )
