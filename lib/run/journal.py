"""What is recorded of people beside the runs: who came in, who changed what belongs to no single submission.

What happens to a run stands in its own log (`lib.run.states.Happening`).
"""

from dataclasses import dataclass
from enum import StrEnum

#: Who is recorded where nobody signs in.
LOCAL = "person"


class Deed(StrEnum):
    """What a person did; the sentence is `deed.<value>`."""

    SIGNED_IN = "signed_in"
    SIGNED_OUT = "signed_out"
    REFUSED = "refused"  # at the door; code: why
    CONNECTION_CREATED = "connection_created"  # about: its name
    CONNECTION_CHANGED = "connection_changed"
    CONNECTION_DELETED = "connection_deleted"
    TOKEN_TYPED = "token_typed"  # about: the connection's name, never anything of the token
    TOKEN_FORGOTTEN = "token_forgotten"
    SETTING_CHANGED = "setting_changed"  # about: its name; code: from/to
    DO_NOT_CALL_ADDED = "do_not_call_added"  # about: the file; code: how many numbers
    DO_NOT_CALL_REMOVED = "do_not_call_removed"
    DO_NOT_CALL_CLEARED = "do_not_call_cleared"
    DRAFT_DELETED = "draft_deleted"  # about: its file
    RESTORED_READ = "restored_read"  # that the database is older than what was sent
    TASK_PAUSED = "task_paused"  # on the platform; about: its name


#: What holds for every team, so that every team is told.
FOR_EVERYBODY = frozenset({Deed.SETTING_CHANGED, Deed.RESTORED_READ})


@dataclass(frozen=True)
class By:
    """Who does something, and for which team."""

    who: str = LOCAL
    team: str = ""


@dataclass(frozen=True)
class JournalRecord:
    """One line. who: "" where it was somebody of another team; code: see `Deed`."""

    at: str
    who: str
    deed: str
    about: str
    code: str


#: The one person of a desk without sign-in.
BY_LOCAL = By()
