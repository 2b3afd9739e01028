"""Submit: see the whole plan, press one button, watch it go; pause, resume or cancel."""

import streamlit as st

from lib.ui import gate, guards, state
from lib.ui.parts import inspector, task_picker
from lib.ui.submit import pace, plan_card, preflight, run, scenario, start, task_notice

desk = gate.desk()
draft = state.draft(desk.store)

if draft.run_id:
    run.watch(desk, draft.run_id)
    run.bar(desk, draft.run_id, offers=True)
    st.stop()

guards.sheet(draft)
guards.mapped(draft)
connection = desk.connection(draft.connection_id)

plan_card.card(draft, connection, task_picker.name(desk, connection))
task_notice.before_sending(desk, connection)
may_send = preflight.card(desk, draft, connection)
start.choice(draft, connection)
pace.settings(desk.store)
scenario.choice(desk, connection)
plan_card.list_source(draft)
inspector.first_batch(desk, draft, connection)
if may_send:
    plan_card.button(desk, draft, connection)
