"""History: find every batch and its unique_id, take the results home."""

import streamlit as st

from lib.ui import arrivals, charts, history, messages, run_panel, services
from lib.ui.words import t

desk = services.get()
runs = desk.store.runs()

if not runs:
    messages.nothing_here(t("history.empty"), "upload", t("guard.to_upload"))
    st.stop()

charts.sent_per_day(desk.store.sent_per_day(days=30))
run = history.choose(runs)

if run is None:
    history.all_batches(desk.store)
else:
    history.gone(run)
    run_panel.watch(desk, run.id)
    arrivals.panel(desk, run.id)
    st.subheader(t("history.downloads"))
    full = not run.data_deleted and history.wants_full()
    history.downloads(desk.store, run, full=full)
    arrivals.missing(desk, desk.store.run(run.id), full=full)
    history.events(desk.store, run)
    history.delete_data(desk.store, run)
