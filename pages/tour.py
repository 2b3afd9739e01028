"""Guided tour: show somebody in five minutes what the desk does when things go wrong; in practice only."""

from lib.ui import gate, state
from lib.ui.submit import run
from lib.ui.tour import tour

desk = gate.desk()
draft = state.draft(desk.store)
sent = desk.store.runs.get(draft.run_id) if draft.run_id else None

tour.show(desk, sent.connection if sent else desk.connection(draft.connection_id), run.glance)
