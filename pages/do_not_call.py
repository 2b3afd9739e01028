"""Do-not-call list: keep numbers that must never be called, and say which numbers count as called recently."""

from lib.ui import do_not_call, services, state

desk = services.get()
draft = state.draft(desk.store)

do_not_call.told()
count = do_not_call.listed(desk.store)
do_not_call.add(desk.store, draft)
if count:
    do_not_call.take_away(desk.store, draft, count)
do_not_call.recent(desk.store, draft)
