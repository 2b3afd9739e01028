"""One look at the task's number list before a run: which of its numbers are there already. GETs only.

It never stands in the way: a list that cannot be read in the time is said to be so, and the person goes on.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import pandas as pd

from lib.contact.keys import canonical_phone
from lib.draft import Draft
from lib.platform.connection import Connection
from lib.platform.deadline import time_limit
from lib.reconcile.number_list import Asked, read_once
from lib.run.states import ScanNote
from lib.store import AnyStore

#: Bounds of one look: seconds, and pages of 200 numbers.
SECONDS, PAGES = 10.0, 100


@dataclass(frozen=True)
class Present:
    """What the task was seen to hold. phones: canonical. is_whole: False where there may be more.

    at: clock of the look, in seconds.
    """

    phones: frozenset[str] = field(repr=False)
    is_whole: bool
    count: int
    at: float


def look(
    platform: Asked, connection: Connection, token: str, *, clock: Callable[[], float] = time.monotonic
) -> Present:
    """Read the list once, within the bounds. Never raises for what the platform does.

    platform: asked by GETs
    connection: with the address it has now
    token: what the platform is asked with; one that is refused gives a list that is not whole
    clock: monotonic seconds; it ends the reading, and `Present.at` is by it
    """
    over = clock() + SECONDS
    with time_limit(SECONDS):
        reading = read_once(platform, connection, token, go_on=lambda: clock() < over, cap=PAGES)
    is_whole = reading.note == ScanNote.COMPLETE and not reading.hides_phones
    return Present(frozenset(reading.by_phone), is_whole, reading.size, clock())


def already_there(
    draft: Draft, store: AnyStore, connection: Connection, present: Present
) -> tuple[pd.Series, pd.Series]:
    """Numbers about to be sent that the task holds, of others and of our own; index = spreadsheet row number.

    Our own went there from here: about them the person has been asked, and has decided to send them again.

    draft: reviewed for this connection; what its review would send is compared
    store: asked which numbers went to this task, only where the draft sends again to it
    connection: of the task that was looked at
    present: what `look` saw of it, whole or not
    """
    review = draft.review(connection)
    if not present.phones:
        nothing = review.contacts["phone"].iloc[:0]
        return nothing, nothing
    phones = review.contacts.loc[review.sendable, "phone"]
    there: pd.Series = phones[phones.map(canonical_phone).isin(present.phones)]
    is_own = there.isin(
        store.history.already_sent(connection, there)["phone"] if draft.sends_again(connection) else ()
    )
    return there[~is_own], there[is_own]


def leave_out(draft: Draft, connection: Connection, there: pd.Series) -> None:
    """Do not send these numbers: also not from a further row, which would step in for the one that is left out.

    draft: is changed: every row with one of these numbers is left out
    connection: of the review that `there` comes from
    there: numbers as `already_there` gives them, spelled as in the review; which rows they stand in does not count
    """
    phones = draft.review(connection).contacts["phone"]
    draft.leave_out(phones.index[phones.isin(there)].tolist())
