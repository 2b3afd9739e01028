"""Rows corrected in a spreadsheet program, brought back into the draft: what would change, then the change."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from lib.connection import Connection
from lib.corrections import Corrections, read_back
from lib.draft import Draft
from lib.errors import AppError
from lib.ui import grid_view, keys, mapping_rows, messages, state
from lib.ui.words import plain, t

#: File types offered in the file dialog; the content decides.
TYPES = ["xlsx", "xlsm", "xls", "ods", "csv", "tsv", "txt"]

#: Corrections shown before they are taken over.
PREVIEWED = 200

#: Rows or columns named in one sentence.
NAMED = 10


def _start() -> dict[str, int]:
    return {"version": 0, "done": 0}


def bring_back(draft: Draft, connection: Connection) -> None:
    """Take a corrected sheet, say what it would change and what it cannot, and take that over when asked to."""
    view = state.view("corrections", _start)
    if draft.review(connection).problems.empty and not draft.edited_rows:
        return
    if done := view["done"]:
        view["done"] = 0
        st.success(t("corrections.done", count=done), icon=":material/check:")
    with st.expander(t("corrections.title"), icon=":material/upload:", key="corrections"):
        st.markdown(t("corrections.how"))
        file = st.file_uploader(
            t("corrections.file"), type=TYPES, key=keys.of("corrections", draft.id, view["version"])
        )
        if file is None:
            return
        try:
            found = read_back(file.getvalue(), file.name, draft)
        except AppError as error:
            messages.show(error)
            return
        _tell(found)
        if found.cells:
            _preview(draft, found)
            st.button(
                t("corrections.apply", count=len(found.cells)),
                key="corrections.apply",
                type="primary",
                on_click=messages.attempt(partial(_take_over, draft, connection, found)),
            )


def _preview(draft: Draft, found: Corrections) -> None:
    shown = found.cells[:PREVIEWED]
    titles = mapping_rows.titles(draft, dict.fromkeys(name for _, name, _ in shown))
    st.dataframe(
        {
            t("grid.row"): [row for row, _, _ in shown],
            t("grid.field"): [titles[name] for _, name, _ in shown],
            t("grid.before"): [draft.contacts.at[row, name] for row, name, _ in shown],
            t("grid.after"): [after for _, _, after in shown],
        },
        hide_index=True,
        height="content" if len(shown) < 8 else 260,
    )
    if len(found.cells) > len(shown):
        st.caption(t("review.receipt_more", count=len(found.cells) - len(shown)))


def _take_over(draft: Draft, connection: Connection, found: Corrections) -> None:
    draft.edit(found.cells, connection)
    view = state.view("corrections", _start)
    view.update(version=view["version"] + 1, done=len(found.cells))
    grid_view.current().redraw()


def _tell(found: Corrections) -> None:
    if found.cells:
        st.markdown(t("corrections.found", count=found.rows, rows=f"{found.rows:,}", cells=len(found.cells)))
    else:
        st.info(t("corrections.nothing"))
    for name in ("unknown", "untold", "twice"):
        if rows := getattr(found, name):
            st.warning(t(f"corrections.{name}", count=len(rows), rows=_listed(rows)))
    for name in ("missing", "extra", "unused"):
        if columns := getattr(found, name):
            st.warning(t(f"corrections.{name}", columns=_listed(columns)))


def _listed(names: Sequence[object]) -> str:
    said = t("corrections.list_join").join(plain(name) for name in names[:NAMED])
    return t("corrections.more", list=said) if len(names) > NAMED else said
