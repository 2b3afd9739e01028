"""What beside the store a person may use: the tokens, the platform's names, and the platform itself; as `lib.access.person_store`.

A call that is not here cannot be made from a page: sending and deleting are the engine's, after a wish in the store.
"""

from collections.abc import Callable, Iterable
from typing import Any

from lib.access.people import Person
from lib.access.person_store import PersonStore
from lib.access.tokens import Home, Tokens
from lib.errors import NotAllowed
from lib.platform import practice_control
from lib.platform.api import Platform
from lib.platform.connection import Connection
from lib.platform.connection_test import ConnectionVerdict
from lib.platform.directory import Task, TaskList, Template
from lib.platform.directory_source import Directory
from lib.platform.practice_control import HeldRows, Holdings, Stage
from lib.platform.token import clean_token
from lib.run.journal import Deed
from lib.store import Store
from lib.store.owners import kept_for
from lib.store.permission import Action, Guarded, allowed


class TeamDirectory:
    """What the platform told of an account, kept for each team by itself: knowing an id is not having its token."""

    def __init__(self, store: Store, person: Callable[[], Person]) -> None:
        self._names, self._person = store.directory, person

    def get(self, account: str, subject: str) -> dict[str, Any] | None:
        """As `lib.store.directory`."""
        return self._names.get(self._of_team(account), subject)

    def keep(self, account: str, subject: str, facts: dict[str, Any]) -> None:
        """As `lib.store.directory`.

        account: key of the platform's account; kept for the person's team apart
        subject: which of its lists, "tasks" or "components"
        facts: plain data, in place of what was kept before
        """
        self._names.keep(self._of_team(account), subject, facts)

    def forget(self, account: str) -> None:
        """As `lib.store.directory`."""
        self._names.forget(self._of_team(account))

    def _of_team(self, account: str) -> str:
        return kept_for(account, self._person().team)


class PersonDirectory(Guarded):
    """The platform's names, as told to the team. Asking for them takes its token. Each as `Directory`'s."""

    def __init__(self, directory: Directory, store: PersonStore) -> None:
        self._directory, self._store, self._guard = directory, store, store

    @allowed(Action.LOOK)
    def tasks(self, connection: Connection) -> TaskList | None:
        """As fetched last."""
        return self._directory.tasks(connection)

    @allowed(Action.LOOK)
    def task(self, connection: Connection) -> Task | None:
        """As fetched last."""
        return self._directory.task(connection)

    @allowed(Action.LOOK)
    def template(self, connection: Connection) -> Template | None:
        """As fetched last."""
        return self._directory.template(connection)

    @allowed(Action.CONNECT)
    def forget(self, connection: Connection) -> None:
        """All of it."""
        self._directory.forget(connection)

    @allowed(Action.ASK)
    def fetch_tasks(self, connection: Connection, token: str) -> TaskList:
        """Asked now."""
        return self._directory.fetch_tasks(connection, token)

    @allowed(Action.ASK)
    def live_task(self, connection: Connection, token: str) -> Task | None:
        """Asked now."""
        return self._directory.live_task(connection, token)

    @allowed(Action.ASK)
    def fetch_template(self, connection: Connection, token: str) -> Template:
        """Asked now."""
        return self._directory.fetch_template(connection, token)

    @allowed(Action.PAUSE_TASK)
    def pause(self, connection: Connection, token: str) -> None:
        """Pause the task on the platform; written down before it is asked."""
        known = self._directory.task(connection)
        self._store.journal.note(Deed.TASK_PAUSED, known.name if known and known.name else connection.task_id)
        self._directory.pause(connection, token)


