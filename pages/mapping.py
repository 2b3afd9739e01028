"""Mapping: see what becomes of each column of the sheet, change it, and see what will be sent."""

import streamlit as st

from lib.ui import gate, guards, navigation, state
from lib.ui.mapping import (
    closed_fields,
    component_names,
    component_table,
    fields,
    reading,
    recipes,
    rows,
    summary,
)
from lib.ui.words import t

desk = gate.desk()
draft = state.draft(desk.store)
guards.not_submitted(desk, draft)
guards.sheet(draft)
connection = desk.connection(draft.connection_id)
options = connection.options
draft.use_words_of(connection)

summary.origin(draft)
recipes.offer(desk, draft, keep_as=connection)
columns = st.container()  # drawn once the names of components are known

st.header(t("mapping.components"), anchor=False)
st.caption(t("components.intro"))
component_names.panel(desk, draft, connection)
listed = component_names.known(desk, connection)
component_table.table(draft, listed)
if options.ignore_crm and not all(row.is_left_out for row in draft.component_rows):
    st.error(t("blocked.components_ignored"))
    navigation.go_button("connection", "guard.to_connection", primary=False)

with columns:
    rows.table(draft, listed)
    fields.rest(draft)
    closed_fields.words(draft, connection)

st.header(t("mapping.preview"), anchor=False)
summary.preview(draft)
reading.panel(desk, draft, connection)
if unused := summary.unused(draft):
    st.caption(unused)

blocked = [] if draft.has_phone() else [t("mapping.phone_first")]
if draft.component_mistakes:
    blocked.append(t("mapping.components_first"))
with navigation.bar("", blocked):
    navigation.go_button("review", "mapping.next", disabled=bool(blocked))
