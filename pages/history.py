"""History: find every batch and its unique_id, take the results home."""

import streamlit as st

from lib.store.permission import Action
from lib.ui import gate, messages
from lib.ui.history import arrivals, callbacks, history, missing_rows
from lib.ui.overview import overview
from lib.ui.parts import journal
from lib.ui.submit import run as run_panel
from lib.ui.words import t

desk = gate.desk()
runs = desk.store.runs.latest()

if not runs:
    upload = "upload" if desk.may(Action.PREPARE) else None
    messages.nothing_here(t("history.empty"), upload, t("guard.to_upload"))
    journal.panel(desk.store)
    st.stop()

callbacks.line(desk)
overview.sent_per_day(desk.store)
run = history.choose(runs)

if run is None:
    history.all_batches(desk.store)
    callbacks.documents(desk, None)
    journal.panel(desk.store)
else:
    history.gone(run)
    run_panel.watch(desk, run.id)
    arrivals.panel(desk, run.id)
    callbacks.documents(desk, run.id)
    st.header(t("history.downloads"), anchor=False)
    full = not run.data_deleted and desk.may(Action.REVEAL) and history.wants_full()
    history.downloads(desk.store, run, full=full)
    missing_rows.download(desk.store, run, full=full)
    history.events(desk.store, run)
    if desk.may(Action.DELETE):
        history.delete_data(desk.store, run)
