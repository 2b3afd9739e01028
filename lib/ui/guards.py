"""What a page needs before it can be drawn; what is missing is said, and the page stops there."""

import streamlit as st

from lib.draft import Draft
from lib.ui import messages
from lib.ui.words import t


def sheet(draft: Draft) -> None:
    """A file has been read, and it is known how."""
    if draft.sheet is None:
        messages.nothing_here(t("guard.no_sheet"), "upload", t("guard.to_upload"))
        st.stop()
    if draft.sheet.rival and draft.sheet.rival.needed:
        messages.nothing_here(t("guard.unsure_text"), "upload", t("guard.to_upload"))
        st.stop()


def not_submitted(draft: Draft) -> None:
    """The upload has not been submitted yet: afterwards nothing about it can change."""
    if draft.run_id:
        messages.nothing_here(t("guard.submitted"), "submit", t("guard.to_progress"))
        st.stop()


def mapped(draft: Draft) -> None:
    """The phone number is fed, and every component is complete."""
    if not draft.has_phone():
        messages.nothing_here(t("guard.no_phone"), "mapping", t("guard.to_mapping"))
        st.stop()
    if draft.component_mistakes:
        messages.nothing_here(t("guard.components"), "mapping", t("guard.to_mapping"))
        st.stop()
