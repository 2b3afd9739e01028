"""Upload: choose a file or paste a table, see what was read from it and what was noticed."""

import streamlit as st

from lib.errors import AppError
from lib.ui import gate, guards, messages, navigation, state
from lib.ui.mapping import component_names, recipes, summary
from lib.ui.parts import destination
from lib.ui.upload import file, structure, together
from lib.ui.words import t

desk = gate.desk()
draft = state.draft(desk.store)
guards.not_submitted(desk, draft)

connection = desk.connection(draft.connection_id)
destination.changed_since_last_run(desk, draft, connection)
chosen = file.chosen()
if chosen:
    try:
        with st.spinner(t("upload.reading")):
            file.take(draft, chosen)
        file.taken()
    except AppError as error:
        file.refused(error)
    st.rerun()
messages.pending(file.PLACE)

listed = component_names.known(desk, connection)
file.offers(desk.store, listed)

if draft.sheet is not None:
    file.facts(draft.sheet)
    recipes.offer(desk, draft)
    try:
        together.offer(draft)
        structure.rival(draft)
        structure.reading_options(draft)
    except AppError as error:
        messages.show(error)
    structure.choices(draft)
    file.notes(draft.sheet)
    file.preview(draft)
    undecided = draft.sheet.rival is not None and draft.sheet.rival.needed
    blocked = [t("guard.unsure_text")] if undecided else []
    goes_on = not blocked and draft.leaves_no_doubt(connection, listed)
    with navigation.bar(summary.in_short(draft) if goes_on else "", blocked):
        is_empty = draft.sheet.table.empty
        navigation.go_button("mapping", "upload.next", primary=not goes_on, disabled=is_empty or undecided)
        if goes_on:
            navigation.go_button("review", "mapping.next", disabled=is_empty)
