"""Where the rows of the sheet are, as one line of figures that adds up."""

import streamlit as st

from lib.draft import Tally
from lib.ui.words import t


def line(counts: Tally) -> None:
    """Rows in the file, and those made by splitting cells = to send + held back + repeated + left out."""
    columns = st.columns(5)
    columns[0].metric(t("structure.rows_with_made" if counts.made else "tally.rows"), f"{counts.rows:,}", border=True)
    for column, name in zip(columns[1:], ("to_send", "held_back", "repeated", "left_out"), strict=True):
        column.metric(t(f"tally.{name}"), f"{getattr(counts, name):,}", border=True, help=t(f"tally.{name}_means"))


def held_back(counts: Tally) -> None:
    """What happens to the rows that are not sent, said before the person goes on."""
    kept = counts.held_back + counts.repeated
    if not counts.to_send:
        st.error(t("review.none_good"))
    elif kept:
        st.info(t("review.rest_stays", count=kept))
