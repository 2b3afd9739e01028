"""The pieces of the upload page: the uploader, what was read, a preview."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from lib.access.person_store import PersonStore
from lib.contact.masking import mask_seen
from lib.draft import Draft
from lib.errors import AppError
from lib.platform.directory import Component
from lib.results.samples import sample, template
from lib.sheet import NoteCode, Sheet, expect_workbook
from lib.sheet.paste import file_of
from lib.sheet.row_numbers import reading_order, row_name, row_of_sheet, rows_of_file
from lib.ui import keys, state
from lib.ui.parts import numbers, reading_notes, tables, uploads
from lib.ui.upload import structure
from lib.ui.words import plain, t
from lib.workbook.kind import label

#: Where it is told that a file cannot be read (`messages.pending`).
PLACE = "upload"

#: Rows of the preview.
PREVIEW_ROWS = 100


def _view() -> dict[str, Any]:
    return state.view("upload", lambda: {"version": 0, "refused": 0})


def _uploader() -> Any:
    """The uploader; a new key after each file, or several at once, empties it."""
    expect_workbook()  # while the person looks for the file
    return uploads.uploader(keys.of("file", _view()["version"], _view()["refused"]), several=True)


def _pasted() -> bytes | None:
    """A box for numbers or a table from the clipboard; the bytes to read once the button is pressed."""
    with st.expander(t("structure.paste"), icon=":material/content_paste:"):
        text = st.text_area(
            t("structure.paste_label"),
            placeholder=t("structure.paste_placeholder"),
            height=160,
            key=keys.of("paste", _view()["version"]),
        )
        wanted = st.button(t("structure.paste_read"), key="upload.paste")
        if wanted and not text.strip():
            st.caption(t("structure.paste_empty"))
        return file_of(text) if wanted and text.strip() else None


def chosen() -> list[tuple[str, bytes]]:
    """Names and bytes of what was chosen or pasted in this run."""
    given, paste = _uploader(), _pasted()
    if given:
        return [(one.name, one.getvalue()) for one in given]
    return [(t("structure.paste_name"), paste)] if paste is not None else []


def take(draft: Draft, given: Sequence[tuple[str, bytes]]) -> None:
    """One file, or several as one list. Raises SheetRefused, and then nothing of the earlier one is lost."""
    name, data = given[0]
    if len(given) == 1:
        draft.load_sheet(data, name)
        return
    whole = t("together.files_name", first=label(mask_seen(name)), count=len(given))
    draft.load_files(given, whole, t("together.file_column"))


def taken() -> None:
    """What was chosen has been saved; the uploader and the box may forget it."""
    uploads.release()
    _view()["version"] += 1


def refused(error: AppError) -> None:
    """What was chosen cannot be read: told at PLACE. A file would be in the way of the next one; what was pasted stays."""
    state.keep_error(error, PLACE)
    uploads.release()
    _view()["refused"] += 1


def offers(store: PersonStore, components: Sequence[Component] = ()) -> None:
    """A template to fill in, and a sample to try the app with. components: of the account, to be in the template."""
    lang = state.language()
    with st.container(horizontal=True):
        st.download_button(
            t("upload.template"),
            data=template(lang, components),
            file_name=t("upload.template_name"),
            icon=":material/download:",
            on_click="ignore",
        )
        if st.button(t("overview.sample"), icon=":material/science:", key="upload.sample"):
            uploads.take_sample(store)
            st.rerun()
        name, data = sample(lang)
        st.download_button(
            t("upload.sample_download"), data=data, file_name=name, type="tertiary", on_click="ignore"
        )


def facts(sheet: Sheet) -> None:
    """The file in one line of facts."""
    st.header(plain(sheet.name), anchor=False)  # an anchor would be a link made of the name
    parts = [
        t("upload.rows", count=len(sheet.table)),
        t("upload.columns", count=len(sheet.table.columns)),
        _header_place(sheet),
    ]
    if sheet.parts:
        parts.append(t("together.from" if sheet.sheet else "together.files_from", count=len(sheet.parts)))
    elif sheet.sheet:
        parts.append(t("upload.from_sheet", sheet=plain(mask_seen(sheet.sheet))))
    if sheet.encoding:
        parts.append(t("upload.in_encoding", encoding=reading_notes.encoding_name(sheet.encoding)))
    st.markdown(" · ".join(parts))


def _header_place(sheet: Sheet) -> str:
    if len({part.header_row for part in sheet.parts}) > 1:
        return t("together.header_rows")
    if not sheet.header_row:
        return t("upload.no_header")
    if sheet.header_rows == 2:
        return t("structure.header_at_two", first=sheet.header_row - 1, last=sheet.header_row)
    return t("upload.header_at", row=sheet.header_row)


def notes(sheet: Sheet) -> None:
    """What was noticed while reading, one line each; what a person may choose is asked elsewhere."""
    asked = {*structure.CHOICES, *((NoteCode.ENCODING_GUESS,) if sheet.rival else ())}
    told = [note for note in sheet.notes if note.code not in asked]
    if not told:
        return
    with st.container(border=True):
        st.markdown(f"**{t('upload.notes')}**")
        for note in told:
            st.markdown(f":material/info: {reading_notes.note_text(note)}")
        if sheet.parts:  # the sentences point to it as they do where one worksheet is read
            st.caption(t("together.otherwise" if sheet.sheet else "together.files_otherwise"))


def preview(draft: Draft) -> None:
    """The first rows as they were read, with the row numbers of the spreadsheet; what to do where there are none."""
    assert draft.sheet, "no sheet to show"
    sheet = draft.sheet
    if not sheet.has_rows:
        st.warning(t("structure.no_rows"))
        return
    shown = tables.cut(numbers.table(draft, sheet.table.loc[_first_rows(sheet)]))
    of_several = "together.preview" if sheet.sheet else "together.files_preview"
    told = of_several if sheet.parts else "upload.preview"
    st.caption(t(told, count=len(shown), total=len(sheet.table)))
    st.dataframe(
        shown.set_axis(pd.Index(map(row_name, shown.index), name=t("grid.row"))),
        height=320 if len(shown) > 9 else "content",
        row_height=30,
    )


def _first_rows(sheet: Sheet) -> pd.Index:
    """The rows of the preview; of several worksheets the first few of each, so that all of them are seen."""
    rows = reading_order(sheet.table.index)
    if not sheet.parts:
        return rows[:PREVIEW_ROWS]
    each = max(3, PREVIEW_ROWS // len(sheet.parts))
    starts = rows_of_file(rows).searchsorted([row_of_sheet(0, part.place) for part in sheet.parts])
    ends = [*starts[1:], len(rows)]
    return rows[[at for start, end in zip(starts, ends, strict=True) for at in range(start, end)[:each]]]
