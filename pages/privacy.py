"""Numbers and data: say how long things stay, delete everything about a number, see what is kept and what was done with it."""

from lib.store.permission import Action
from lib.ui import gate
from lib.ui.privacy import privacy

desk = gate.desk()

if desk.may(Action.SETTINGS):
    privacy.periods(desk)
if desk.may(Action.DELETE):
    privacy.number(desk)
privacy.holdings(desk.store)
privacy.log(desk.store)
