"""Who may do what: declared on each method that people use, and looked at before it runs.

The program uses its own store unasked. A person's (`lib.access.person_store`) is made of the same sub-stores with a guard:
it knows who they are now, whether their role allows the action, and whose a thing is.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from lib.store.database import Database


class Action(StrEnum):
    """What can be done, as far as roles tell it apart."""

    LOOK = "look"
    PREPARE = "prepare"  # files, drafts, columns, edits
    CONNECT = "connect"  # connections and their options
    TOKEN = "token"
    ASK = "ask"  # have the platform asked, with the team's token
    SEND = "send"  # start, pause, go on, stop
    DECIDE = "decide"  # over unknown outcomes
    WITHDRAW = "withdraw"
    PAUSE_TASK = "pause_task"  # on the platform
    DO_NOT_CALL = "do_not_call"
    SETTINGS = "settings"
    DELETE = "delete"
    REVEAL = "reveal"  # see whole numbers


class Of(Enum):
    """What the first argument of a call names, which must be the person's or their team's."""

    NOTHING = "nothing"
    RUN = "run"  # None: of no run
    BATCH = "batch"
    DRAFT = "draft"  # one's own, to change it
    READ_DRAFT = "read_draft"  # or one that has become a run of the team
    FILE = "file"  # one's own; of a run of the team, for whoever may see whole numbers
    CONNECTION = "connection"
    NEW_CONNECTION = "new_connection"  # itself: where it leads must be allowed too
    PLAN = "plan"  # of a run: where it goes must be allowed, and the draft one's own


#: Parameters by which a method is told for whom it works. A guard gives them, whatever the caller says.
TOLD = ("who", "by", "owner", "owners", "team", "teams")


@dataclass(frozen=True)
class AccessRule:
    """What a call takes. told: those of TOLD that the method has."""

    action: Action
    of: Of = Of.NOTHING
    told: tuple[str, ...] = ()


class Guard(Protocol):
    """Whoever stands between a person and the sub-stores."""

    def admit(self, rule: AccessRule, arguments: Sequence[Any]) -> Mapping[str, Any]:
        """A value for each of TOLD. Raises NotAdmitted, NotAllowed, DestinationForbidden where the call may not be made."""


class Guarded:
    """What people use: each of its public methods says who may call it, or the class cannot be made."""

    _guard: Guard | None

    def __init_subclass__(cls) -> None:
        for name in vars(cls):
            if not name.startswith("_") and rule_of(cls, name) is None:
                raise TypeError(f"{cls.__name__}.{name} does not say who may call it (lib.store.permission)")


class SubStore(Guarded):
    """A part of the store that people use. guard: None for the program itself."""

    def __init__(self, db: Database, guard: Guard | None = None) -> None:
        self._db, self._guard = db, guard


class InnerStore:
    """A part of the store that only the program itself uses. A person's store does not have it."""

    def __init__(self, db: Database) -> None:
        self._db = db


Holder = TypeVar("Holder", bound=Guarded)
Given = ParamSpec("Given")
Back = TypeVar("Back")


def allowed(
    action: Action, of: Of = Of.NOTHING
) -> Callable[[Callable[Concatenate[Holder, Given], Back]], Callable[Concatenate[Holder, Given], Back]]:
    """Declare who may call this method of something `Guarded`. of: what its first argument names; it is given by its place."""

    def declared(
        method: Callable[Concatenate[Holder, Given], Back],
    ) -> Callable[Concatenate[Holder, Given], Back]:
        known = inspect.signature(method).parameters
        rule = AccessRule(action, of, tuple(name for name in TOLD if name in known))

        @wraps(method)
        def call(self: Holder, /, *arguments: Given.args, **names: Given.kwargs) -> Back:
            if self._guard is not None:
                told = self._guard.admit(rule, arguments)
                names.update({name: told[name] for name in rule.told})
            return method(self, *arguments, **names)

        vars(call)["rule"] = rule
        return call

    return declared


def rule_of(store: type, name: str) -> AccessRule | None:
    """What a method, or the one it stands in for, declares; None for nothing."""
    found = (vars(one).get(name) for one in store.__mro__)
    return next((rule for one in found if (rule := getattr(one, "rule", None)) is not None), None)
