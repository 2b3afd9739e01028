"""What comes after a submission, wherever a submitted upload is open."""

import streamlit as st

from lib.ui import navigation, state
from lib.ui.services import Services
from lib.ui.words import t


def offer(desk: Services, run_id: str, *, primary: bool = False) -> None:
    """Two buttons, side by side in a row of the caller's: the next upload, and the results of this run.

    The results stand last, where the button that sends stood: who presses once more there leaves nothing.

    desk: in whose store the next upload begins, empty; the one that is open stays as it is
    run_id: of the run that the history is opened with
    primary: whether the results are the next step; the next upload never is
    """
    if st.button(t("run.next_upload"), icon=":material/upload_file:"):
        state.open_draft(desk.store, None)
        st.switch_page(navigation.path("upload"))
    results = t("run.to_history")
    if st.button(results, icon=":material/receipt_long:", type="primary" if primary else "secondary"):
        st.switch_page(navigation.path("history"), query_params={"run": run_id})
