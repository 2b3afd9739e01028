"""What follows from the end of an attempt: for its batch, for its run, for the pace. Pure."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from lib.contact.privacy import mask_text
from lib.errors import (
    AppError,
    CertificateRefused,
    DestinationForbidden,
    NotSent,
    OutcomeUnknown,
    PlatformError,
    Refused,
    StoreUnavailable,
    Throttled,
    Unauthorised,
)
from lib.platform.answers import ANSWER_SHAPE, FailureCode, Receipt
from lib.reconcile.look_first import Presence, PresenceCheck
from lib.run.records import AccountChanged, AttemptResult, Fenced, Withdrawn
from lib.run.states import REFUSED_REPEATED, REPEATED_UNCHECKED, Outcome, ScanNote, Why

#: Failures in a row, and seconds of them, after which a run waits for a person.
FAILURE_LIMIT, FAILURE_SECONDS = 5, 600.0

#: Seconds of the first pause and the longest one; each is drawn from zero up to its limit (full jitter).
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 60.0

#: Requests in flight of a run that is being careful.
CAREFUL_ROOM = 1

#: Refusals in a row after which a run waits for a person.
REFUSAL_LIMIT = 5

#: A platform that asks for more than this many seconds of rest stops the run.
LONGEST_REST = 600.0

#: Before the wire, and trying again changes nothing.
_DESTINATION = frozenset({FailureCode.DESTINATION_INVALID, FailureCode.PRACTICE_NOT_LOCAL})


@dataclass(frozen=True)
class AttemptEffect:
    """What an attempt came to, and what follows. is_failure: it may simply be tried again; rest: seconds to wait first, as the
    platform asked or until its list is looked at again."""

    result: AttemptResult
    is_failure: bool = False
    rest: float = 0.0

    @staticmethod
    def of_receipt(receipt: Receipt) -> "AttemptEffect":
        """The platform took the batch."""
        unique_id, status, text = receipt.unique_id, receipt.http_status, mask_text(receipt.message)
        result = AttemptResult(Outcome.ACCEPTED, "", unique_id, status, message=text, raw=receipt.raw)
        return AttemptEffect(result)


@dataclass(frozen=True)
class Pace:
    """How fast a run may go, in monotonic seconds. careful: after an unknown outcome, until an answer is well again; unknowns:
    how many there were, so that an attempt knows whether it began before or after."""

    failures: int = 0
    first_failure: float = 0.0
    last_failure: float = 0.0
    not_before: float = 0.0
    refusals: int = 0
    careful: bool = False
    unknowns: int = 0

    @property
    def is_careful(self) -> bool:
        """One request at a time: while the line has just failed, or has just left an outcome unknown."""
        return self.careful or self.failures > 0


def effect_of_error(error: AppError, *, wired: bool) -> AttemptEffect:
    """What follows from an attempt that raised. wired: the mark was committed, so the request may have left.

    What is not listed is unknown once it is wired, and surely unsent before: no byte leaves before the mark.
    """
    if isinstance(error, PlatformError) and (wired or not isinstance(error, NotSent)):
        return _answered(error, wired)
    if wired:
        return AttemptEffect(_result(Outcome.UNKNOWN, error, Why.FAULT))
    if isinstance(error, Withdrawn | Fenced):
        return AttemptEffect(AttemptResult(Outcome.NOT_SENT, why=error.code, tried=False))
    if isinstance(error, AccountChanged):
        return AttemptEffect(AttemptResult(Outcome.NOT_SENT, why=error.code, stop=Why.ACCOUNT, tried=False))
    if isinstance(error, StoreUnavailable):
        return AttemptEffect(replace(_result(Outcome.NOT_SENT, error, Why.STORAGE), tried=False))
    return _not_sent(error)


def effect_of_look(check: PresenceCheck) -> AttemptEffect | None:
    """What follows from a look before rows are sent a second time; None: they may go (I8).

    What was found is unknown from now on: a whole look decides over it, and a person over what is missing.
    """
    if check.presence == Presence.FOUND:
        return AttemptEffect(AttemptResult(Outcome.UNKNOWN, code="found_first"))
    if check.presence == Presence.TOKEN:
        return effect_of_list(ScanNote.TOKEN)
    if check.presence == Presence.LATER:
        return AttemptEffect(AttemptResult(Outcome.NOT_SENT, code="look_first", tried=False), rest=check.rest)
    return None


def effect_of_list(note: ScanNote) -> AttemptEffect | None:
    """What follows from asking for the list after an unknown outcome; None: it answers, the run may go on.

    note: COMPLETE, or why it was not answered. Silence is a failure of the line like any other. A list that is not
    shown is nothing that passes: the run waits until the outcome is decided.
    """
    if note == ScanNote.COMPLETE:
        return None
    stop = {ScanNote.TOKEN: Why.TOKEN, ScanNote.LIST_MISSING: Why.NO_LIST}.get(note)
    code = FailureCode.TOKEN_REFUSED.value if note == ScanNote.TOKEN else "look_first"
    result = AttemptResult(Outcome.NOT_SENT, code=code, stop=stop, tried=False)
    return AttemptEffect(result, is_failure=stop is None)


def effect_of_refusal(
    effect: AttemptEffect, check: PresenceCheck, *, is_repeat: bool, again: bool
) -> AttemptEffect:
    """A refusal of rows that may be on the platform already: believed where a whole look shows none of them (A18).

    effect: what the refusal alone would come to
    check: of the look made after the refusal
    is_repeat: the platform calls the numbers repeated; then others with these numbers have to be there as well, or the
        list lags behind the platform's own memory
    again: the rows may have left before this attempt. Where they had not, and no list is to be had that could ever tell
        more, the platform's word is all there is: refused, with that said
    """
    if check.presence == Presence.CLEAR and (check.others or not is_repeat):
        return effect
    if check.listless and not again:
        return replace(effect, result=replace(effect.result, code=REPEATED_UNCHECKED))
    return replace(effect, result=replace(effect.result, outcome=Outcome.UNKNOWN, code=REFUSED_REPEATED))


def _not_sent(error: AppError) -> AttemptEffect:
    if isinstance(error, CertificateRefused):
        return AttemptEffect(_result(Outcome.NOT_SENT, error, Why.CERTIFICATE))
    if isinstance(error, DestinationForbidden):
        return AttemptEffect(_result(Outcome.NOT_SENT, error, Why.FORBIDDEN))
    if isinstance(error, NotSent) and error.code not in _DESTINATION:
        return AttemptEffect(_result(Outcome.NOT_SENT, error), is_failure=True)
    return AttemptEffect(_result(Outcome.NOT_SENT, error, Why.DESTINATION))


def _answered(error: PlatformError, wired: bool) -> AttemptEffect:
    if isinstance(error, Unauthorised):
        return AttemptEffect(_result(Outcome.HELD_BACK if wired else Outcome.NOT_SENT, error, Why.TOKEN))
    if isinstance(error, Throttled):
        rest = error.retry_after_seconds or 0.0
        stop = Why.THROTTLED if rest > LONGEST_REST else None
        return AttemptEffect(_result(Outcome.HELD_BACK, error, stop), is_failure=stop is None, rest=rest)
    if isinstance(error, Refused):
        # the one refusal that is about the task, not about this data
        if error.code == FailureCode.TASK_RUNNING:
            return AttemptEffect(_result(Outcome.HELD_BACK, error, Why.TASK_RUNNING))
        return AttemptEffect(_result(Outcome.REFUSED, error))
    is_strange = isinstance(error, OutcomeUnknown) and error.code in ANSWER_SHAPE
    return AttemptEffect(_result(Outcome.UNKNOWN, error, Why.ANSWER_SHAPE if is_strange else None))


def _result(outcome: Outcome, error: AppError, stop: Why | None = None) -> AttemptResult:
    answered = error if isinstance(error, PlatformError) else None
    return AttemptResult(
        outcome,
        code=str(error.code),
        http_status=answered.http_status if answered else None,
        envelope_code=answered.envelope_code if answered else None,
        message=mask_text(answered.message or "") if answered else "",
        raw=answered.raw if answered else "",
        unique_id=error.unique_id if isinstance(error, OutcomeUnknown) else "",
        stop=stop,
    )


def apply_effect(
    pace: Pace,
    effect: AttemptEffect,
    *,
    started: float,
    unknowns: int,
    now: float,
    jitter: Callable[[float, float], float],
) -> tuple[Pace, AttemptResult]:
    """The pace from now on, and the result with the reason to stop the run where this was once too often.

    pace: of the run as it is now, and not as it was when the attempt began
    effect: of the attempt that has ended
    started: when the attempt began. Attempts that were in flight together fail together: that is one failure
    unknowns: of the pace it began by; an acceptance of before the latest unknown outcome says nothing about the line
        since
    now: monotonic seconds, by the same clock as `started` and the pace
    jitter: draws the seconds of a pause between two limits; asked only after a failure that counts
    """
    result = effect.result
    if effect.is_failure:
        pace = _failed(pace, effect, started, now, jitter)
        if pace.failures >= FAILURE_LIMIT or now - pace.first_failure >= FAILURE_SECONDS:
            stop = Why.THROTTLED if result.outcome == Outcome.HELD_BACK else Why.UNREACHABLE
            result = replace(result, stop=stop)
    elif effect.rest:
        pace = replace(pace, not_before=max(pace.not_before, now + effect.rest))
    elif result.outcome == Outcome.ACCEPTED:
        pace = Pace(careful=pace.careful and unknowns != pace.unknowns, unknowns=pace.unknowns)
    elif result.outcome == Outcome.UNKNOWN:
        pace = replace(pace, failures=0, careful=True, unknowns=pace.unknowns + 1)
    elif result.outcome == Outcome.REFUSED:
        pace = replace(pace, failures=0, refusals=pace.refusals + 1)
        result = replace(result, stop=Why.REFUSALS) if pace.refusals >= REFUSAL_LIMIT else result
    return (Pace(careful=pace.careful, unknowns=pace.unknowns) if result.stop else pace), result


def _failed(
    pace: Pace, effect: AttemptEffect, started: float, now: float, jitter: Callable[[float, float], float]
) -> Pace:
    rested = max(pace.not_before, now + effect.rest if effect.rest else 0.0)
    if pace.failures and started < pace.last_failure:
        return replace(pace, not_before=rested)
    pause = jitter(0.0, min(LONGEST_PAUSE, FIRST_PAUSE * 2**pace.failures))
    return replace(
        pace,
        failures=pace.failures + 1,
        first_failure=pace.first_failure if pace.failures else now,
        last_failure=now,
        not_before=max(rested, now + pause),
    )
