"""History: find every batch and its unique_id, take the results home."""

import streamlit as st

from lib.people import Action
from lib.ui import arrivals, charts, gate, history, journal, messages, run_panel
from lib.ui.words import t

desk = gate.desk()
runs = desk.store.runs()

if not runs:
    upload = "upload" if desk.may(Action.PREPARE) else None
    messages.nothing_here(t("history.empty"), upload, t("guard.to_upload"))
    journal.panel(desk.store)
    st.stop()

charts.sent_per_day(desk.store.sent_per_day(days=30))
run = history.choose(runs)

if run is None:
    history.all_batches(desk.store)
    journal.panel(desk.store)
else:
    run_panel.watch(desk, run.id)
    arrivals.panel(desk, run.id)
    history.downloads(desk.store, run)
    history.events(desk.store, run)
