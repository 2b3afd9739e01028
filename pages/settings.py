"""Settings: numbers never to call, what is kept of people, how fast is sent, who did what, and how this installation is."""

from lib.store.permission import Action
from lib.ui import gate, state, tabs
from lib.ui.about import about
from lib.ui.parts import journal
from lib.ui.privacy import do_not_call, privacy
from lib.ui.submit import pace

desk = gate.desk()
tab = tabs.choose(desk)

if tab == "do_not_call":
    draft = state.draft(desk.store)
    do_not_call.show_result()
    count = do_not_call.listed(desk.store)
    if desk.may(Action.DO_NOT_CALL):
        do_not_call.add(desk.store, draft)
        if count:
            do_not_call.take_away(desk.store, draft, count)
    if desk.may(Action.SETTINGS):
        do_not_call.recent(desk.store, draft)
elif tab == "privacy":
    if desk.may(Action.SETTINGS):
        privacy.periods(desk)
    if desk.may(Action.DELETE):
        privacy.number(desk)
    privacy.holdings(desk.store)
    privacy.log(desk.store)
elif tab == "pace":
    pace.settings(desk.store, folded=False)
elif tab == "journal":
    journal.lines(desk.store)
else:
    found = about.findings(desk)
    about.checks(found)
    about.data(desk)
    about.versions()
    about.support(desk, found)
