"""Mapping: say which column feeds which field, see what will be sent."""

import streamlit as st

from lib.ui import component_names, component_table, gate, guards, mapping_rows, navigation, state
from lib.ui.words import t

desk = gate.desk()
draft = state.draft(desk.store)
guards.not_submitted(draft)
guards.sheet(draft)
connection = desk.connection(draft.connection_id)
options = connection.options

st.markdown(t("mapping.intro"))
mapping_rows.origin(draft)
for name in mapping_rows.NAMES:
    mapping_rows.row(draft, name)

mapping_rows.sex_words(draft)

st.header(t("mapping.components"), anchor=False)
st.caption(t("components.intro"))
component_names.panel(desk, draft, connection)
component_table.table(draft, component_names.known(desk, connection))
if options.ignore_crm and draft.component_rows:
    st.error(t("blocked.components_ignored"))
    navigation.go_button("connection", t("guard.to_connection"), primary=False)

st.header(t("mapping.preview"), anchor=False)
mapping_rows.preview(draft)

ready = draft.has_phone() and not draft.component_mistakes
if not draft.has_phone():
    st.warning(t("mapping.phone_first"))
navigation.go_button("review", t("mapping.next"), disabled=not ready)
