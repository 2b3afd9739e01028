"""Several worksheets with the same columns, or files: said, offered as one list, and taken apart again; nothing of it without a press."""

import streamlit as st

from lib.contact.masking import mask_seen
from lib.draft import Draft
from lib.sheet import Sheet
from lib.sheet.row_numbers import row_name, row_of_sheet
from lib.sheet.together import is_meant
from lib.ui import keys
from lib.ui.parts.reading_notes import listed
from lib.ui.words import plain, t


def offer(draft: Draft) -> None:
    """What can be read as one list, or is; nothing where there is only one such worksheet. Raises SheetRefused; the earlier reading stays."""
    assert draft.sheet
    if draft.sheet.parts:
        _is_read(draft, draft.sheet)
    elif draft.alike and draft.sheet.sheets:  # not of a file that was cut
        _can_be_read(draft, draft.sheet)


def _can_be_read(draft: Draft, sheet: Sheet) -> None:
    rows = dict(draft.alike)
    doubtful = [name for name in rows if not is_meant(name) and name != sheet.sheet]
    with st.container(border=True):
        said, press = st.columns([3, 2], vertical_alignment="center")
        said.markdown(f":material/layers: **{t('together.found', count=len(rows))}**")
        chosen = st.multiselect(
            t("together.which"),
            rows,
            default=[name for name in rows if name not in doubtful],
            format_func=lambda name: t("together.sheet", sheet=mask_seen(name), count=rows[name]),
            key=keys.of("together", draft.id, sheet.sheet),
            label_visibility="collapsed",
        )
        if doubtful:
            st.caption(t("together.not_meant", sheets=listed(doubtful)))
        if draft.edits:
            st.caption(t("upload.otherwise_means"))
        label = t("together.read", count=sum(rows[name] for name in chosen))
        if press.button(label, key="together.read", width="stretch", disabled=len(chosen) < 2):
            draft.read_together([name for name in rows if name in chosen], t("together.column"))
            st.rerun()


def _is_read(draft: Draft, sheet: Sheet) -> None:
    place, read = sheet.parts[-1].place, [part.name for part in sheet.parts]
    with st.container(border=True):
        said, press = st.columns([4, 1], vertical_alignment="center")
        said.markdown(f":material/layers: **{t('together.is', sheets=listed(read))}**")
        column, row = plain(str(sheet.table.columns[-1])), row_name(row_of_sheet(12, place))
        told = "together.rows" if sheet.sheet else "together.files_rows"
        st.caption(t(told, column=column, row=row, place=place))
        if others := [name for name in sheet.sheets if name not in read]:
            st.caption(t("together.others", sheets=listed(others)))
        back = t("together.back", sheet=mask_seen(sheet.sheet or ""))
        if sheet.sheets and press.button(back, key="together.back", width="stretch"):
            draft.read_alone()
            st.rerun()
