"""History: every submission and what came of it; one of them with its results, its batches and their unique_id."""

import streamlit as st

from lib.errors import AppError
from lib.store.permission import Action
from lib.ui import gate, messages, navigation, state
from lib.ui.history import arrivals, callbacks, history, missing_rows, runs
from lib.ui.overview import overview
from lib.ui.submit import run as run_panel
from lib.ui.words import t

desk = gate.desk()
run = None
try:
    run = desk.store.runs.get(state.run_in_url()) if state.run_in_url() else None
except AppError as error:
    messages.show(error)

if run is not None:
    state.show_run_in_url(run.id)
    st.page_link(navigation.path("history"), label=t("history.all"), icon=":material/arrow_back:")
    callbacks.line(desk)
    history.gone(run)
    full = not run.data_deleted and desk.may(Action.REVEAL) and history.wants_full()
    history.downloads(desk, run, full=full)
    missing_rows.download(desk.store, run, full=full)
    run_panel.watch(desk, run.id)
    run_panel.bar(desk, run.id, offers=False)
    arrivals.panel(desk, run.id)
    callbacks.documents(desk, run.id)
    history.events(desk.store, run)
    if desk.may(Action.DELETE):
        history.delete_data(desk.store, run)
    st.stop()

found = desk.store.runs.latest()
if not found:
    upload = "upload" if desk.may(Action.PREPARE) else None
    messages.nothing_here(t("history.empty"), upload, "guard.to_upload")
    st.stop()

callbacks.line(desk)
how = history.arrangement()
if how == "batches":
    history.all_batches(desk.store)
    callbacks.documents(desk, None)
elif how == "task":
    runs.by_task(desk, found)
else:
    runs.by_time(desk, found)
overview.sent_per_day(desk.store)
