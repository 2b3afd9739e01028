"""The durable sender: claims batches, sends them, records how each ended. Knows no page; meets the pages in the store.

One thread decides (`step`), one thread per request in flight sends. Who of several processes sends, what one that dies
leaves behind, and how fast it goes: README.
"""

import logging
import math
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial

from lib.engine.rules import (
    CAREFUL_ROOM,
    AttemptEffect,
    Pace,
    apply_effect,
    effect_of_error,
    effect_of_list,
    effect_of_look,
    effect_of_refusal,
)
from lib.engine.sleep_guard import SleepGuard
from lib.errors import AppError, NotSent, PlatformError, StoreUnavailable
from lib.platform.answers import Receipt
from lib.platform.connection import Connection
from lib.platform.deadline import time_limit
from lib.reconcile import Destination, Reconciler
from lib.reconcile.look_first import PresenceCheck, says_repeated
from lib.run.records import ActiveRun, AttemptResult, Claim, Fenced, Gone, RunRecord, Withdrawn
from lib.run.settings import Settings
from lib.run.states import Outcome, Why
from lib.store import Store

log = logging.getLogger(__name__)

#: One POST; calls its last argument just before the first byte (lib.platform.api.Platform.send).
Send = Callable[[Connection, str, bytes, Callable[[], None]], Receipt]

#: Seconds: look again when nothing was said, another process may have written; try for the lock again; see that it is held.
IDLE_SECONDS, STANDBY_SECONDS, ATTEND_SECONDS = 1.0, 1.0, 1.0

#: Seconds for which one without a run's token leaves the lock to those who stand by, and for which the run waits at most.
HANDOVER_SECONDS, PATIENCE_SECONDS = 3.0, 20.0

#: Seconds until a database that could not record is asked again.
STORAGE_RETRY_SECONDS = 2.0

#: Seconds `close` waits for requests in flight. What takes longer is settled at the next start.
CLOSE_SECONDS = 30.0

#: Seconds until the reconciler looks whether a person asked for something.
LOOK_SECONDS = 2.0


@dataclass(frozen=True)
class EngineStatus:
    """How the sender is. stands_by: not this process sends. storage: code of the StoreUnavailable it waits on, "" for none.

    waits: run → seconds for which the eldest of its requests has been without an answer; limits: run → seconds it may
    take. rests: run → seconds until the next request after a failure, or as long as the platform asked for.
    """

    stands_by: bool
    storage: str
    waits: Mapping[str, float] = field(default_factory=dict)
    rests: Mapping[str, float] = field(default_factory=dict)
    limits: Mapping[str, float] = field(default_factory=dict)


@dataclass
class _InFlight:
    claim: Claim
    started: float
    unknowns: int  # outcomes of its run left unknown before it began (Pace)
    is_careful: bool
    limit: float  # seconds for its request (Settings.answer_seconds)
    wired: bool = False
    wired_at: float = 0.0  # monotonic
    looked: str = ""  # ScanNote of the look before a second sending


def _in_a_thread(job: Callable[[], None], name: str = "sending") -> threading.Thread:
    thread = threading.Thread(target=job, name=name, daemon=True)
    thread.start()
    return thread


