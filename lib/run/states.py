"""The states of a run and of a batch, the changes there are between them, and the words for what happened. Pure."""

from enum import StrEnum


class RunState(StrEnum):
    """Where one press of the button stands. `finished` may still hold batches with an unknown outcome."""

    RUNNING = "running"
    PAUSING = "pausing"  # what is in flight is being finished
    PAUSED = "paused"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    FINISHED = "finished"


#: Nothing more is sent of such a run, unless a person plans a part of it anew.
ENDED = (RunState.FINISHED, RunState.CANCELLED)


class BatchState(StrEnum):
    """Delivery of one batch. `unknown` is left only on evidence or by a person, never by sending again."""

    PLANNED = "planned"
    SENDING = "sending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    HELD = "held"  # looked for long enough: a person decides, with the evidence shown
    SPLIT = "split"  # what was missing went on in a child batch; what had arrived stays here
    CANCELLED = "cancelled"


#: Every change of a batch's state there is (README, "Batches"). The database refuses any other by itself.
TRANSITIONS: frozenset[tuple[BatchState, BatchState]] = frozenset(
    {
        (BatchState.PLANNED, BatchState.SENDING),  # T2
        (
            BatchState.PLANNED,
            BatchState.CANCELLED,
        ),  # T19. T20 is the run's: it pauses, and what never left stays planned
        (BatchState.SENDING, BatchState.PLANNED),  # T3, T4, T8
        (BatchState.SENDING, BatchState.ACCEPTED),  # T5
        (
            BatchState.SENDING,
            BatchState.REJECTED,
        ),  # T6. T21 is a new run: the numbers of a rejected batch are free
        (BatchState.SENDING, BatchState.UNKNOWN),  # T7, T9
        (BatchState.UNKNOWN, BatchState.ACCEPTED),  # T10, T17
        (BatchState.UNKNOWN, BatchState.HELD),  # T12, T13, T14
        (BatchState.HELD, BatchState.SPLIT),  # T15
        (BatchState.HELD, BatchState.CANCELLED),  # T16
        (BatchState.HELD, BatchState.ACCEPTED),  # T17
        (BatchState.HELD, BatchState.UNKNOWN),  # T18
    }
)


class HeldAs(StrEnum):
    """What a person is asked to decide over; the sentence is `held.<value>`."""

    ABSENT = "absent"  # none of its rows is on the platform
    PARTIAL = "partial"  # some are
    NO_EVIDENCE = "no_evidence"  # the list cannot tell


#: A number in a batch of one of these states counts as sent, or may still be.
CLAIMING = (BatchState.ACCEPTED, BatchState.UNKNOWN, BatchState.HELD, BatchState.PLANNED, BatchState.SENDING)


#: States of a batch whose outcome is not known.
UNSETTLED = (BatchState.UNKNOWN, BatchState.HELD)


#: What a batch is called that was left out after it had been held; everything else is called by its state.
LEFT_OUT = "left_out"

#: `code` of a batch that is unknown though the platform refused it: as repeated, which its list did not confirm.
REFUSED_REPEATED = "refused_repeated"

#: …and of one that is refused: as repeated, on the platform's word alone, as it shows no list.
REPEATED_UNCHECKED = "repeated_unchecked"


def called(state: str, held_as: str) -> str:
    """What a batch is called: `batch.state.<this>`. held_as: HeldAs, also of one that a person has decided over since."""
    return LEFT_OUT if state == BatchState.CANCELLED and held_as else state


class Disposition(StrEnum):
    """What becomes of a row of the sheet."""

    TO_SEND = "to_send"
    HELD_BACK = "held_back"
    REPEATED = "repeated"
    LEFT_OUT = "left_out"


class Progress(StrEnum):
    """How far an attempt got, durably: `wire` is committed before its first byte leaves."""

    INTENT = "intent"
    WIRE = "wire"


