"""What beside the store a person may use: the tokens, the platform's names, and the platform itself; as `lib.access.person_store`.

A call that is not listed cannot be made from a page: sending and deleting are the engine's, after a wish in the store.
"""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from lib.access.people import Person
from lib.access.person_store import PersonStore
from lib.access.tokens import Home
from lib.platform.connection import Connection
from lib.platform.token import clean_token
from lib.run.journal import Deed
from lib.store import Store
from lib.store.owners import kept_for
from lib.store.permission import Action


class _Guarded:
    """Calls of `target` that are listed in RULES, each after a look at the person's role."""

    RULES: ClassVar[Mapping[str, Action]]

    def __init__(self, target: Any, store: PersonStore) -> None:
        self._target, self._store = target, store

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name not in self.RULES:
            raise AttributeError(f"no page may call {name}; lib.access.person_desk decides")
        target, action = getattr(self._target, name), self.RULES[name]

        def call(*args: Any, **names: Any) -> Any:
            self._store.must(action)
            return target(*args, **names)

        return call


class ToldToTeam:
    """What the platform told of an account, kept for each team by itself: knowing an id is not having its token."""

    def __init__(self, store: Store, person: Callable[[], Person]) -> None:
        self._names, self._person = store.directory, person

    def told(self, account: str, subject: str) -> dict[str, Any] | None:
        """As `ToldNames.told`."""
        return self._names.told(self._of_team(account), subject)

    def keep(self, account: str, subject: str, facts: dict[str, Any]) -> None:
        """As `ToldNames.keep`."""
        self._names.keep(self._of_team(account), subject, facts)

    def forget(self, account: str) -> None:
        """As `ToldNames.forget`."""
        self._names.forget(self._of_team(account))

    def _of_team(self, account: str) -> str:
        return kept_for(account, self._person().team)


class PersonDirectory(_Guarded):
    """The platform's names, as told to the team. Asking for them takes its token."""

    RULES = {
        "tasks": Action.LOOK,
        "task": Action.LOOK,
        "template": Action.LOOK,
        "forget": Action.CONNECT,
        "fetch_tasks": Action.ASK,
        "live_task": Action.ASK,
        "fetch_template": Action.ASK,
    }

    def pause(self, connection: Connection, token: str) -> None:
        """Pause the task on the platform; written down before it is asked."""
        self._store.must(Action.PAUSE_TASK)
        known = self._target.task(connection)
        self._store.journal.note(Deed.TASK_PAUSED, known.name if known and known.name else connection.task_id)
        self._target.pause(connection, token)


class PersonPlatform(_Guarded):
    """Questions to the platform that change nothing."""

    RULES = {"test": Action.ASK, "numbers": Action.ASK, "number": Action.ASK, "lookup": Action.ASK}


class PersonTokens:
    """Tokens of the team's connections; who types one or has one forgotten is written down, nothing of it is."""

    def __init__(self, tokens: Any, store: PersonStore) -> None:
        self._tokens, self._store = tokens, store

    def get(self, connection_id: str) -> str | None:
        """None for a connection of another team, and for whoever may not have the platform asked."""
        return self._tokens.get(connection_id) if self._is_theirs(connection_id) else None

    def fingerprint(self, connection_id: str) -> str | None:
        """What may be shown, as `get`."""
        return self._tokens.fingerprint(connection_id) if self._is_theirs(connection_id) else None

    def home(self, connection_id: str) -> Home | None:
        """Where it is kept, as `get`."""
        return self._tokens.home(connection_id) if self._is_theirs(connection_id) else None

    @property
    def keyring(self) -> str:
        """Name of the system's keyring for words, "" where there is none."""
        return str(self._tokens.keyring)

    @property
    def trouble(self) -> str:
        """What the keyring said last; "" for nothing."""
        return str(self._tokens.trouble)

    def set(self, connection_id: str, token: str, **how: Any) -> None:
        """Raises ConnectionRefused with what is wrong with it."""
        self._store.must(Action.TOKEN)
        self._store.must_see_connection(connection_id)
        kept = clean_token(token)
        self._store.journal.note(Deed.TOKEN_TYPED, self._name(connection_id))
        self._tokens.set(connection_id, kept, **how)

    def forget(self, connection_id: str, name: str = "") -> None:
        """name: of the connection, where that is deleted already."""
        self._store.must(Action.TOKEN)
        self._store.must_see_connection(connection_id)
        if self._tokens.get(connection_id) is not None:
            self._store.journal.note(Deed.TOKEN_FORGOTTEN, name or self._name(connection_id))
            self._tokens.forget(connection_id)

    def _is_theirs(self, connection_id: str) -> bool:
        return self._store.may(Action.ASK) and self._store.sees_connection(connection_id)

    def _name(self, connection_id: str) -> str:
        return next((one.name for one in self._store.connections.all() if one.id == connection_id), "")
