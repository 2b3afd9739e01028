"""Overview: see what this is and what needs attention, and start or continue an upload."""

from lib.store.permission import Action
from lib.ui import gate, state
from lib.ui.overview import overview

desk = gate.desk()
draft = state.draft(desk.store)
runs = desk.store.runs.latest(limit=50)

if not runs and not draft.sheet:
    overview.welcome()

overview.restored(desk)
overview.attention(runs)

if desk.may(Action.PREPARE):
    overview.start(desk)
    overview.drafts(desk, draft.id)
overview.recent(desk.store, runs)
