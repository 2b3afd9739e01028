"""When to look again, and what looks amount to. Pure. All times are seconds.

Absence ripens on the time that passed while somebody looked (`Look.passed`), never on dates: a clock that is set proves nothing.
"""

from collections.abc import Iterator, Sequence
from itertools import accumulate, takewhile

from lib.run.records import Look
from lib.run.states import TELLS_NOTHING, HeldAs, ScanNote

#: Seconds before each of the first looks, from the attempt's end or from the look before; then between two later ones. The fourth
#: comes a minute before the twentieth is over: should the list move just then, it is read again in time.
FIRST_PAUSES = (60.0, 240.0, 300.0, 540.0)
LATER_PAUSE = 1_800.0

#: Seconds after which a list that changed while it was read is read again, doubled up to the longest. Takes none of the looks' turns.
MOVED_PAUSE, LONGEST_MOVED_PAUSE = 15.0, 60.0

#: Seconds of looking in vain after which a person has to look on the platform.
GIVE_UP_SECONDS = 86_400.0

#: What makes an absence ripe.
LEAST_LOOKS, LEAST_SPAN, LAG_FACTOR = 3, 900.0, 3.0

#: Seconds for which a complete look is fresh enough to send what is missing again (T15).
FRESH_SECONDS = 60.0


def looked(looks: Sequence[Look]) -> Iterator[tuple[Look, float]]:
    """Each look with the seconds of looking until it."""
    return zip(looks, accumulate(look.passed for look in looks), strict=True)


def ripe(looks: Sequence[Look], largest_lag: float) -> bool:
    """Whether what was not found may count as absent: three complete looks, far enough apart, at a list that shows what is there.

    Far enough: 15 minutes, and three times the largest import delay seen in the task.
    """
    moments = [at for look, at in looked(looks) if look.complete]
    if len(moments) < LEAST_LOOKS or not looks[-1].control:
        return False
    return moments[-1] - moments[0] >= max(LEAST_SPAN, LAG_FACTOR * largest_lag)


def pause_before(looks: Sequence[Look]) -> float:
    """Seconds from the last of these looks until the next, without any from the attempt's end."""
    if moved := _moved_last(looks):
        return float(min(LONGEST_MOVED_PAUSE, MOVED_PAUSE * 2 ** (moved - 1)))
    made = sum(look.note != ScanNote.LIST_MOVED for look in looks)
    pause = FIRST_PAUSES[made] if made < len(FIRST_PAUSES) else LATER_PAUSE
    if repeats := _moved_last(looks[:-1]):  # it is reckoned from the turn's first look
        pause -= sum(look.passed for look in looks[-repeats:])
    return max(MOVED_PAUSE, pause)


def _moved_last(looks: Sequence[Look]) -> int:
    """How many of the last looks in a row found the list moving."""
    return sum(1 for _ in takewhile(lambda look: look.note == ScanNote.LIST_MOVED, reversed(looks)))


def next_look(looks: Sequence[Look], since: float) -> float:
    """When the next look is due, as a date.

    looks: those since a person last asked to start over, the first one first
    since: seconds since 1970 when the attempt ended, or a person asked to start over
    """
    return (looks[-1].at if looks else since) + pause_before(looks)


def held_as(looks: Sequence[Look], now: float, largest_lag: float) -> HeldAs | None:
    """What a person has to decide over after these looks; None where looking goes on.

    looks: those since a person last asked to start over, the first one first; of none nothing follows
    now: seconds since 1970; GIVE_UP_SECONDS from the first look end it, where LEAST_SPAN of looking has passed too
    largest_lag: longest import delay seen in this task, 0 for none; it only makes absence ripen later
    """
    if not looks:
        return None
    last, total = looks[-1], sum(look.passed for look in looks[1:])
    if last.complete and last.missing and ripe(looks, largest_lag):
        return HeldAs.PARTIAL if last.found else HeldAs.ABSENT
    if is_without_list(looks):
        return HeldAs.NO_EVIDENCE
    blind = [at for look, at in looked(looks) if look.note in TELLS_NOTHING]
    is_blind = len(blind) >= LEAST_LOOKS and blind[-1] - blind[0] >= LEAST_SPAN and last.note in TELLS_NOTHING
    is_over = total >= LEAST_SPAN and now - looks[0].at >= GIVE_UP_SECONDS  # a date alone may have been set
    if is_blind or is_over or total >= GIVE_UP_SECONDS:
        return HeldAs.NO_EVIDENCE
    return None


def is_without_list(looks: Sequence[Look]) -> bool:
    """Whether the account is shown no list at all: waiting would change nothing. One that could be read before may come back."""
    return looks[-1].note == ScanNote.LIST_MISSING and not any(look.complete for look in looks)


def is_fresh(ended: float, now: float) -> bool:
    """Whether a complete look that ended then may still be acted upon."""
    return ended > 0 and 0 <= now - ended <= FRESH_SECONDS
