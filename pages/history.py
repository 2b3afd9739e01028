"""History: find every batch and its unique_id, take the results home."""

import streamlit as st

from lib.ui import arrivals, history, messages, overview, run_panel, services
from lib.ui.words import t

desk = services.get()
runs = desk.store.runs()

if not runs:
    messages.nothing_here(t("history.empty"), "upload", t("guard.to_upload"))
    st.stop()

overview.sent_per_day(desk.store)
run = history.choose(runs)

if run is None:
    history.all_batches(desk.store)
else:
    run_panel.watch(desk, run.id)
    arrivals.panel(desk, run.id)
    history.downloads(desk.store, run)
    history.events(desk.store, run)
