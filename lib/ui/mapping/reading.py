"""How the call will read: the opening of the task's script, filled from one row after the other."""

from dataclasses import dataclass
from functools import partial

import pandas as pd
import streamlit as st

from lib.draft import Draft
from lib.mapping import script
from lib.mapping.script import Piece, Reads
from lib.platform.connection import Connection
from lib.sheet.row_numbers import row_name
from lib.ui import keys, messages, state
from lib.ui.parts import folds, numbers
from lib.ui.services import Services
from lib.ui.words import plain, t

#: Where the errors of keeping the script are told (`messages.pending`).
PLACE = "reading"

#: Characters of a value that are shown.
_LONGEST = 60


@dataclass
class ReadingView:
    """What the visit holds. at: position of the row shown; blank: by row whether something is missing, for what it was counted."""

    at: int = 0
    blank: pd.Series | None = None
    counted: tuple[object, str] | None = None


def panel(desk: Services, draft: Draft, connection: Connection) -> None:
    """Paste the opening once for the task, and step through the rows. Nothing is read or counted before it is opened.

    desk: in whose store the script is kept
    draft: whose rows fill it, as mapped and edited, before they are cleaned; it has a sheet
    connection: where the upload goes; the script is that of its task
    """
    key = keys.of("reading", draft.id)
    if not (fold := folds.fold(t("reading.title"), key, ":material/record_voice_over:")):
        return
    with fold:
        messages.pending(PLACE)
        text = _script(desk, connection)
        if not text.strip():
            st.caption(t("reading.paste"))
        elif draft.contacts.columns.empty or draft.contacts.empty:
            st.caption(t("mapping.preview_empty"))
        else:
            _read(draft, text)


def _script(desk: Services, connection: Connection) -> str:
    kept = desk.store.scripts.recall(connection.task)
    key = keys.of("script", keys.digest(connection.task))
    state.set_widget(key, kept)
    st.text_area(
        t("reading.script"),
        key=key,
        placeholder=t(
            "reading.example", name=f"{{{t('field.name.label')}}}", company=f"{{{t('field.company.label')}}}"
        ),
        max_chars=script.LONGEST,
        height=80,
        on_change=messages.attempt(
            lambda: desk.store.scripts.remember(connection.task, str(state.widget(key) or "")), PLACE
        ),
    )
    return kept


def _read(draft: Draft, text: str) -> None:
    assert draft.sheet
    contacts = draft.contacts
    known = script.names(draft.sheet.table.columns, draft.columns, draft.component_rows, contacts.columns)
    cut = script.pieces(text, known)
    view = state.view("reading", ReadingView)
    _count(draft, view, cut, text)
    view.at = min(view.at, len(contacts) - 1)
    row = {str(name): str(text) for name, text in contacts.iloc[view.at].items()}
    with st.container(border=True):
        st.markdown("".join(_shown(draft, piece) for piece in script.filled(cut, row)))
    _steps(draft, view)
    _explain(cut)


def _count(draft: Draft, view: ReadingView, cut: list[Piece], text: str) -> None:
    """Once for each script and state of the rows: an edit of a cell is counted when all are judged anew."""
    if view.blank is None or view.counted != (draft.basis, text):
        view.blank, view.counted = script.blanks(cut, draft.contacts), (draft.basis, text)


def _shown(draft: Draft, piece: Piece) -> str:
    """A piece as Markdown; what is not read says so in words, too."""
    if piece.reads == Reads.TEXT:
        return plain(numbers.text(draft, piece.text))
    if piece.reads == Reads.FILLED:
        return f"**{plain(numbers.cell(draft, piece.column, piece.text)[:_LONGEST])}**"
    mark = t(f"reading.{piece.reads}", name=plain(numbers.text(draft, piece.name)))
    return f":red[{mark}]" if piece.reads != Reads.UNKNOWN else f":orange[{mark}]"


def _steps(draft: Draft, view: ReadingView) -> None:
    assert view.blank is not None
    rows, missing = len(view.blank), int(view.blank.sum())
    with st.container(horizontal=True, vertical_alignment="center"):
        for name, at in (("before", view.at - 1), ("after", view.at + 1)):
            st.button(
                t(f"reading.{name}"),
                key=keys.of("reading", name),
                disabled=not 0 <= at < rows,
                on_click=partial(_go, view, at),
            )
        st.button(
            t("reading.next_blank"),
            key=keys.of("reading", "blank"),
            disabled=not missing,
            on_click=partial(_go_to_blank, view),
        )
        row = row_name(draft.contacts.index[view.at])
        st.caption(t("reading.row", row=row, at=view.at + 1, rows=rows))
    st.caption(t("reading.blanks", count=missing) if missing else t("reading.whole"))


def _go(view: ReadingView, at: int) -> None:
    view.at = at


def _go_to_blank(view: ReadingView) -> None:
    """The next row in which something is missing, from the top again after the last one."""
    assert view.blank is not None
    places = view.blank.to_numpy().nonzero()[0]
    view.at = int(next((at for at in places if at > view.at), places[0]))


def _explain(cut: list[Piece]) -> None:
    """Names that will not be read in any row, and why."""
    for reads in (Reads.UNFED, Reads.UNKNOWN):
        names = dict.fromkeys(piece.name for piece in cut if piece.reads == reads)
        if names:
            listed = t("mapping.unused_join").join(plain(name) for name in names)
            st.warning(t(f"reading.{reads}_means", names=listed))
