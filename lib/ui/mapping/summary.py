"""The mapping as a whole: where the suggestions come from, what the rows become, what is not sent."""

import pandas as pd
import streamlit as st

from lib.contact.fields import FIELDS
from lib.draft import Draft
from lib.sheet.row_numbers import row_name
from lib.ui import messages
from lib.ui.mapping import rows, sheet_columns
from lib.ui.parts import column_titles, component_kinds, numbers, tables
from lib.ui.words import plain, t

#: Columns that are named where there is one line for all of them.
NAMED = 4


def origin(draft: Draft) -> None:
    """Where the suggestions come from, and a way to start over."""
    remembered = "remembered" in draft.mapping.sureness.values()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(t("mapping.from_memory" if remembered else "mapping.from_headers"))
        st.button(
            t("mapping.again"),
            type="tertiary",
            on_click=messages.attempt(draft.suggest_again),
            icon=":material/refresh:",
        )


def preview(draft: Draft) -> None:
    """The first five contacts as mapped; cleaning comes in the next step."""
    assert draft.sheet
    contacts = draft.contacts.head(5)
    if contacts.columns.empty:
        st.caption(t("mapping.preview_empty"))
        return
    seen = contacts.assign(**{name: numbers.cells(draft, name, contacts[name]) for name in contacts.columns})
    st.dataframe(
        tables.cut(seen)
        .rename(columns=column_titles.titles(draft, contacts.columns))
        .set_axis(pd.Index(map(row_name, contacts.index), name=t("grid.row")))
    )
    for line in component_kinds.lines(draft):
        st.caption(line)


def unused(draft: Draft, most: int | None = None) -> str:
    """The columns of the sheet that nothing takes: they are not sent, and nobody should have to find out later. "" for none.

    most: so many of them by name, and how many there are.
    """
    assert draft.sheet
    taken = draft.mapping.every_column | {row.column for row in draft.component_rows}
    left = tuple(column for column in draft.sheet.table.columns if column not in taken)
    if not left:
        return ""
    names = plain(sheet_columns.names_of(draft, left[:most], t("mapping.unused_join")))
    if most is None or len(left) <= most:
        return t("mapping.unused", columns=names)
    return t("mapping.unused_many", columns=names, count=len(left))


def in_short(draft: Draft) -> str:
    """Which column feeds which field, and which are not sent, for whoever goes on without looking at this page."""
    pairs = [
        t("mapping.pair", field=t(f"field.{name}.label"), column=plain(rows.together(draft, name)))
        for name in (one.name for one in FIELDS)
        if name in draft.mapping.columns
    ]
    return " · ".join(filter(None, (t("mapping.unused_join").join(pairs), unused(draft, NAMED))))
