"""What kind of table it is, as far as only a person knows: which rows and columns count, where the header stands."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from lib.contact.masking import mask_seen
from lib.draft import Draft
from lib.sheet import NO_HEADER, NoteCode, Sheet
from lib.sheet.choices import ROW_CHOICES
from lib.ui import keys, messages, state
from lib.ui.parts import numbers
from lib.ui.parts.reading_notes import ENCODINGS, encoding_name, note_text
from lib.ui.words import t
from lib.workbook.columns import letter
from lib.workbook.limits import EXCEL_ROWS
from lib.workbook.typed_lines import BLANKS, NUMBER

#: Delimiters a person may choose; none makes every line one cell.
DELIMITERS = {
    ",": "comma",
    "\t": "tab",
    ";": "semicolon",
    "|": "bar",
    "，": "wide_comma",
    "、": "list_comma",
    "；": "wide_semicolon",
    "：": "wide_colon",
    ":": "colon",
    BLANKS: "blanks",
    NUMBER: "number",
    "": "none",
}

#: What a person may let in or out, and the option of `sheet.read` that does it.
CHOICES = {**ROW_CHOICES, NoteCode.HIDDEN_COLUMNS: "hidden_columns"}

#: Choice of the header that asks for the number of its row.
_TYPED_ROW = -1


def choices(draft: Draft) -> None:
    """One line for each kind of row or column that may not be meant; nothing where the file has none."""
    assert draft.sheet
    found: dict[str, list[str]] = {}
    for note in draft.sheet.notes:
        if note.code in CHOICES:
            found.setdefault(CHOICES[note.code], []).append(note_text(note))
    if not found:
        return
    with st.container(border=True):
        st.markdown(f"**{t('structure.choose')}**")
        for option, told in found.items():
            _choice(draft, option, told)
        st.caption(t("structure.keeps_work"))


def _choice(draft: Draft, option: str, told: Sequence[str]) -> None:
    """told: a sentence; where several worksheets are one list, one for each that it is about, and one choice for all."""
    key, labels = keys.of("structure", option, draft.id), {True: t("structure.in"), False: t("structure.out")}
    state.set_widget(key, draft.reads(option))
    st.radio(
        "  \n".join(told),
        labels,
        format_func=labels.__getitem__,
        key=key,
        on_change=messages.attempt(partial(_let, draft, option, key)),
        horizontal=True,
    )


def _let(draft: Draft, option: str, key: str) -> None:
    draft.reread(**{option: state.widget(key)})


def reading_options(draft: Draft) -> None:
    """Another header, worksheet, encoding or delimiter. Raises SheetRefused; the earlier reading stays."""
    sheet = draft.sheet
    assert sheet
    if sheet.parts:
        return  # each worksheet is read as when it is read alone; `together` leads back there
    with st.expander(t("upload.otherwise")):
        st.caption(t("upload.otherwise_means"))
        wanted = _header(draft, sheet)
        if len(sheet.sheets) > 1:
            wanted |= _other(
                "sheet",
                t("upload.sheet"),
                sheet.sheet or "",
                {name: mask_seen(name) for name in sheet.sheets},
            )
        if sheet.encoding:
            is_text = sheet.sheet is None
            left, right = st.columns(2)
            with left:
                every = [name for name in ENCODINGS if is_text or not name.startswith("utf-16")]
                names = {name: encoding_name(name) for name in (sheet.encoding, *every)}
                wanted |= _other("encoding", t("upload.encoding"), sheet.encoding, names)
            if is_text:
                with right:
                    found = sheet.delimiter or ""
                    marks = {mark: t(f"structure.delimiter.{name}") for mark, name in DELIMITERS.items()}
                    wanted |= _other("delimiter", t("structure.delimiter"), found, {found: found} | marks)
        if st.button(t("upload.read_again"), disabled=not wanted):
            draft.reread(**wanted)
            st.rerun()


def _other(option: str, label: str, found: str, names: dict[str, str]) -> dict[str, Any]:
    """A choice among values of an option of `read`; {} as long as it is the one that was found."""
    chosen = st.selectbox(label, names, index=list(names).index(found), format_func=names.__getitem__)
    return {option: chosen} if chosen != found else {}


def _header(draft: Draft, sheet: Sheet) -> dict[str, Any]:
    """Where the header stands: one of the first rows by its text, or any row by its number."""
    texts = dict(sheet.top)
    labels = {NO_HEADER: t("structure.header_none")}
    labels |= {
        row: t("structure.header_row", row=str(row), text=numbers.text(draft, text))
        for row, text in texts.items()
    }
    labels[_TYPED_ROW] = t("structure.header_typed")
    found = sheet.header_row or NO_HEADER
    row = st.selectbox(
        t("structure.header"),
        labels,
        index=list(labels).index(found),
        format_func=labels.__getitem__,
        help=t("structure.header_help"),
    )
    if row == _TYPED_ROW:
        typed = st.number_input(
            t("structure.header_number"), min_value=1, max_value=EXCEL_ROWS, value=None, step=1
        )
        if typed is None:
            return {}
        row = typed
    two = bool(row and row != min(texts)) and st.checkbox(
        t("structure.header_two"), value=sheet.header_rows == 2
    )
    if (row, two) == (found, sheet.header_rows == 2):
        return {}
    return {"header_row": row, "header_rows": 2 if two else 1}


def rival(draft: Draft) -> None:
    """Two readings side by side where the file leaves a doubt. Raises SheetRefused; the earlier reading stays."""
    assert draft.sheet
    sheet, other = draft.sheet, draft.sheet.rival
    if other is None:
        return
    with st.container(border=True):
        st.markdown(f"**{t(f'structure.rival.{other.option}')}**")
        if other.needed:
            st.caption(t("structure.rival.neither"))
        left, right = st.columns(2)
        by_encoding = other.option == "encoding"
        left.caption(
            t(
                "structure.rival_now",
                how=_reading(by_encoding, sheet.encoding if by_encoding else sheet.delimiter),
            )
        )
        left.dataframe(_frame(draft, other.own), hide_index=True)
        if other.needed and left.button(t("structure.rival_keep"), key="structure.own", width="stretch"):
            draft.reread(encoding=sheet.encoding)
            st.rerun()
        right.caption(t("structure.rival_other", how=_reading(by_encoding, other.value)))
        right.dataframe(_frame(draft, other.rows), hide_index=True)
        if right.button(t("structure.rival_take"), key="structure.rival", width="stretch"):
            draft.reread(**{other.option: other.value})
            st.rerun()


def _reading(by_encoding: bool, value: str | None) -> str:
    """What a way of reading is called."""
    if by_encoding:
        return encoding_name(value or "")
    return t(f"structure.delimiter.{DELIMITERS[value]}") if value in DELIMITERS else str(value)


def _frame(draft: Draft, rows: tuple[tuple[str, ...], ...]) -> pd.DataFrame:
    frame = pd.DataFrame(rows).fillna("").map(partial(numbers.text, draft))
    return frame.set_axis([letter(at) for at in range(frame.shape[1])], axis=1)
