"""Do-not-call list: keep numbers that must never be called, and say which numbers count as called recently."""

from lib.store.permission import Action
from lib.ui import gate, state
from lib.ui.privacy import do_not_call

desk = gate.desk()
draft = state.draft(desk.store)

do_not_call.show_result()
count = do_not_call.listed(desk.store)
if desk.may(Action.DO_NOT_CALL):
    do_not_call.add(desk.store, draft)
    if count:
        do_not_call.take_away(desk.store, draft, count)
if desk.may(Action.SETTINGS):
    do_not_call.recent(desk.store, draft)
