"""When to ask what became of a batch, and when that is settled. Pure. All times are seconds."""

from lib.run.arrivals import ArrivalNote

#: Seconds after the acceptance at which the first looks are due, then between two later ones, and the end of looking.
FIRST_LOOKS = (10.0, 30.0, 60.0, 120.0, 300.0, 600.0)
LATER_LOOKS = 1_800.0
LAST_LOOK = 86_400.0

#: Looks in a row that must have seen the same, and for how long, before what is not listed counts as not imported.
#: Nothing at all listed takes longer: a slow import looks the same.
SAME_LOOKS, SAME_SECONDS, EMPTY_SECONDS = 3, 60.0, 540.0

#: Seconds that a hint from outside leaves between two looks at a batch, however often it comes.
HINT_GAP = 10.0

#: Seconds for which a person's wish to withdraw a batch may be carried out.
WISH_SECONDS = 600.0

#: Notes that tell for good how much the platform tells.
_TELLING = frozenset({ArrivalNote.LISTED, ArrivalNote.MASKED, ArrivalNote.FOREIGN})


def first_due(ended: float) -> float:
    """When a batch accepted then is first asked about."""
    return ended + FIRST_LOOKS[0]


def next_due(looks: int, ended: float, now: float) -> float:
    """When the next look is due after `looks` of them; after a long silence they do not come all at once."""
    if looks < len(FIRST_LOOKS):
        gap = FIRST_LOOKS[looks] - (FIRST_LOOKS[looks - 1] if looks else 0.0)
        return max(ended + FIRST_LOOKS[looks], now + gap)
    return now + LATER_LOOKS


def is_settled(
    note: ArrivalNote, imported: int, rows: int, *, same_looks: int, same_seconds: float, age_seconds: float
) -> bool:
    """Whether asking may end. same_looks: looks in a row, this one included, with this note and as many imported.

    same_seconds: since the first of them; age_seconds: since the batch was accepted.
    """
    if imported >= rows or note == ArrivalNote.DATA_DELETED or age_seconds >= LAST_LOOK:
        return True
    if note == ArrivalNote.NOT_OFFERED:
        return same_looks >= SAME_LOOKS
    long_enough = same_seconds >= (SAME_SECONDS if imported else EMPTY_SECONDS)
    return note in _TELLING and same_looks >= SAME_LOOKS and long_enough


def is_poor(imported: int, missing: int, rows: int, least_percent: int) -> bool:
    """Whether a settled batch has too few of its numbers in. What is unconfirmed counts neither way."""
    known = imported + missing
    return bool(least_percent) and 2 * known >= rows > 0 and 100 * imported < least_percent * known
