"""Several worksheets with the same columns: said, offered as one list, and taken apart again; nothing of it without a press."""

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
    elif draft.alike:
        _can_be_read(draft, draft.sheet)


def _can_be_read(draft: Draft, sheet: Sheet) -> None:
    rows = dict(draft.alike)
    with st.container(border=True):
        st.markdown(f":material/layers: **{t('together.found', count=len(rows))}**")
        doubtful = [name for name in rows if not is_meant(name) and name != sheet.sheet]
        chosen = st.multiselect(
            t("together.which"),
            rows,
            default=[name for name in rows if name not in doubtful],
            format_func=lambda name: t("together.sheet", sheet=mask_seen(name), count=rows[name]),
            key=keys.of("together", draft.id, sheet.sheet),
        )
        if doubtful:
            st.caption(t("together.not_meant", sheets=listed(doubtful)))
        label = t("together.read", count=sum(rows[name] for name in chosen))
        if st.button(label, key="together.read", icon=":material/layers:", disabled=len(chosen) < 2):
            draft.read_together([name for name in rows if name in chosen], t("together.column"))
            st.rerun()
        if draft.edits:
            st.caption(t("upload.otherwise_means"))


def _is_read(draft: Draft, sheet: Sheet) -> None:
    place = sheet.parts[-1].place
    with st.container(border=True):
        st.markdown(
            ":material/layers: "
            + t(
                "together.is",
                sheets=listed([part.name for part in sheet.parts]),
                column=plain(str(sheet.table.columns[-1])),
                row=row_name(row_of_sheet(12, place)),
                place=place,
            )
        )
        read = {part.name for part in sheet.parts}
        if others := [name for name in sheet.sheets if name not in read]:
            st.caption(t("together.others", sheets=listed(others)))
        first = mask_seen(sheet.sheet or "")
        if sheet.sheets and st.button(t("together.back", sheet=first), key="together.back"):
            draft.read_alone()
            st.rerun()
