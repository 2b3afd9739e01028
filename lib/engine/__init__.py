"""The durable sender: claims batches, sends them, records how each ended. Knows no page; meets the pages in the store.

One thread decides (`step`), one thread per request in flight sends. A process that dies at any point leaves marks from
which the next one tells what surely was not sent (README, "The two marks"). Backoff lives in memory and uses a
monotonic clock: no decision depends on the computer's date.
"""

import logging
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

from lib.engine.rules import (
    AttemptEffect,
    Pace,
    apply_effect,
    effect_of_error,
    effect_of_look,
    effect_of_refusal,
)
from lib.engine.sharing import Sharing
from lib.engine.sleep_guard import SleepGuard
from lib.errors import AppError, PlatformError, StoreUnavailable
from lib.platform.answers import Receipt
from lib.platform.connection import Connection
from lib.reconcile import Destination, Reconciler
from lib.reconcile.look_first import PresenceCheck, says_repeated
from lib.run.records import CAREFUL_ROOM, ActiveRun, AttemptResult, Claim, Fenced, RunRecord, Share, Withdrawn
from lib.run.settings import Settings
from lib.run.states import Outcome, Why
from lib.store import Store

log = logging.getLogger(__name__)

#: One POST; calls its last argument just before the first byte (lib.platform.api.Platform.send).
Send = Callable[[Connection, str, bytes, Callable[[], None]], Receipt]

#: Seconds: look again when nothing was said; another process may have written.
IDLE_SECONDS = 1.0

#: Seconds until a database that could not record is asked again.
STORAGE_RETRY_SECONDS = 2.0

#: Seconds `close` waits for requests in flight. What takes longer is settled at the next start.
CLOSE_SECONDS = 30.0

#: Seconds until the reconciler looks whether a person asked for something.
LOOK_SECONDS = 2.0


@dataclass(frozen=True)
class EngineStatus:
    """How the sender is. fenced: another process sends now. storage: code of the StoreUnavailable it waits on, "" for none."""

    in_flight: int
    fenced: bool
    storage: str


@dataclass
class _InFlight:
    claim: Claim
    started: float
    wired: bool = False
    looked: str = ""  # ScanNote of the look before a second sending


