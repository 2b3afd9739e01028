"""Rules switched off one by one: a suite that cannot see them missing proves nothing.

Each mutant patches a named seam of lib in this process; the schedules, or the test named, must then break.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from unittest.mock import patch

import httpx
from sqlalchemy import bindparam, false, func, literal, select, update
from sqlalchemy.exc import IntegrityError

from lib import engine
from lib.engine import rules, sleep_guard
from lib.errors import Conflict, NotSent, Throttled
from lib.platform import answers, api
from lib.platform.answers import FailureCode
from lib.reconcile import look_first, number_list
from lib.run import evidence_rules
from lib.run.records import ActiveRun, AttemptResult
from lib.run.states import STATE_AFTER, BatchState, Outcome, Progress, RunState
from lib.store import decisions, freeze, lock, marks, recovery, run_states, transitions
from lib.store.schema import attempt, batch, batch_body, contact_row, run
from lib.store.sender import Sender
from tests.core.reconcile_scenes import WallClock
from tests.faults.desk import desk
from tests.faults.schedule import Schedule
from tests.faults.world import World

#: Schedules within which a mutant must be seen.
LIMIT = 1_000

Switch = Callable[[], AbstractContextManager[object]]


@dataclass(frozen=True)
class Mutant:
    """rule: what is switched off. test: one that must fail instead of a schedule, "" for schedules; given: its other arguments."""

    rule: str
    switch: Switch
    test: str = ""
    given: Mapping[str, object] = field(default_factory=dict)


def _answers_as_throttled(statuses: range) -> AbstractContextManager[object]:
    real = answers.classify

    def classify(answer: answers.Answer, *, secret: str = "") -> object:
        return (
            Throttled(FailureCode.THROTTLED)
            if answer.http_status in statuses
            else real(answer, secret=secret)
        )

    return patch.object(answers, "classify", classify)


@contextmanager
def _broken_line_not_sent(kind: type[Exception]) -> Iterator[None]:
    """Two defences stand here, the edge's and the engine's: both are taken away."""
    real_error, real_effect = api.named_error, engine.effect_of_error

    def named_error(error: BaseException, *, crossed: bool) -> object:
        return (
            NotSent(FailureCode.CONNECT_TIMEOUT)
            if isinstance(error, kind)
            else real_error(error, crossed=crossed)
        )

    def effect_of_error(error: object, *, wired: bool) -> rules.AttemptEffect:
        return real_effect(error, wired=wired and not isinstance(error, NotSent))  # type: ignore[arg-type]

    with (
        patch.object(api, "named_error", named_error),
        patch.object(engine, "effect_of_error", effect_of_error),
    ):
        yield


def _statement(name: str, statement: object) -> AbstractContextManager[object]:
    return patch.object(transitions, name, statement)


def _mark(*conditions: object) -> object:
    """The mark, with only these conditions."""
    by_id = update(attempt).where(attempt.c.id == bindparam("by_attempt"), *conditions)  # type: ignore[arg-type]
    return by_id.values(progress=Progress.WIRE.value, wired=bindparam("now"))


def _taken(*conditions: object) -> object:
    """The claim, with only these conditions."""
    return (
        update(batch)
        .where(batch.c.id == bindparam("of_batch"), *conditions)  # type: ignore[arg-type]
        .values(
            state=BatchState.SENDING.value,
            tries=batch.c.tries + 1,
            attempt_id=bindparam("by_attempt"),
            why="",
        )
    )


def _all(*switches: Switch) -> Switch:
    @contextmanager
    def together() -> Iterator[None]:
        with ExitStack() as stack:
            for switch in switches:
                stack.enter_context(switch())
            yield

    return together


def _claims_what_flies() -> AbstractContextManager[object]:
    anything = (
        select(
            batch.c.id,
            batch.c.seq,
            batch.c.rows,
            batch.c.body_sha256,
            batch_body.c.body,
            false(),
            run.c.started,
        )
        .join(run, run.c.id == batch.c.run_id)
        .outerjoin(batch_body, batch_body.c.batch_id == batch.c.id)
        .where(run.c.id == bindparam("of_run"), run.c.state == RunState.RUNNING.value)
        .where(batch.c.state.in_([BatchState.PLANNED.value, BatchState.SENDING.value]))
        .order_by(batch.c.seq)
        .limit(bindparam("at_most"))
    )
    return _all(lambda: _statement("_NEXT", anything), lambda: _statement("_TAKE", _taken()))()


def _no_state_after(outcome: Outcome) -> Switch:
    return lambda: patch.dict(STATE_AFTER, {outcome: BatchState.PLANNED})


def _finish_compares_nothing() -> AbstractContextManager[object]:
    values = transitions._END._values
    anyhow = update(batch).where(batch.c.id == bindparam("of_batch")).values(values)
    closed = (
        update(attempt).where(attempt.c.id == bindparam("by_attempt")).values(outcome=bindparam("ended_as"))
    )
    return _all(lambda: _statement("_END_IN_EPOCH", anyhow), lambda: _statement("_CLOSE_ATTEMPT", closed))()


def _crash_forgets_the_mark() -> AbstractContextManager[object]:
    left = select(
        batch.c.run_id, batch.c.id.label("batch_id"), attempt.c.id.label("attempt_id"), batch.c.seq, batch.c.rows,
        literal(Progress.INTENT.value).label("progress"),
    )  # fmt: skip
    joined = left.join(attempt, attempt.c.id == batch.c.attempt_id).where(
        batch.c.state == BatchState.SENDING.value
    )
    return _statement("_LEFT_SENDING", joined)


def _cancels_what_flies() -> AbstractContextManager[object]:
    open_ones = (BatchState.PLANNED.value, BatchState.SENDING.value)
    statement = (
        update(batch)
        .where(batch.c.run_id == bindparam("of_run"), batch.c.state.in_(open_ones))
        .values(state=BatchState.CANCELLED.value)
    )
    return patch.object(run_states, "_CANCEL_PLANNED", statement)


def _two_runs_for_a_draft() -> AbstractContextManager[object]:
    real = freeze._run_facts
    return _all(
        lambda: patch.object(freeze, "run_of_draft", lambda tx, draft_id: None),
        lambda: patch.object(freeze, "_run_facts", lambda *facts: real(*facts) | {"draft_id": None}),
    )()


def _late_counts_as_anything() -> AbstractContextManager[object]:
    real = Sender.finish

    def finish(self: Sender, epoch: int, taken: object, ending: AttemptResult, follow: int = 0) -> object:
        late = Outcome.ACCEPTED if ending.outcome == Outcome.UNKNOWN else ending.outcome
        try:
            return real(self, epoch, taken, ending, follow)  # type: ignore[arg-type]
        except transitions.Fenced:
            return real(self, epoch, taken, replace(ending, outcome=late, unique_id="late"), follow)  # type: ignore[arg-type]

    return patch.object(Sender, "finish", finish)


def _half_a_list() -> AbstractContextManager[object]:
    """Only page 1, once, and whatever it says of itself."""

    def read_list(platform: object, connection: object, token: str, **rest: object) -> object:
        try:
            document = number_list.asked(lambda: platform.numbers(connection, token, 1, 200))  # type: ignore[attr-defined]
        except number_list.Unusable as error:
            return number_list.ListReading(error.note, 1)
        return number_list._reading([number_list._listed(row) for row in document["data"]], 1)

    never = {"data": {}}  # and no number's own page is asked for
    return _all(
        lambda: patch.object(number_list, "read_list", read_list),
        lambda: patch.object(World, "number", lambda self, connection, token, phone: never),
    )()


def _resends_all() -> AbstractContextManager[object]:
    """The child is made with every row of the parent, found or not."""

    def everything(tx: object, one: object) -> list[int]:
        rows = select(contact_row.c.row).where(
            contact_row.c.run_id == one.run_id,
            contact_row.c.batch_seq == one.seq,  # type: ignore[attr-defined]
        )
        return list(tx.execute(rows.order_by(contact_row.c.row)).scalars())  # type: ignore[attr-defined]

    return patch.object(decisions, "missing_rows", everything)


def _marks_asleep(self: engine.Engine, attempt: engine._InFlight, token: str) -> None:
    """The mark without asking whether the computer slept."""
    self._store.sender.wire(self._epoch, attempt.claim, token, attempt.looked)
    attempt.wired = True


def _counts_unknown_only(self: Sender) -> list[ActiveRun]:
    """What is held by now is taken for settled."""
    held = select(func.count()).where(
        batch.c.run_id == bindparam("of_run"), batch.c.state == BatchState.HELD.value
    )
    runs = _REAL_ACTIVE_RUNS(self)
    with self._db.read() as tx:
        return [
            replace(run, unsettled=run.unsettled - tx.execute(held, {"of_run": run.id}).scalar_one())
            for run in runs
        ]


_REAL_ACTIVE_RUNS = Sender.active_runs


def _marks_in_spite_of_news(self: engine.Engine, attempt: engine._InFlight, token: str) -> None:
    self._store.sender.wire(self._epoch, attempt.claim, token, attempt.looked)
    attempt.wired = True


_REAL_IS_SENDER = engine.Engine._is_sender


def _never_again(self: engine.Engine) -> bool:
    return self._attended != -math.inf and _REAL_IS_SENDER(self)


_REAL_HAND_OVER = engine.Engine._hand_over


def _hands_over_again(self: engine.Engine, waiting: list[ActiveRun]) -> None:
    _REAL_HAND_OVER(self, waiting)
    self._missing.clear()


def _epoch_not_settled(*, marked: bool) -> Switch:
    """What the one before left `sending` is settled without looking at its marks."""
    progress = Progress.WIRE if marked else Progress.INTENT
    columns = [column for column in transitions._LEFT_SENDING.selected_columns if column.name != "progress"]
    left = transitions._LEFT_SENDING.with_only_columns(*columns, literal(progress.value).label("progress"))
    return lambda: _statement("_LEFT_SENDING", left)


def _any_acceptance_ends_the_care() -> AbstractContextManager[object]:
    real = rules.apply_effect

    def apply_effect(pace: rules.Pace, effect: rules.AttemptEffect, **facts: object) -> object:
        return real(pace, effect, **(facts | {"unknowns": pace.unknowns}))  # type: ignore[arg-type]

    return patch.object(engine, "apply_effect", apply_effect)


def _pace_forgets_what_flies() -> AbstractContextManager[object]:
    """The pace of a run that is not active goes, whatever is in flight."""
    real = engine.Engine._claim_all

    def claim_all(self: engine.Engine) -> None:
        active = {run.id for run in self._store.sender.active_runs()}
        self._paces = {run_id: pace for run_id, pace in self._paces.items() if run_id in active}
        real(self)

    return patch.object(engine.Engine, "_claim_all", claim_all)


def _in_lock(name: str, replacement: object) -> Switch:
    return lambda: patch.object(lock.FileLock, name, replacement)


def _sends_without_the_lock() -> AbstractContextManager[object]:
    return patch.object(lock.FileLock, "take", lambda self, user: True)


_SEVERAL = "tests.core.engine.test_engine_several"
_UNKNOWN = "tests.core.engine.test_engine_unknown"
_WAKE = "tests.core.engine.test_fault_matrix_wake"

MUTANTS: dict[str, Mutant] = {
    "left_behind_is_all_unknown": Mutant(
        "T8",
        _epoch_not_settled(marked=True),
        test="tests.core.engine.test_engine_crash::test_dead_before_the_mark_is_planned_again_and_after_it_unknown",
    ),
    "left_behind_is_all_planned": Mutant("T9", _epoch_not_settled(marked=False)),
    "list_not_asked": Mutant(
        "after an unknown outcome nothing leaves until the list has answered",
        lambda: patch.object(engine.Engine, "_ask_list", lambda *facts: None),
        test=f"{_UNKNOWN}::test_after_an_unknown_outcome_nothing_leaves_until_the_list_has_answered",
    ),
    "list_silence_is_an_answer": Mutant(
        "silence of the list is a failure",
        lambda: patch.object(engine, "effect_of_list", lambda note: None),
        test=f"{_UNKNOWN}::test_a_list_that_stays_silent_pauses_the_run_and_one_press_asks_it_again",
    ),
    "settled_is_asked_all_the_same": Mutant(
        "a person's decision is enough",
        lambda: patch.object(Sender, "is_unsettled", lambda self, run_id: True),
        test=f"{_UNKNOWN}::test_where_a_person_decides_while_the_list_is_silent_the_run_goes_on",
    ),
    "held_is_not_unsettled": Mutant(
        "a new process asks the list also where the batch is held by now",
        lambda: patch.object(Sender, "active_runs", _counts_unknown_only),
        test=f"{_UNKNOWN}::test_a_new_process_that_finds_an_unknown_outcome_asks_the_list_first",
        given={"is_held": True},
    ),
    "marked_in_spite_of_news": Mutant(
        "what was claimed before an unknown outcome is kept back at the mark",
        lambda: patch.object(engine.Engine, "_mark_wire", _marks_in_spite_of_news),
        test=f"{_UNKNOWN}::test_what_was_claimed_before_the_outcome_is_kept_back_at_the_mark",
    ),
    "pace_forgets_what_flies": Mutant(
        "what was claimed before an unknown outcome is kept back after a pause too",
        _pace_forgets_what_flies,
        test=f"{_UNKNOWN}::test_what_was_claimed_before_the_outcome_is_kept_back_after_a_pause_too",
    ),
    "any_acceptance_ends_the_care": Mutant(
        "an acceptance from before the outcome does not end the care",
        _any_acceptance_ends_the_care,
        test=f"{_UNKNOWN}::test_an_acceptance_from_before_the_outcome_does_not_end_the_care",
    ),
    "late_result_not_flushed": Mutant(
        "one that stands by records what it knows",
        lambda: patch.object(engine.Engine, "_flush", lambda self: True),
        test=f"{_UNKNOWN}::test_an_acceptance_that_could_not_be_recorded_is_recorded_once_the_database_is_back",
    ),
    "two_hold_the_lock": Mutant(
        "one process sends",
        _sends_without_the_lock,
        test=f"{_SEVERAL}::test_one_sends_and_the_other_stands_by_and_nothing_goes_twice",
    ),
    "lock_kept_after_giving_way": Mutant(
        "one that gave way leaves the lock",
        lambda: patch.object(Sender, "resign", lambda self, epoch: None),
        test=f"{_SEVERAL}::test_one_that_closes_leaves_nothing_to_find_out",
    ),
    "never_attends": Mutant(
        "one that was taken for gone finds it out and comes back",
        lambda: patch.object(Sender, "attend", lambda self, epoch: None),
        test=f"{_SEVERAL}::test_where_the_file_of_the_lock_is_deleted_the_elder_gives_way",
    ),
    "gives_way_for_good": Mutant(
        "a sender that gave way takes over again",
        lambda: patch.object(engine.Engine, "_is_sender", _never_again),
        test=f"{_SEVERAL}::test_one_that_was_taken_for_gone_sends_no_byte_and_takes_over_again_when_the_other_ends",
    ),
    "never_hands_over": Mutant(
        "a run reaches the process that has its token",
        lambda: patch.object(engine.Engine, "_hand_over", lambda self, waiting: None),
        test=f"{_SEVERAL}::test_a_run_reaches_the_one_that_has_its_token",
    ),
    "hands_over_for_ever": Mutant(
        "where nobody has the token the run says so",
        lambda: patch.object(engine.Engine, "_hand_over", _hands_over_again),
        test=f"{_SEVERAL}::test_where_nobody_has_the_token_the_run_says_so",
    ),
    "lock_of_one_thread": Mutant(
        "a lock stays as long as somebody in the process uses it",
        _in_lock("release", lambda self, user: self.close()),
        test=f"{_SEVERAL}::test_a_lock_that_one_thread_needs_no_longer_stays_with_the_others_of_its_process",
    ),
    "marks_not_counted": Mutant(
        "a database that lacks one that left is older, whichever it was",
        lambda: patch.object(
            marks,
            "is_strange",
            lambda mark, known, wires: mark.attempt and known.get(mark.attempt) != mark.started,
        ),
        test=f"{_WAKE}::test_s07_of_two_that_connect_at_once_the_elder_may_leave_after_the_backup",
    ),
    "no_id_is_new": Mutant(
        "a backup without an id sends nothing again",
        lambda: patch.object(recovery, "_HAS_RUNS", select(literal(1)).where(false())),
        test=f"{_WAKE}::test_s07_a_database_with_runs_and_without_an_id_sends_nothing_again_also_without_a_mark",
    ),
    "restored_in_silence": Mutant(
        "a run newer than the backup is told of",
        lambda: patch.object(recovery, "RESTORED", "something else"),
        test=f"{_WAKE}::test_s07_a_run_that_is_newer_than_the_backup_is_told_of_though_nothing_of_it_is_left",
        given={"with_mark": True},
    ),
    "503_is_safe": Mutant("503 may have arrived", lambda: _answers_as_throttled(range(503, 504))),
    "5xx_is_not_sent": Mutant("any 5xx may have arrived", lambda: _answers_as_throttled(range(500, 600))),
    "read_timeout_is_not_sent": Mutant(
        "silence may mean arrived", lambda: _broken_line_not_sent(httpx.ReadTimeout)
    ),
    "reset_is_not_sent": Mutant(
        "a reset may come after all of it", lambda: _broken_line_not_sent(httpx.ReadError)
    ),
    "accepted_without_unique_id": Mutant(
        "no acceptance without a batch number",
        lambda: patch.object(answers, "_unique_id", lambda data: "made-up"),
    ),
    "mark_skipped": Mutant("I1", lambda: patch.object(transitions, "wire", lambda *facts: None)),
    "mark_not_fenced": Mutant("the mark compares state and epoch", lambda: _statement("_MARK_WIRE", _mark())),
    "claim_and_mark_not_fenced": Mutant(
        "the epoch fences the elder",
        _all(
            lambda: _statement("_TAKE", _taken(batch.c.state == BatchState.PLANNED.value)),
            lambda: _statement("_MARK_WIRE", _mark(attempt.c.outcome.is_(None))),
        ),
    ),
    "claim_without_compare": Mutant("a claim is a compare-and-set", _claims_what_flies),
    "mark_in_a_paused_run": Mutant(
        "a pause before the first byte holds it back",
        lambda: _statement("_RUN_STATE", select(literal(RunState.RUNNING.value))),
    ),
    "unknown_is_planned": Mutant("I3", _no_state_after(Outcome.UNKNOWN)),
    "refused_is_planned": Mutant("a refusal of the data is final", _no_state_after(Outcome.REFUSED)),
    "crash_after_mark_is_planned": Mutant("T9", _crash_forgets_the_mark),
    "recovery_skipped": Mutant(
        "T8", lambda: _statement("_LEFT_SENDING", transitions._LEFT_SENDING.where(false()))
    ),
    "finish_without_compare": Mutant("I2, a late ending changes nothing", _finish_compares_nothing),
    "late_unknown_is_accepted": Mutant(
        "only an acceptance counts late",
        _late_counts_as_anything,
        test="tests.core.engine.test_engine_crash::test_any_other_late_ending_changes_nothing",
        given={"outcome": Outcome.UNKNOWN},
    ),
    "cancel_takes_what_flies": Mutant("T19", _cancels_what_flies),
    "doubt_ignored": Mutant(
        "a broken commit may stand all the same",
        lambda: patch.object(engine.Engine, "_clear_doubt", lambda self: True),
    ),
    "two_runs_for_a_draft": Mutant("a double click is one run", _two_runs_for_a_draft),
    "repeats_let_in": Mutant(
        "I4", lambda: patch.object(freeze, "taken_here_or_elsewhere", lambda *facts: (set(), set()))
    ),
    "resend_without_a_look": Mutant(
        "I8", lambda: patch.object(decisions, "_can_resend", lambda one, last_complete, now: True)
    ),
    "again_without_a_look": Mutant(
        "I8: what was turned away is looked for before it goes again",
        lambda: patch.object(engine.Engine, "_why_not_yet", lambda *facts: None),
    ),
    "look_from_before": Mutant(
        "I8: a reading from before the answer proves nothing",
        lambda: patch.object(look_first.LookFirst, "turned_away", lambda self: None),
        test="tests.core.reconcile.test_reconcile_first::test_a_reading_from_before_the_answer_does_not_count",
    ),
    "repeated_is_believed": Mutant(
        "A18: a whole look before a refusal as repeated counts",
        lambda: patch.object(engine, "effect_of_refusal", lambda effect, check, is_repeat, again: effect),
        test="tests.core.reconcile.test_reconcile_first::test_a_batch_refused_as_repeated_that_is_there_is_unknown_and_then_accepted",
    ),
    "absent_after_one_look": Mutant(
        "absence must be ripe",
        _all(
            lambda: patch.object(evidence_rules, "LEAST_LOOKS", 1),
            lambda: patch.object(evidence_rules, "LEAST_SPAN", 0.0),
            lambda: patch.object(evidence_rules, "LAG_FACTOR", 0.0),
        ),
    ),
    "half_a_list_is_a_list": Mutant("an incomplete look proves no absence", _half_a_list),
    "resent_rows_stay_in_the_parent": Mutant(
        "I5",
        _resends_all,
        test="tests.core.store.test_store_evidence::test_what_is_missing_goes_on_in_a_child_with_the_same_marks",
        given={"clock": WallClock()},
    ),
    "sleep_unnoticed": Mutant(
        "nothing leaves on what was decided before a long sleep",
        lambda: patch.object(sleep_guard.SleepGuard, "has_slept", lambda self: False),
        test="tests.core.engine.test_fault_matrix_wake::test_p12_after_a_long_sleep_a_run_waits_and_one_press_lets_it_go_on",
    ),
    "sleep_unnoticed_at_the_mark": Mutant(
        "the mark is not made on what was decided before a long sleep",
        lambda: patch.object(engine.Engine, "_mark_wire", _marks_asleep),
        test="tests.core.engine.test_fault_matrix_wake::test_p12_sleep_between_claim_and_mark_keeps_every_byte_back",
    ),
    "restored_backup_unnoticed": Mutant(
        "a database older than what was sent sends nothing again",
        lambda: patch.object(recovery, "find_mismatch", lambda *facts: None),
        test="tests.core.engine.test_fault_matrix_wake::test_s07_what_went_out_after_the_backup_is_unknown_and_never_sent_again_by_itself",
    ),
    "other_token_let_in": Mutant(
        "another token needs a person's word",
        lambda: _statement(
            "_KEEP_ACCOUNT",
            update(run).where(run.c.id == bindparam("of_run")).values(account=bindparam("its_account")),
        ),
        test="tests.core.engine.test_fault_matrix_wake::test_c05_another_token_in_the_middle_of_a_run_sends_nothing_until_a_person_says_so",
    ),
    "unknowns_do_not_stop": Mutant(
        "two unknown outcomes stop the run",
        lambda: patch.object(transitions, "UNKNOWN_LIMIT", 99),
        test="tests.core.engine.test_engine::test_the_second_unknown_outcome_stops_the_run_and_none_is_sent_again",
    ),
}


#: How the program itself says that something is impossible; the database's own rules come out as an IntegrityError.
_LOUD = (AssertionError, LookupError, RuntimeError, ValueError, Conflict, IntegrityError)


def caught(mutant: Mutant, limit: int = LIMIT) -> tuple[int, str] | None:
    """The first schedule (from 1) that broke a promise, and which; None where none did. A loud stop counts."""
    with mutant.switch(), desk() as own:
        for seed in range(limit):
            try:
                found = Schedule(seed, own, Counter()).play()
            except _LOUD as error:
                return seed + 1, f"{type(error).__name__}: {error}"
            if found.count:
                return seed + 1, (found.duplicates + found.lost + found.wrong)[0]
    return None
