"""The path of steps above every page: where one is, what is done, what is missing."""

import streamlit as st

from lib.draft import Draft
from lib.ui import navigation
from lib.ui.words import t

_ICONS = {
    "done": ":material/check_circle:",
    "here": ":material/radio_button_checked:",
    "open": ":material/radio_button_unchecked:",
    "trouble": ":material/error:",
}


def state_of(step: str, draft: Draft, token_known: bool) -> str:
    """done, open or trouble, from the saved draft alone."""
    if step == "connection":
        return "done" if token_known else "trouble"
    if step == "upload":
        return "done" if draft.sheet else "open"
    if step == "mapping" and draft.sheet:
        return "done" if draft.has_phone() and not draft.component_mistakes else "trouble"
    if step == "review" and not draft.run_id and draft.can_send is not None:
        return "done" if draft.can_send else "trouble"
    return "done" if draft.run_id else "open"


def path(draft: Draft, here: str, token_known: bool) -> None:
    """The five steps in a row, each a link."""
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        for at, step in enumerate(navigation.STEPS, start=1):
            state = state_of(step, draft, token_known)
            icon = _ICONS["here" if step == here and state != "trouble" else state]
            name = t(f"page.{step}")
            label = f"**{at} {name}**" if step == here else f"{at} {name}"
            st.page_link(navigation.path(step), label=label, icon=icon, help=t(f"step.{state}"))
