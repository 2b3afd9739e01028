"""Overview: see what this is and what needs attention, and start or continue an upload."""

import streamlit as st

from lib.ui import navigation, overview, services, state
from lib.ui.words import t

desk = services.get()
draft = state.draft(desk.store)
runs = desk.store.runs(limit=50)

if not runs and not draft.sheet:
    overview.welcome()

overview.attention(runs)

with st.container(horizontal=True):
    if st.button(t("overview.start"), type="primary", icon=":material/upload_file:"):
        state.open_draft(desk.store, None)
        st.switch_page(navigation.path("upload"))
    if st.button(t("overview.sample"), icon=":material/science:"):
        overview.take_sample(desk.store)
        st.switch_page(navigation.path("upload"))

overview.drafts(desk.store, draft.id)
overview.recent(desk.store, runs)
