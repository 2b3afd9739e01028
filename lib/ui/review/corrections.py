"""Rows corrected in a spreadsheet program, brought back into the draft: what would change, then the change."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from lib.contact.masking import mask_seen
from lib.draft import Draft
from lib.errors import AppError
from lib.platform.connection import Connection
from lib.results.corrections import Corrections, read_back
from lib.sheet.row_numbers import row_name
from lib.ui import keys, messages, state
from lib.ui.parts import uploads
from lib.ui.review import cleaning, grid_view
from lib.ui.words import plain, t

#: Where the error of taking them over is told (`messages.pending`).
PLACE = "corrections"

#: Corrections shown before they are taken over.
PREVIEWED = 200

#: Rows or columns named in one sentence.
NAMED = 10


def _start() -> dict[str, Any]:
    return {"version": 0, "done": 0, "read": None}


def bring_back(draft: Draft, connection: Connection) -> None:
    """Take a corrected sheet, say what it would change and what it cannot, and take that over when asked to."""
    view = state.view("corrections", _start)
    if draft.review(connection).problems.empty and not draft.edited_rows:
        return
    if done := view["done"]:
        view["done"] = 0
        st.success(t("corrections.done", count=done), icon=":material/check:")
    with st.expander(t("corrections.title"), icon=":material/upload:", key="corrections"):
        messages.pending(PLACE)
        st.markdown(t("corrections.how"))
        file = st.file_uploader(
            t("corrections.file", megabytes=uploads.largest()),
            type=uploads.TYPES,
            key=keys.of("corrections", draft.id, view["version"]),
        )
        if file is None:
            return
        try:
            found = _read(view, file, draft)
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
                on_click=messages.attempt(partial(_take_over, draft, connection, found), PLACE),
            )


def _read(view: dict[str, Any], file: UploadedFile, draft: Draft) -> Corrections:
    """What the file corrects, read anew only where file or draft is another: reading takes seconds. Raises SheetRefused."""
    key = (file.file_id, draft.revision, draft.updated)
    if view["read"] is None or view["read"][0] != key:
        view["read"] = (key, read_back(file.getvalue(), file.name, draft))
    found: Corrections = view["read"][1]
    return found


def _preview(draft: Draft, found: Corrections) -> None:
    shown = [(row, name, draft.contacts.at[row, name], after) for row, name, after in found.cells[:PREVIEWED]]
    cleaning.cells(draft, pd.DataFrame(shown, columns=["row", "field", "before", "after"]), len(found.cells))


def _take_over(draft: Draft, connection: Connection, found: Corrections) -> None:
    draft.edit(found.cells, connection)
    uploads.release()
    view = state.view("corrections", _start)
    view.update(version=view["version"] + 1, done=len(found.cells), read=None)
    grid_view.current().redraw()


def _tell(found: Corrections) -> None:
    if found.cells:
        st.markdown(t("corrections.found", count=found.rows, rows=f"{found.rows:,}", cells=len(found.cells)))
    else:
        st.info(t("corrections.nothing"))
    for name in ("unknown", "untold", "twice", "hidden"):
        if rows := getattr(found, name):
            st.warning(
                t(f"corrections.{name}", count=len(rows), rows=_listed([row_name(row) for row in rows]))
            )
    for name in ("missing", "extra", "unused"):
        if columns := getattr(found, name):
            st.warning(t(f"corrections.{name}", columns=_listed(columns)))


def _listed(names: Sequence[object]) -> str:
    said = t("corrections.list_join").join(plain(mask_seen(str(name))) for name in names[:NAMED])
    return t("corrections.more", list=said) if len(names) > NAMED else said
