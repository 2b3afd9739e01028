"""Upload: choose a file or paste a table, see what was read from it and what was noticed."""

import streamlit as st

from lib.errors import AppError
from lib.ui import component_names, file_panel, gate, guards, messages, navigation, state, structure_panel
from lib.ui.words import t

desk = gate.desk()
draft = state.draft(desk.store)
guards.not_submitted(draft)

chosen = file_panel.chosen()
if chosen is not None:
    try:
        with st.spinner(t("upload.reading")):
            draft.load_sheet(*chosen)
        file_panel.taken()
        st.rerun()
    except AppError as error:
        messages.show(error)

file_panel.offers(desk.store, component_names.known(desk, desk.connection(draft.connection_id)))

if draft.sheet is not None:
    file_panel.facts(draft.sheet)
    try:
        structure_panel.rival(draft)
        structure_panel.reading_options(draft)
    except AppError as error:
        messages.show(error)
    structure_panel.choices(draft)
    file_panel.notes(draft.sheet)
    file_panel.preview(draft)
    navigation.go_button("mapping", t("upload.next"), disabled=draft.sheet.table.empty)
