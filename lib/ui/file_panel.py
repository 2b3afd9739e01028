"""The pieces of the upload page: the uploader, what was read, how to read it otherwise, a preview."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from lib.directory import Component
from lib.draft import Draft
from lib.samples import sample, template
from lib.sheet import Sheet
from lib.store import Store
from lib.ui import keys, overview, state
from lib.ui.words import plain, t

#: File types offered in the file dialog; the content decides later.
TYPES = ["xlsx", "xlsm", "xls", "ods", "csv", "tsv", "txt"]

#: Encodings a person may choose instead of the one found.
ENCODINGS = ("utf-8", "gb18030", "utf-16", "big5")

#: Rows of the preview.
PREVIEW_ROWS = 100


def _view() -> dict[str, Any]:
    return state.view("upload", lambda: {"version": 0})


def uploader() -> Any:
    """The uploader; a new key after each file empties it and frees its bytes."""
    return st.file_uploader(
        t("upload.choose"), type=TYPES, key=keys.of("file", _view()["version"]), help=t("upload.choose_help")
    )


def taken() -> None:
    """The chosen file has been saved; the uploader may forget it."""
    _view()["version"] += 1


def offers(store: Store, components: Sequence[Component] = ()) -> None:
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
            overview.take_sample(store)
            st.rerun()
        name, data = sample(lang)
        st.download_button(t("upload.sample_download"), data=data, file_name=name, type="tertiary", on_click="ignore")


def facts(sheet: Sheet) -> None:
    """The file in one line of facts."""
    st.subheader(plain(sheet.name))
    parts = [
        t("upload.rows", count=len(sheet.table)),
        t("upload.columns", count=len(sheet.table.columns)),
        t("upload.header_at", row=sheet.header_row) if sheet.header_row else t("upload.no_header"),
    ]
    if sheet.sheet:
        parts.append(t("upload.from_sheet", sheet=plain(sheet.sheet)))
    if sheet.encoding:
        parts.append(t("upload.in_encoding", encoding=_encoding_name(sheet.encoding)))
    st.markdown(" · ".join(parts))


def reading_options(draft: Draft) -> None:
    """Another worksheet, header row or encoding. Raises SheetRefused; the earlier reading stays."""
    sheet = draft.sheet
    assert sheet
    wanted: dict[str, Any] = {}
    with st.expander(t("upload.otherwise")):
        st.caption(t("upload.otherwise_means"))
        left, right = st.columns(2)
        if len(sheet.sheets) > 1:
            chosen = left.selectbox(t("upload.sheet"), sheet.sheets, index=sheet.sheets.index(sheet.sheet or ""))
            wanted |= {"sheet": chosen} if chosen != sheet.sheet else {}
        if sheet.encoding:
            choices = tuple(dict.fromkeys((sheet.encoding, *ENCODINGS)))
            encoding = left.selectbox(t("upload.encoding"), choices, format_func=_encoding_name)
            wanted |= {"encoding": encoding} if encoding != sheet.encoding else {}
        row = right.number_input(
            t("upload.header_row"),
            0,
            max(200, sheet.header_row or 0),
            value=sheet.header_row or 0,
            help=t("upload.header_row_help"),
        )
        wanted |= {"header_row": row} if row != (sheet.header_row or 0) else {}
        if st.button(t("upload.read_again"), disabled=not wanted):
            draft.reread(**wanted)
            st.rerun()


def _encoding_name(encoding: str) -> str:
    names = {"utf-8": "UTF-8", "gb18030": "GB18030 / GBK", "utf-16": "UTF-16", "big5": "Big5"}
    return names.get(encoding, encoding)


def notes(sheet: Sheet) -> None:
    """What was noticed while reading, one line each."""
    if not sheet.notes:
        return
    with st.container(border=True):
        st.markdown(f"**{t('upload.notes')}**")
        for note in sheet.notes:
            params = {k: v if isinstance(v, int) else plain(v) for k, v in note.params.items()}
            st.markdown(f":material/info: {t(f'note.{note.code}', **params)}")


def preview(sheet: Sheet) -> None:
    """The first rows as they were read, with the row numbers of the spreadsheet."""
    shown = sheet.table.head(PREVIEW_ROWS)
    st.caption(t("upload.preview", count=len(shown), total=len(sheet.table)))
    st.dataframe(shown.rename_axis(t("grid.row")), height=320, row_height=30)
