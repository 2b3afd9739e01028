"""Cells with several numbers: the person's decision, and what it did."""

from functools import partial

import streamlit as st

from lib.draft import Draft
from lib.platform.connection import Connection
from lib.ui import messages
from lib.ui.words import t


def offer(draft: Draft, connection: Connection, at: str) -> None:
    """Offer a row of its own for each number; taking the first one only is the suggestion beside it.

    draft: that gets the rows
    connection: where the upload goes; the cells with several numbers are those its review found
    at: where errors are told
    """
    st.button(
        t("structure.split"),
        key="structure.split",
        help=t("structure.split_help"),
        on_click=messages.attempt(partial(draft.split_numbers, connection), at),
    )


def show_split(draft: Draft) -> None:
    """That cells were split, how many rows that made, and the way back."""
    if draft.sheet is None or not draft.sheet.several:
        return
    made, split = draft.rows_made, sum(map(len, draft.sheet.several))
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(t("structure.split_done", split=split, made=made, own=len(draft.sheet.table) - made))
        st.space("stretch")
        st.button(
            t("structure.join"),
            key="structure.join",
            type="tertiary",
            on_click=messages.attempt(draft.join_numbers),
        )