class Engine:
    """Sends for one database. concurrency: requests in flight, 1 to 16, in place of the store's setting; clock:
    monotonic seconds. reconciler: looks for unknown outcomes on a thread beside, from `start` to `close`.

    `start` runs it on a thread of its own; a test calls `step` instead, with `spawn` that runs the job at once.
    follows: a thread whose batch was accepted claims the next one in the transaction that records it, while only one
    run is going: two commits a batch instead of three. sleep_guard: tells that the computer slept.
    """

    def __init__(
        self,
        store: Store,
        send: Send,
        destination: Destination | None = None,
        *,
        concurrency: int | None = None,
        clock: Callable[[], float] = time.monotonic,
        jitter: Callable[[float, float], float] = random.uniform,
        spawn: Callable[[Callable[[], None]], object] = _in_a_thread,
        follows: bool = True,
        reconciler: Reconciler | None = None,
        sleep_guard: SleepGuard | None = None,
    ) -> None:
        self._sleep_guard = sleep_guard or SleepGuard()
        self._settings = Settings() if concurrency is None else Settings(concurrency)
        self._is_fixed = concurrency is not None
        self._next_post = 0.0  # monotonic; only where a rate is set
        self._reconciler = reconciler
        self._store, self._send, self._destination = store, send, destination
        self._clock, self._jitter, self._spawn = clock, jitter, spawn
        self._epoch = 0  # 0 while it stands by
        self._guard = threading.Condition()  # over everything below
        self._in_flight: dict[int, _InFlight] = {}
        self._unrecorded: list[tuple[Claim, AttemptResult]] = []
        self._paces: dict[str, Pace] = {}
        self._runs: dict[str, RunRecord] = {}
        self._storage, self._closing = "", False
        self._doubtful = False  # a transaction was reported broken: it may stand all the same
        self._follows, self._is_alone = follows, False
        self._attended, self._abstains_until = clock(), clock()
        self._missing: dict[str, float] = {}  # run whose token is not here → since when
        self._awake, self._look_awake = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None
        self._looking: threading.Thread | None = None

    # --- for the app ---------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to send, and to look for unknown outcomes. Idempotent."""
        if self._thread is None:
            self._thread = _in_a_thread(self._loop, "engine")
        if self._looking is None and self._reconciler:
            self._looking = _in_a_thread(partial(self._look, self._reconciler), "looking")

    def wake(self) -> None:
        """Something was written that may be sent: look now."""
        self._awake.set()
        self._look_awake.set()

    def close(self, limit_seconds: float = CLOSE_SECONDS) -> bool:
        """Claim nothing more, and wait for what is in flight to be recorded; whether all of it was. Idempotent."""
        deadline = time.monotonic() + limit_seconds
        with self._guard:
            self._closing = True
        if self._reconciler:
            self._reconciler.close()
        self.wake()
        if self._thread:  # first: it may be claiming at this moment
            self._thread.join(limit_seconds)
        if self._looking:
            self._looking.join(max(0.0, deadline - time.monotonic()))
        with self._guard:
            done = self._guard.wait_for(lambda: not self._in_flight, max(0.0, deadline - time.monotonic()))
        try:
            is_flushed = self._flush()
            self._resign()
            return is_flushed and done
        except StoreUnavailable as error:
            log.warning("not all could be recorded at the end (%s)", error.code)
            return False

    @property
    def status(self) -> EngineStatus:
        """How the sender is, for a page to show."""
        with self._guard:
            now = self._clock()
            on_wire = [attempt for attempt in self._in_flight.values() if attempt.wired]
            on_wire.sort(key=lambda attempt: -attempt.wired_at)  # the eldest of a run last
            waits = {attempt.claim.run_id: now - attempt.wired_at for attempt in on_wire}
            limits = {attempt.claim.run_id: attempt.limit for attempt in on_wire}
            rests = {
                run_id: pace.not_before - now for run_id, pace in self._paces.items() if pace.not_before > now
            }
            return EngineStatus(not self._epoch, self._storage, waits, rests, limits)

    def _loop(self) -> None:
        while True:
            self._awake.clear()
            wait = self.step()
            if wait is None:
                return
            self._awake.wait(wait)

    def _look(self, reconciler: Reconciler) -> None:
        """Unknown outcomes, on their own thread: reading a long list must not hold up sending."""
        while not self._is_over():
            self._look_awake.clear()
            self._look_awake.wait(min(reconciler.step(), LOOK_SECONDS))

    def _is_over(self) -> bool:
        with self._guard:
            return self._closing

    # --- deciding ------------------------------------------------------------------------------------------

    def step(self) -> float | None:
        """Record what could not be recorded, then claim and start what may go. Never waits for an answer.

        Seconds after which another step is useful, sooner after `wake`; None: never again.
        """
        if self._is_over():
            return None
        try:
            if not self._flush():
                return STORAGE_RETRY_SECONDS
            if not self._is_sender():
                self._storage = ""
                self._sleep_guard.mark_awake()
                return STANDBY_SECONDS
            self._pause_if_slept()
            self._settings = self._settings if self._is_fixed else self._store.settings.get()
            if not self._clear_doubt():
                return STORAGE_RETRY_SECONDS
            self._claim_all()
        except Fenced:
            return self._give_way()
        except Gone:
            return 0.0  # and see what is left
        except StoreUnavailable as error:
            self._storage_fails(error)
            return STORAGE_RETRY_SECONDS
        with self._guard:
            self._storage = self._storage if self._unrecorded else ""
            now = self._clock()
            moments = [self._next_post, *(pace.not_before for pace in self._paces.values())]
        return min([IDLE_SECONDS, *(moment - now for moment in moments if moment > now)])

    # --- one of several processes --------------------------------------------------------------------------

    def _is_sender(self) -> bool:
        """Whether this process sends: it does, or the lock is free now. Raises Fenced where it does no longer."""
        now = self._clock()
        if not self._epoch:
            if now < self._abstains_until:
                return False
            self._epoch, self._attended = self._store.sender.take_over(), now
            with self._guard:
                self._paces.clear()  # of another time: what is unsettled is read anew
            if self._epoch:
                if self._reconciler:
                    self._reconciler.first.turned_away()  # as rows may have been by another process since
                log.info("this process sends now (%s)", self._epoch)
        elif not 0 <= now - self._attended < ATTEND_SECONDS:
            self._store.sender.attend(self._epoch)
            self._attended = now
        return self._epoch > 0

    def _give_way(self) -> float:
        """Another process sends: what this one took is no longer its own. It stands by from now on."""
        log.warning("another process has taken over sending")
        with suppress(StoreUnavailable):
            self._resign()
        return STANDBY_SECONDS

    def _resign(self) -> None:
        epoch, self._epoch = self._epoch, 0
        if epoch:
            self._store.sender.resign(epoch)

    def _lacks_token(self, run: ActiveRun, in_flight: Counter[str]) -> bool:
        """Whether the run waits for a process that has its token. What a person typed is in the memory of one alone; where
        nobody comes for it, the run is claimed all the same, and says what is missing.
        """
        if not run.planned or in_flight[run.id] or self._can_send(run.id):
            self._missing.pop(run.id, None)
            return False
        since = self._missing.setdefault(run.id, self._clock())
        return self._clock() - since < PATIENCE_SECONDS

    def _can_send(self, run_id: str) -> bool:
        try:
            return self._where(run_id)[1] is not None
        except NotSent:  # a practice platform that does not start here
            return False
        except PlatformError:
            return True  # forbidden: for the run to say

    def _hand_over(self, waiting: list[ActiveRun]) -> None:
        """Leave the lock to whoever stands by for a moment: one of them may have what is missing here. Once for each run."""
        self._missing |= {run.id: -math.inf for run in waiting}
        self._abstains_until = self._clock() + HANDOVER_SECONDS
        self._resign()

    # --- claiming ------------------------------------------------------------------------------------------

    def _pause_if_slept(self) -> None:
        """After a long sleep every run waits for a person; until that is recorded, no mark is made either."""
        if self._sleep_guard.has_slept():
            log.warning("this computer slept: running submissions wait for a person")
            self._store.sender.pause_running(Why.WOKE)
        self._sleep_guard.mark_awake()

    def _flush(self) -> bool:
        """Record the results that are only in memory; whether none is left."""
        with self._guard:
            waiting, self._unrecorded = self._unrecorded, []
        for claim, result in waiting:
            self._record(claim, result)
        with self._guard:
            return not self._unrecorded

    def _clear_doubt(self) -> bool:
        """Settle what a broken transaction may have claimed, as a new start would; whether all is clear.

        Waits until nothing is in flight: what is, holds the present epoch.
        """
        with self._guard:
            if not self._doubtful or self._in_flight:
                return not self._doubtful
        self._epoch = self._store.sender.take_over(expected=self._epoch)
        with self._guard:
            self._doubtful = False
        return True

    def _claim_all(self) -> None:
        runs = self._store.sender.active_runs()
        with self._guard:
            self._is_alone = len(runs) == 1
            in_flight = Counter(attempt.claim.run_id for attempt in self._in_flight.values())
            for gone in self._paces.keys() - in_flight - {run.id for run in runs}:
                del self._paces[gone]
            self._missing = {run.id: self._missing[run.id] for run in runs if run.id in self._missing}
        waiting = [run for run in runs if self._lacks_token(run, in_flight)]
        if waiting and not in_flight and all(run in waiting for run in runs if run.planned):
            self._hand_over(waiting)
            return
        for run in sorted(runs, key=lambda one: in_flight[one.id]):  # the run with the least in flight first
            room = self._room(run, in_flight)
            if run not in waiting and (room > 0 or not (run.planned or run.sending)):
                for claim in self._store.sender.claim(self._epoch, run.id, max(1, room)):
                    in_flight[run.id] += 1
                    self._launch(claim)

    def _room(self, run: ActiveRun, in_flight: Counter[str]) -> int:
        """How many batches of this run may be claimed now."""
        with self._guard:
            pace = self._paces.setdefault(run.id, Pace(careful=run.unsettled > 0))
            if not run.planned or self._clock() < max(pace.not_before, self._next_post):
                return 0
            room = self._settings.concurrency - in_flight.total()
            if self._settings.requests_per_second:
                room = min(room, 1)
            return min(room, CAREFUL_ROOM - in_flight[run.id]) if pace.is_careful else room

    def _launch(self, claim: Claim) -> None:
        if rate := self._settings.requests_per_second:
            self._next_post = max(self._next_post, self._clock()) + 1 / rate
        attempt = self._start_attempt(claim)
        try:
            self._spawn(lambda: self._run_attempts(attempt))
        except RuntimeError:  # the system gives no more threads: nothing was tried, and the run says so
            log.exception("there is no thread to send on")
            result = AttemptResult(Outcome.NOT_SENT, why="no_thread", tried=False, stop=Why.FAULT)
            self._record_result(attempt, AttemptEffect(result))

    def _start_attempt(self, claim: Claim) -> _InFlight:
        with self._guard:
            pace = self._paces.setdefault(claim.run_id, Pace())
            limit = float(self._settings.answer_seconds)
            attempt = _InFlight(claim, self._clock(), pace.unknowns, pace.careful, limit)
            self._in_flight[claim.attempt_id] = attempt
        return attempt

    # --- sending -------------------------------------------------------------------------------------------

    def _run_attempts(self, attempt: _InFlight | None) -> None:
        """One attempt from claim to record, and those that follow on it."""
        while attempt:
            attempt = self._run_attempt(attempt)

    def _run_attempt(self, attempt: _InFlight) -> _InFlight | None:
        """A bug in here is loud, and still leaves the batch in a true state."""
        effect: AttemptEffect | None = None
        following: _InFlight | None = None
        try:
            effect = self._carry_out(attempt)
        finally:
            outcome = Outcome.UNKNOWN if attempt.wired else Outcome.NOT_SENT
            fault = AttemptEffect(AttemptResult(outcome, why="fault", stop=Why.FAULT))
            following = self._record_result(attempt, effect or fault)
        return following

    def _carry_out(self, attempt: _InFlight) -> AttemptEffect:
        claim = attempt.claim
        try:
            connection, token = self._where(claim.run_id)
            if token is None:
                stop = Why.TOKEN_MISSING
                return AttemptEffect(AttemptResult(Outcome.NOT_SENT, why=stop.value, stop=stop, tried=False))
            if attempt.is_careful and (not_yet := self._ask_list(claim.run_id, connection, token)):
                return not_yet
            if claim.again and (not_yet := self._why_not_yet(attempt, connection, token)):
                return not_yet
            return self._exchange(attempt, connection, token)
        except AppError as error:
            return effect_of_error(error, wired=attempt.wired)

    def _exchange(self, attempt: _InFlight, connection: Connection, token: str) -> AttemptEffect:
        try:
            body = attempt.claim.body()
            with time_limit(attempt.limit):
                receipt = self._send(connection, token, body, lambda: self._mark_wire(attempt, token))
            return AttemptEffect.of_receipt(receipt)
        except PlatformError as error:
            effect = effect_of_error(error, wired=attempt.wired)
            is_repeat = says_repeated(error.message)
            if effect.result.outcome != Outcome.REFUSED or not (is_repeat or attempt.claim.again):
                return effect
            check = self._check_presence(attempt, connection, token)
            if check is None:
                return effect
            return effect_of_refusal(effect, check, is_repeat=is_repeat, again=attempt.claim.again)

    def _ask_list(self, run_id: str, connection: Connection, token: str) -> AttemptEffect | None:
        """Why nothing of the run leaves after an unknown outcome; None where the platform's list has answered since.

        Nothing is asked where all of it is settled by now: a person's decision is enough.
        """
        if self._reconciler is None or not self._store.sender.is_unsettled(run_id):
            return None
        return effect_of_list(self._reconciler.answers(run_id, connection, token))

    def _why_not_yet(self, attempt: _InFlight, connection: Connection, token: str) -> AttemptEffect | None:
        """Why rows that may have left before do not leave now; None where they may (I8)."""
        check = self._check_presence(attempt, connection, token)
        if check is None:
            return None
        attempt.looked = check.note
        return effect_of_look(check)

    def _check_presence(self, attempt: _InFlight, connection: Connection, token: str) -> PresenceCheck | None:
        """What the platform's list shows of this batch; None for a sender that looks for nothing."""
        if self._reconciler is None:
            return None
        if attempt.wired:
            self._reconciler.first.turned_away()  # the look has to begin after the answer
        return self._reconciler.first.look(
            attempt.claim.batch_id, connection, token, lambda: not self._is_over()
        )

    def _where(self, run_id: str) -> tuple[Connection, str | None]:
        assert self._destination, "start the engine with a destination"
        with self._guard:
            run = self._runs.get(run_id)
        run = run or self._store.runs.get(run_id)
        with self._guard:
            self._runs[run_id] = run
        return self._destination(run)

    def _mark_wire(self, attempt: _InFlight, token: str) -> None:
        """Just before the first byte. Whatever this raises keeps every byte back."""
        with self._guard:
            pace = self._paces.get(attempt.claim.run_id)
            is_news = pace is None or pace.unknowns != attempt.unknowns
        if is_news or self._sleep_guard.has_slept():
            raise Withdrawn("withdrawn")
        self._store.sender.wire(self._epoch, attempt.claim, token, attempt.looked)
        attempt.wired, attempt.wired_at = True, self._clock()

    def _record_result(self, attempt: _InFlight, effect: AttemptEffect) -> _InFlight | None:
        """Record the result; the attempt that follows on it, if any."""
        claim, following = attempt.claim, None
        if attempt.wired and effect.result.outcome == Outcome.HELD_BACK and self._reconciler:
            self._reconciler.first.turned_away()
        with self._guard:
            pace, result = apply_effect(
                self._paces.setdefault(claim.run_id, Pace()),
                effect,
                started=attempt.started,
                unknowns=attempt.unknowns,
                now=self._clock(),
                jitter=self._jitter,
            )
            self._paces[claim.run_id] = pace
            is_held = self._closing or not self._epoch or self._doubtful or not self._is_alone
            is_held = is_held or bool(self._settings.requests_per_second) or pace.is_careful
            is_held = is_held or len(self._in_flight) > self._settings.concurrency
            is_held = is_held or self._sleep_guard.has_slept()
            follow = int(self._follows and result.outcome == Outcome.ACCEPTED and not is_held)
        try:
            for claimed in self._record(claim, result, follow):
                following = self._start_attempt(claimed)
        finally:
            with self._guard:
                self._in_flight.pop(claim.attempt_id, None)
                self._guard.notify_all()
            if following is None:
                self._awake.set()
            if effect.result.outcome == Outcome.UNKNOWN:
                self._look_awake.set()
        return following

    def _record(self, claim: Claim, result: AttemptResult, follow: int = 0) -> list[Claim]:
        """Write the result, or keep it: nothing new is claimed until it is written, and then its run waits for a person."""
        try:
            return self._store.sender.finish(self._epoch, claim, result, follow)
        except StoreUnavailable as error:
            with self._guard:
                self._unrecorded.append((claim, replace(result, stop=result.stop or Why.STORAGE)))
            self._storage_fails(error)
        except Fenced:
            self._attended = -math.inf  # the next step finds out whether another process sends now
        return []

    def _storage_fails(self, error: StoreUnavailable) -> None:
        with self._guard:
            is_news, self._storage, self._doubtful = self._storage != error.code, error.code, True
        if is_news:
            log.warning("the database cannot record (%s); nothing new is sent", error.code)
