"""Numbers and data: say how long things stay, delete everything about a number, see what is kept and what was done with it."""

from lib.ui import privacy, services

desk = services.get()

privacy.periods(desk)
privacy.number(desk)
privacy.holdings(desk.store)
privacy.log(desk.store)
