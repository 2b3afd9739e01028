"""What a sender keeps in mind of the others on its database (lib.store.share has what they keep to together).

Tokens that a person typed are in one process's memory, and a practice platform belongs to one process: a run is left to
whoever can send it. Where nobody does for a while, a sender takes it up and says what is missing.
"""

from collections.abc import Callable

from lib.run.records import ActiveRun

#: Seconds with nothing to do; between two looks whether another sender has left room; between two beats.
IDLE_SECONDS, ROOM_SECONDS, BEAT_SECONDS = 1.0, 0.1, 1.0

#: Seconds a run is left to others by one that has no token for it.
PATIENCE_SECONDS = 20.0


class Sharing:
    """One for an engine, under its lock. clock: monotonic seconds.

    waits_for_room: at the last look there was more to send than this sender may have in flight. is_displaced: it was
    taken for gone, and has to sign on anew.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.waits_for_room = self.is_displaced = False
        self._attended = clock()
        self._unknowns: dict[
            str, int
        ] = {}  # run → outcomes ever left unknown, as far as this sender has heard
        self._idle_since: dict[
            str, tuple[int, float]
        ] = {}  # run → planned batches, and since when nobody sends them

    def is_due(self) -> bool:
        """Whether it is time to say again that this sender lives."""
        now = self._clock()
        if 0 <= now - self._attended < BEAT_SECONDS:
            return False
        self._attended = now
        return True

    def idle_seconds(self, rate: float | None) -> float:
        """Until the next look."""
        if not self.waits_for_room:
            return IDLE_SECONDS
        return min(ROOM_SECONDS, 0.5 / rate) if rate else ROOM_SECONDS

    def learns(self, run: ActiveRun) -> bool:
        """Whether more outcomes of the run were left unknown than this sender knows of; from now on it knows of them."""
        known = self._unknowns.get(run.id, 0)
        self._unknowns[run.id] = run.ever_unknown
        return run.ever_unknown > known

    def leaves_unknown(self, run_id: str) -> None:
        """This sender is about to record an unknown outcome itself."""
        self._unknowns[run_id] = self._unknowns.get(run_id, 0) + 1

    def unknowns_of(self, run_id: str) -> int:
        """Outcomes of the run that were left unknown, as far as it knows."""
        return self._unknowns.get(run_id, 0)

    def leaves_to_others(self, run: ActiveRun, *, has_token: bool) -> bool:
        """Whether the run is for somebody else to send."""
        if has_token:
            self._idle_since.pop(run.id, None)
            return False
        planned, since = self._idle_since.get(run.id, (-1, 0.0))
        if run.sending or planned != run.planned:
            planned, since = run.planned, self._clock()
            self._idle_since[run.id] = planned, since
        return self._clock() - since < PATIENCE_SECONDS
