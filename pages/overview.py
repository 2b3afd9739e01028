"""Overview: see what needs attention and what was sent, and start or continue an upload."""

from lib.store.permission import Action
from lib.ui import gate, state
from lib.ui.overview import overview

desk = gate.desk()
draft = state.draft(desk.store)
runs = desk.store.runs.latest(limit=50)

overview.restored(desk)
if not runs and not draft.sheet:
    overview.welcome()
overview.attention(runs)

if desk.may(Action.PREPARE):
    overview.start(desk, desk.connection(draft.connection_id))
    overview.drafts(desk, draft.id)
overview.figures(desk.store)
overview.recent(desk.store, runs)
