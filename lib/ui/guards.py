"""What a page needs before it can be drawn; what is missing is said, and the page stops there."""

import streamlit as st

from lib.draft import Draft
from lib.ui import afterwards, messages, navigation
from lib.ui.services import Services
from lib.ui.words import t


def sheet(draft: Draft) -> None:
    """A file has been read, and it is known how."""
    if draft.sheet is None:
        _stop(t("guard.no_sheet"), "upload", "guard.to_upload")
    elif draft.sheet.rival and draft.sheet.rival.needed:
        _stop(t("guard.unsure_text"), "upload", "guard.to_upload")


def not_submitted(desk: Services, draft: Draft) -> None:
    """The upload has not been submitted yet: afterwards nothing about it can change, and what else there is to do is offered."""
    if draft.run_id:
        with st.container(border=True):
            st.markdown(t("guard.submitted"))
            with st.container(horizontal=True):
                navigation.go_button("submit", "guard.to_progress")
                afterwards.offer(desk, draft.run_id)
        messages.pending(None)
        st.stop()


def mapped(draft: Draft) -> None:
    """The phone number is fed, and every component is complete."""
    if not draft.has_phone():
        _stop(t("guard.no_phone"), "mapping", "guard.to_mapping")
    if draft.component_mistakes:
        _stop(t("guard.components"), "mapping", "guard.to_mapping")


def _stop(text: str, page: str, words: str) -> None:
    """An error that a place of the page would have told is told here."""
    messages.nothing_here(text, page, words)
    messages.pending(None)
    st.stop()
