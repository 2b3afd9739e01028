"""Numbers and data: say how long things stay, delete everything about a number, see what is kept and what was done with it."""

from lib.ui import privacy, services

desk = services.get()

privacy.number(desk)
privacy.periods(desk)
privacy.holdings(desk.store)
privacy.log(desk.store)
