"""When to look again, and what looks amount to. Pure. All times are seconds."""

from collections.abc import Sequence

from lib.run.records import Look
from lib.run.states import TELLS_NOTHING, HeldAs

#: Seconds after the attempt ended at which the first looks are due, then between two later ones.
FIRST_LOOKS = (60.0, 300.0, 600.0, 1_200.0)
LATER_LOOKS = 1_800.0

#: Seconds of looking in vain after which a person has to look on the platform.
GIVE_UP_SECONDS = 86_400.0

#: What makes an absence ripe.
LEAST_LOOKS, LEAST_SPAN, LAG_FACTOR = 3, 900.0, 3.0

#: Seconds for which a complete look is fresh enough to send what is missing again (T15).
FRESH_SECONDS = 60.0


def ripe(
    scans: Sequence[Look], attempt_ended: float, now: float, largest_lag: float, positive_control: bool
) -> bool:
    """Whether what was not found may count as absent: three complete looks, long enough apart, at a list that shows what is there.

    Long enough: 15 minutes, and three times the largest import delay seen in the task. Looks from before the attempt's
    end, or from a future the clock has left again, do not count.
    """
    complete = [look.at for look in scans if look.complete and attempt_ended <= look.at <= now]
    if len(complete) < LEAST_LOOKS or not positive_control:
        return False
    return max(complete) - min(complete) >= max(LEAST_SPAN, LAG_FACTOR * largest_lag)


def next_look(looks: Sequence[Look], since: float, *, asked: bool = False) -> float:
    """When the next look is due. since: when the attempt ended, or a person asked to start over."""
    if asked:
        return since
    made = len(looks)
    if made < len(FIRST_LOOKS):
        return since + FIRST_LOOKS[made]
    return looks[-1].at + LATER_LOOKS


def held_as(looks: Sequence[Look], ended: float, now: float, largest_lag: float) -> HeldAs | None:
    """What a person has to decide over after these looks; None where looking goes on."""
    if not looks:
        return None
    last = looks[-1]
    if last.complete and last.missing and ripe(looks, ended, now, largest_lag, last.control):
        return HeldAs.PARTIAL if last.found else HeldAs.ABSENT
    blind = [look.at for look in looks if look.note in TELLS_NOTHING]
    is_blind = len(blind) >= LEAST_LOOKS and blind[-1] - blind[0] >= LEAST_SPAN and last.note in TELLS_NOTHING
    if is_blind or now - looks[0].at >= GIVE_UP_SECONDS:
        return HeldAs.NO_EVIDENCE
    return None


def is_fresh(ended: float, now: float) -> bool:
    """Whether a complete look that ended then may still be acted upon."""
    return ended > 0 and 0 <= now - ended <= FRESH_SECONDS