class Outcome(StrEnum):
    """How an attempt ended."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    HELD_BACK = "held_back"  # arrived, surely not processed
    NOT_SENT = "not_sent"
    UNKNOWN = "unknown"


#: The state a batch takes when its attempt ends so (T3 to T7).
STATE_AFTER: dict[Outcome, BatchState] = {
    Outcome.ACCEPTED: BatchState.ACCEPTED,
    Outcome.REFUSED: BatchState.REJECTED,
    Outcome.HELD_BACK: BatchState.PLANNED,
    Outcome.NOT_SENT: BatchState.PLANNED,
    Outcome.UNKNOWN: BatchState.UNKNOWN,
}


class Why(StrEnum):
    """Why a run waits for a person; the sentence is `run.why.<value>`."""

    OPERATOR = "operator"
    TOKEN = "token"
    TOKEN_MISSING = "token_missing"
    CERTIFICATE = "certificate"
    UNREACHABLE = "unreachable"
    THROTTLED = "throttled"
    TASK_RUNNING = "task_running"
    REFUSALS = "refusals"
    UNKNOWNS = "unknowns"
    ANSWER_SHAPE = "answer_shape"
    DESTINATION = "destination"
    FORBIDDEN = "forbidden"  # the administrator does not allow sending there
    STORAGE = "storage"
    FAULT = "fault"
    QUALITY = "quality"  # too few of a batch's numbers got in
    WOKE = "woke"  # the computer slept, and the process went on
    STOPPED = "stopped"  # the process was gone for long
    ACCOUNT = "account"  # another token than the run began with
    RESTORED = "restored"  # the database is older than what was sent
    COPIED = "copied"  # the database comes from another computer
    NO_LIST = "no_list"  # an unknown outcome, and no list to look in: a person decides over it, and the run goes on by that
    FIRST_BATCH = "first_batch"  # as a person wished: what went first has settled, the rest waits


class TaskPause(StrEnum):
    """What came of having the platform pause the task of a run."""

    SEEN = "seen"  # the platform lists it as paused
    TAKEN = "taken"  # the platform took the wish; the state of the task cannot be seen
    RUNNING = "running"  # took it, and still lists the task as running
    FAILED = "failed"


class Happening(StrEnum):
    """What the log of a run can say; the sentence is `event.<value>`."""

    RUN_CREATED = "run_created"
    RUN_PAUSING = "run_pausing"
    RUN_PAUSED = "run_paused"
    RUN_RESUMED = "run_resumed"
    RUN_CANCELLING = "run_cancelling"
    RUN_CANCELLED = "run_cancelled"
    RUN_FINISHED = "run_finished"
    BATCH_PLANNED = "batch_planned"  # back again: nothing was sent, or it surely was not processed
    BATCH_SENDING = "batch_sending"
    BATCH_LOOKED_FIRST = "batch_looked_first"  # about to be sent a second time: none of it is on the platform
    BATCH_NOT_LOOKED = "batch_not_looked"  # sent a second time though the list could not tell
    BATCH_ACCEPTED = "batch_accepted"
    BATCH_REJECTED = "batch_rejected"
    BATCH_UNKNOWN = "batch_unknown"
    BATCH_CANCELLED = "batch_cancelled"
    BATCH_SCANNED = "batch_scanned"  # the platform's list was looked through; the batch stays where it is
    BATCH_FOUND = "batch_found"  # every row is on the platform
    BATCH_HELD = "batch_held"
    BATCH_CHECK_AGAIN = "batch_check_again"
    BATCH_SPLIT = "batch_split"
    BATCH_RESENT = "batch_resent"  # a child with the missing rows is planned
    BATCH_LEFT_OUT = "batch_left_out"
    BATCH_CONFIRMED = "batch_confirmed"
    RUN_AUDITED = (
        "run_audited"  # the list was looked through after the end, or could not be: the code says which
    )
    RUN_SEEN_TWICE = "run_seen_twice"
    RUN_NOT_SEEN = "run_not_seen"
    BATCH_SETTLED = "batch_settled"  # what became of its numbers is known, or will not be
    BATCH_ASKED_AFTER = "batch_asked_after"  # a person wants to know what became of it
    WITHDRAWAL_ASKED = "withdrawal_asked"
    WITHDRAWAL_BEGUN = "withdrawal_begun"  # the platform is about to be asked to delete
    WITHDRAWAL_DONE = "withdrawal_done"  # code: withdrawn/called/failed
    WITHDRAWAL_REFUSED = "withdrawal_refused"
    TASK_PAUSED = "task_paused"  # at the platform, because a person wanted it from here; code: TaskPause
    TASK_NOT_PAUSED = "task_not_paused"  # it was to be, and is not; code: TaskPause
    BATCH_WITHHELD = "batch_withheld"  # rows on the do-not-call list were taken out before it left
    REPEATS_ALLOWED = "repeats_allowed"
    DATA_DELETED = "data_deleted"
    DATA_EXPIRED = "data_expired"  # the same, because its time had come
    FINGERPRINTS_EXPIRED = "fingerprints_expired"
    NUMBER_DELETED = "number_deleted"  # rows of a batch whose number a person wanted gone; code: how many


class DataDeed(StrEnum):
    """What can be done with people's data as a whole; the words are `deed.<value>`."""

    REVEALED = "revealed"  # full numbers of a draft were shown on screen
    EXPORTED = "exported"
    NUMBER_DELETED = "number_deleted"
    RUN_DELETED = "run_deleted"
    DRAFT_DELETED = "draft_deleted"
    DRAFT_KEPT = "draft_kept"  # though its time had come
    EXPIRED = "expired"  # what the times of keeping took away in one go
    PERIODS_CHANGED = "periods_changed"
    PRACTICE_RESET = "practice_reset"  # every practice run went, and what the practice platform held


class ScanNote(StrEnum):
    """What a look at the platform's list came to; the sentence is `scan.<value>`."""

    COMPLETE = "complete"
    LIST_FAILED = "list_failed"  # a page, or a number's own page, was not answered
    TOKEN = "token"  # the platform does not accept the token
    LIST_SHAPE = "list_shape"  # answered in a form that cannot be counted
    LIST_MOVED = "list_moved"  # total or numbers changed while looking
    LIST_ENDLESS = "list_endless"
    LIST_MISSING = "list_missing"  # the platform has no such list, or does not show it to this account
    MASKED = "masked"  # numbers hidden and no mark of ours given back
    UNCLEAR = "unclear"  # a number is there, and nothing tells whether this batch brought it


#: Notes of a list that cannot tell, however often it is read.
TELLS_NOTHING = frozenset({ScanNote.MASKED, ScanNote.UNCLEAR, ScanNote.LIST_MISSING})