class PersonPlatform(Guarded):
    """Questions to the platform that change nothing. Each as `Platform`'s."""

    def __init__(self, platform: Platform, store: PersonStore) -> None:
        self._platform, self._guard = platform, store

    @allowed(Action.ASK)
    def test(self, connection: Connection, token: str) -> ConnectionVerdict:
        """Whether this destination can be sent to."""
        return self._platform.test(connection, token)

    @allowed(Action.ASK)
    def numbers(self, connection: Connection, token: str, page: int, per_page: int) -> dict[str, Any]:
        """One page of the task's numbers.

        connection, token: of the task, and what the platform is asked with
        page: counted from 1
        per_page: numbers wanted on a page
        """
        return self._platform.numbers(connection, token, page, per_page)

    @allowed(Action.ASK)
    def number(self, connection: Connection, token: str, phone: str) -> dict[str, Any]:
        """What the task knows about one number.

        connection, token: of the task, and what the platform is asked with
        phone: the whole number, as the address names it
        """
        return self._platform.number(connection, token, phone)

    @allowed(Action.ASK)
    def lookup(self, connection: Connection, token: str, unique_id: str) -> dict[str, Any]:
        """The import result of a batch.

        connection, token: of the account that sent it, and what the platform is asked with
        unique_id: of the batch, as the platform's answer named it
        """
        return self._platform.lookup(connection, token, unique_id)


class PersonPractice(Guarded):
    """What only the practice platform has. Each as `lib.platform.practice_control`'s, which refuses a real connection."""

    def __init__(self, store: PersonStore) -> None:
        self._store, self._guard = store, store

    @allowed(Action.DELETE)
    def reset(self, connection: Connection) -> int:
        """Every practice run goes as if it had never been, then what the platform holds; how many runs. Real runs stay as they are.

        Raises PracticeOnly, Conflict("practice_running"), NotAllowed where others practise here too: it would be theirs as well.
        """
        practice_control.must_be_practice(connection)
        if self._store.person.teams is not None:
            raise NotAllowed("practice_of_others")
        gone = self._store.retention.erase_practice()
        practice_control.reset(connection)
        return gone

    @allowed(Action.DELETE)
    def forget(self, connection: Connection, phone: str) -> None:
        """Nothing about this number stays there."""
        practice_control.forget(connection, phone)

    @allowed(Action.SEND)
    def stage(self, connection: Connection) -> Stage:
        """What is being shown, and what may be."""
        return practice_control.stage(connection)

    @allowed(Action.SEND)
    def choose(self, connection: Connection, scenario: str, *, once: bool) -> Stage:
        """Have this shown from the next batch on.

        connection: of a practice platform, with the address it has now
        scenario: its name (`lib.sandbox.scenarios`)
        once: for the next batch alone; else until another is chosen
        """
        return practice_control.choose(connection, scenario, once=once)

    @allowed(Action.LOOK)
    def holdings(self, connection: Connection) -> Holdings:
        """Everything it holds, in counts."""
        return practice_control.holdings(connection)

    @allowed(Action.LOOK)
    def held(self, connection: Connection, marks: Iterable[str]) -> HeldRows:
        """What it holds of rows with these marks."""
        return practice_control.held(connection, marks)


class PersonTokens:
    """Tokens of the team's connections; who types one or has one forgotten is written down, nothing of it is."""

    def __init__(self, tokens: Tokens, store: PersonStore) -> None:
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
        return self._tokens.keyring

    @property
    def error_code(self) -> str:
        """What the keyring said last; "" for nothing."""
        return self._tokens.error_code

    def set(self, connection_id: str, token: str, *, keep: bool = True) -> None:
        """Use it from now on, and write down who typed it. Raises ConnectionRefused with what is wrong with it.

        connection_id: of the team's, or never saved; for another team's NotAllowed is raised
        token: as typed or pasted; it is cleaned here
        keep: also in the system's keyring, where there is one
        """
        self._store.must(Action.TOKEN)
        self._store.must_see_connection(connection_id)
        kept = clean_token(token)
        self._store.journal.note(Deed.TOKEN_TYPED, self._name(connection_id))
        self._tokens.set(connection_id, kept, keep=keep)

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
