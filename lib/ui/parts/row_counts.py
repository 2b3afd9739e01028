"""Where the rows of the sheet are, as one line of figures that adds up."""

import streamlit as st

from lib.draft import Tally
from lib.ui import colours
from lib.ui.parts import pictures
from lib.ui.words import t

#: Parts of the sheet in the order of the bar.
PARTS = ("to_send", "held_back", "repeated", "left_out")

#: Pixels of a figure with its name and its question mark: as wide as its content, the name would be cut.
FIGURE_WIDTH = 150


def line(counts: Tally, doubtful: int = 0) -> None:
    """Rows in the file, and those made by splitting cells = to send + held back + repeated + left out; those that are none are not drawn.

    doubtful: how many of those to send go last, in batches of their own.
    """
    parts = {name: getattr(counts, name) for name in PARTS}
    drawn = {"to_send": counts.to_send - doubtful, "doubtful": doubtful} | {
        name: parts[name] for name in PARTS[1:]
    }
    pictures.bar(drawn, colours.OF_ROW, {name: t(f"tally.{name}") for name in drawn}, key="picture.sheet")
    with st.container(
        horizontal=True
    ):  # wraps where five figures do not fit side by side; columns would cut them off
        rows = t("structure.rows_with_made" if counts.made else "tally.rows")
        st.metric(rows, f"{counts.rows:,}", border=True, width="content")
        for name, count in parts.items():
            if name != "to_send" and not count:
                continue
            label = colours.key(colours.OF_ROW[name], t(f"tally.{name}"))
            st.metric(label, f"{count:,}", border=True, help=t(f"tally.{name}_means"), width=FIGURE_WIDTH)
            if name == "to_send" and doubtful:
                label = colours.key(colours.OF_ROW["doubtful"], t("tally.doubtful"))
                st.metric(
                    label, f"{doubtful:,}", border=True, help=t("tally.doubtful_means"), width=FIGURE_WIDTH
                )