def _in_a_thread(job: Callable[[], None]) -> None:
    threading.Thread(target=job, name="sending", daemon=True).start()


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
        spawn: Callable[[Callable[[], None]], None] = _in_a_thread,
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
        self._epoch = 0
        self._guard = threading.Condition()  # over everything below
        self._in_flight: dict[int, _InFlight] = {}
        self._unrecorded: list[tuple[Claim, AttemptResult]] = []
        self._paces: dict[str, Pace] = {}
        self._runs: dict[str, RunRecord] = {}
        self._storage, self._fenced, self._closing = "", False, False
        self._doubtful = False  # a transaction was reported broken: it may stand all the same
        self._follows, self._is_alone = follows, False
        self._sharing = Sharing(clock) if store.is_on_server else None
        self._awake, self._look_awake = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None
        self._looking: threading.Thread | None = None

    # --- for the app ---------------------------------------------------------------------------------------

    def start(self, destination: Destination | None = None, reconciler: Reconciler | None = None) -> None:
        """Begin to send, and to look for unknown outcomes. Idempotent."""
        self._destination = destination or self._destination
        self._reconciler = self._reconciler or reconciler
        if self._thread is None:
            self._thread = threading.Thread(target=self._loop, name="engine", daemon=True)
            self._thread.start()
        if self._looking is None and self._reconciler:
            self._looking = threading.Thread(
                target=self._look, args=(self._reconciler,), name="looking", daemon=True
            )
            self._looking.start()

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
            self._store.sender.resign()
            return is_flushed and done
        except StoreUnavailable as error:
            log.warning("results that could not be recorded stay beside the database (%s)", error.code)
            return False

    @property
    def status(self) -> EngineStatus:
        """How the sender is, for a page to show."""
        with self._guard:
            return EngineStatus(len(self._in_flight), self._fenced, self._storage)

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
            wait = reconciler.step()
            self._awake.set()  # a held run may go on
            self._look_awake.wait(min(wait, LOOK_SECONDS))

    def _is_over(self) -> bool:
        with self._guard:
            return self._closing or self._fenced

    # --- deciding ------------------------------------------------------------------------------------------

    def step(self) -> float | None:
        """Record what could not be recorded, then claim and start what may go. Never waits for an answer.

        Seconds after which another step is useful, sooner after `wake`; None: never again.
        """
        with self._guard:
            if self._closing or self._fenced:
                return None
        try:
            self._sign_on()
            self._pause_if_slept()
            self._settings = self._settings if self._is_fixed else self._store.settings.get()
            if not self._flush() or not self._clear_doubt():
                return STORAGE_RETRY_SECONDS
            self._claim_all()
        except Fenced:
            return self._give_way()
        except StoreUnavailable as error:
            self._storage_fails(error)
            return STORAGE_RETRY_SECONDS
        with self._guard:
            self._storage = self._storage if self._unrecorded else ""
            now = self._clock()
            moments = [self._next_post, *(pace.not_before for pace in self._paces.values())]
            idle = (
                self._sharing.idle_seconds(self._settings.requests_per_second)
                if self._sharing
                else IDLE_SECONDS
            )
        return min([idle, *(moment - now for moment in moments if moment > now)])

    def _sign_on(self) -> None:
        """Become a sender, or stay one."""
        if not self._epoch or (self._sharing and self._sharing.is_displaced):
            self._epoch = self._store.sender.take_over()
            if self._sharing:
                self._sharing.is_displaced = False
        elif self._sharing and self._sharing.is_due():
            self._store.sender.attend(self._epoch)

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
            is_done = not self._unrecorded
        if waiting and is_done:
            self._store.sender.clear_unrecorded()
        return is_done

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
            for gone in self._paces.keys() - {run.id for run in runs}:
                del self._paces[gone]
        if self._sharing:
            self._sharing.waits_for_room = False
        for run in sorted(runs, key=lambda one: in_flight[one.id]):  # the run with the least in flight first
            room = self._room(run, in_flight)
            if room > 0 or not (run.planned or run.sending):
                self._claim(run, max(1, room), in_flight)
        if (
            not self._sharing
            and any(run.sending > in_flight[run.id] for run in runs)
            and not self._store.sender.is_current(self._epoch)
        ):
            raise Fenced(
                "fenced"
            )  # somebody else is sending, or died sending: without a claim we would never notice

    def _claim(self, run: ActiveRun, room: int, in_flight: Counter[str]) -> None:
        if self._sharing is None:
            claims = self._store.sender.claim(self._epoch, run.id, room)
        elif self._sharing.leaves_to_others(run, has_token=not run.planned or self._can_send(run.id)):
            return
        else:
            claims = self._store.sender.claim(self._epoch, run.id, room, self._share(run.id))
            has_rate = self._settings.requests_per_second is not None
            self._sharing.waits_for_room |= run.planned > len(claims) and (has_rate or len(claims) < room)
        for claim in claims:
            in_flight[run.id] += 1
            self._launch(claim)

    def _can_send(self, run_id: str) -> bool:
        try:
            return self._where(run_id)[1] is not None
        except PlatformError:
            return False

    def _share(self, run_id: str, rest: float = 0.0) -> Share:
        """What this sender asks by, and keeps to, beside the others on the database."""
        with self._guard:
            is_careful = self._paces.setdefault(run_id, Pace()).is_careful
        return Share(self._settings.concurrency, self._settings.requests_per_second, is_careful, rest)

    def _room(self, run: ActiveRun, in_flight: Counter[str]) -> int:
        """How many batches of this run may be claimed now."""
        with self._guard:
            is_news = run.id not in self._paces and run.unknown > 0
            if self._sharing and self._sharing.learns(run):  # another sender has left an outcome unknown
                is_news = True
                self._paces[run.id] = replace(self._paces.get(run.id, Pace()), careful=True)
            if is_news and self._reconciler:
                self._reconciler.hold_run(run.id)
            pace = self._paces.setdefault(run.id, Pace(careful=run.unknown > 0))
            if (
                not run.planned
                or self._clock() < max(pace.not_before, self._next_post)
                or self._is_stopped(run.id)
            ):
                return 0
            room = self._settings.concurrency - in_flight.total()
            if self._settings.requests_per_second:
                room = min(room, 1)
            return min(room, CAREFUL_ROOM - in_flight[run.id]) if pace.is_careful else room

    def _is_stopped(self, run_id: str) -> bool:
        """After an unknown outcome nothing of the run leaves until the platform's list has answered once."""
        return self._reconciler is not None and not self._reconciler.is_clear(run_id)

    def _launch(self, claim: Claim) -> None:
        if (rate := self._settings.requests_per_second) and not self._sharing:
            self._next_post = max(self._next_post, self._clock()) + 1 / rate
        attempt = self._start_attempt(claim)
        try:
            self._spawn(lambda: self._run_attempts(attempt))
        except RuntimeError:  # the system gives no more threads: nothing was tried
            self._record_result(
                attempt,
                AttemptEffect(AttemptResult(Outcome.NOT_SENT, why="no_thread", tried=False, stop=Why.FAULT)),
            )
            raise

    def _start_attempt(self, claim: Claim) -> _InFlight:
        attempt = _InFlight(claim, self._clock())
        with self._guard:
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
            following = self._record_result(
                attempt, effect or AttemptEffect(AttemptResult(outcome, why="fault", stop=Why.FAULT))
            )
        return following

    def _carry_out(self, attempt: _InFlight) -> AttemptEffect:
        claim = attempt.claim
        try:
            connection, token = self._where(claim.run_id)
            if token is None:
                return AttemptEffect(
                    AttemptResult(Outcome.NOT_SENT, why="token_missing", stop=Why.TOKEN_MISSING, tried=False)
                )
            if claim.again and (not_yet := self._why_not_yet(attempt, connection, token)):
                return not_yet
            return self._exchange(attempt, connection, token)
        except AppError as error:
            return effect_of_error(error, wired=attempt.wired)

    def _exchange(self, attempt: _InFlight, connection: Connection, token: str) -> AttemptEffect:
        try:
            return AttemptEffect.of_receipt(
                self._send(connection, token, attempt.claim.body(), lambda: self._mark_wire(attempt, token))
            )
        except PlatformError as error:
            effect = effect_of_error(error, wired=attempt.wired)
            is_repeat = says_repeated(error.message)
            if effect.result.outcome != Outcome.REFUSED or not (is_repeat or attempt.claim.again):
                return effect
            check = self._check_presence(attempt, connection, token)
            return effect_of_refusal(effect, check, is_repeat=is_repeat) if check else effect

    def _why_not_yet(self, attempt: _InFlight, connection: Connection, token: str) -> AttemptEffect | None:
        """Why rows that may have left before do not leave now; None where they may (I8)."""
        if self._sharing and self._reconciler:
            self._reconciler.first.turned_away()  # perhaps by an answer to another sender: the look has to begin after it
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
        if self._is_stopped(attempt.claim.run_id) or self._sleep_guard.has_slept():
            raise Withdrawn("withdrawn")
        if self._sharing is None:
            self._store.sender.wire(self._epoch, attempt.claim, token, attempt.looked)
        else:
            known = self._sharing.unknowns_of(attempt.claim.run_id)
            self._store.sender.wire(self._epoch, attempt.claim, token, attempt.looked, known)
        attempt.wired = True

    def _record_result(self, attempt: _InFlight, effect: AttemptEffect) -> _InFlight | None:
        """Record the result; the attempt that follows on it, if any."""
        claim, following = attempt.claim, None
        if attempt.wired and effect.result.outcome == Outcome.HELD_BACK and self._reconciler:
            self._reconciler.first.turned_away()
        with self._guard:
            pace = self._paces.setdefault(claim.run_id, Pace())
            pace, result = apply_effect(
                pace, effect, started=attempt.started, now=self._clock(), jitter=self._jitter
            )
            self._paces[claim.run_id] = pace
            if result.outcome == Outcome.UNKNOWN and self._reconciler:
                self._reconciler.hold_run(claim.run_id)
            if result.outcome == Outcome.UNKNOWN and self._sharing:
                self._sharing.leaves_unknown(claim.run_id)
            is_held = self._closing or self._fenced or self._doubtful or not self._is_alone
            is_held = is_held or bool(self._settings.requests_per_second) or self._is_stopped(claim.run_id)
            is_held = is_held or self._sleep_guard.has_slept()
            follow = int(self._follows and result.outcome == Outcome.ACCEPTED and not is_held)
        try:
            for claimed in self._record(claim, result, follow, effect.rest):
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

    def _record(self, claim: Claim, result: AttemptResult, follow: int = 0, rest: float = 0.0) -> list[Claim]:
        """Write the result, or keep it: nothing new is claimed until it is written, and then its run waits for a person."""
        try:
            if self._sharing is None:
                return self._store.sender.finish(self._epoch, claim, result, follow)
            return self._store.sender.finish(
                self._epoch, claim, result, follow, self._share(claim.run_id, rest)
            )
        except StoreUnavailable as error:
            with self._guard:
                self._unrecorded.append((claim, replace(result, stop=result.stop or Why.STORAGE)))
            self._store.sender.keep_unrecorded(claim, result)
            self._storage_fails(error)
        except Fenced:
            if not self._sharing:  # of several, each finds out by its next step whether it was taken for gone
                self._give_way()
        return []

    def _storage_fails(self, error: StoreUnavailable) -> None:
        with self._guard:
            is_news, self._storage, self._doubtful = self._storage != error.code, error.code, True
        if is_news:
            log.warning("the database cannot record (%s); nothing new is sent", error.code)

    def _give_way(self) -> float | None:
        """The one sender of a file ends here; one of several signs on anew. As `step`."""
        if self._sharing:
            self._sharing.is_displaced = True
            return 0.0
        with self._guard:
            is_news, self._fenced = not self._fenced, True
        if is_news:
            log.warning("another process has taken over sending")
        return None
