"""The one composition root: what belongs to the process and not to a visit, built once and ended with it.

The pages (`lib.ui.services`) and `python -m lib.engine` send by the same objects and the same rules. They differ in where
they read what the administrator wrote, and only the pages are called back.
"""

import logging
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import platformdirs

from lib.access import settings
from lib.access.administration import Administration, administration
from lib.access.given_tokens import TABLE, GivenTokens, secrets_table
from lib.access.keyring import for_this_system
from lib.access.people import Person
from lib.access.person_desk import (
    PersonDirectory,
    PersonPlatform,
    PersonPractice,
    PersonTokens,
    TeamDirectory,
)
from lib.access.person_store import PersonStore
from lib.access.tokens import Home, Tokens
from lib.arrivals import ArrivalWorker
from lib.arrivals.callbacks import CallbackReceiver
from lib.arrivals.callbacks_key import VARIABLE as CALLBACK_VARIABLE
from lib.arrivals.callbacks_key import callback_key
from lib.engine import Engine
from lib.erasure.retention import RetentionWorker
from lib.errors import SettingRefused
from lib.platform.api import Platform
from lib.platform.connection import TOUR_ID, Connection, ConnectionKind, practice
from lib.platform.directory_source import Directory
from lib.reconcile import Reconciler
from lib.run.records import RunRecord
from lib.run.settings import LONGEST_ANSWER_SECONDS
from lib.server import log_records
from lib.server.log_records import Recent
from lib.server.practice import PRACTICE, TOKEN, Practice
from lib.store import AnyStore, Store
from lib.store.permission import Action

log = logging.getLogger(__name__)

#: Where drafts, runs and the log are kept; set it to keep them elsewhere.
DATA_FOLDER_VARIABLE = "CONTACT_DESK_DATA"


@dataclass(frozen=True)
class Administrator:
    """What the administrator of this process has written.

    administration: who may come in and where numbers may go, as it is at each call. secret: what stands in the file of
    secrets under a name, None for nothing.
    """

    administration: Callable[[], Administration]
    secret: Callable[[str], Any]

    def permit(self, connection: Connection) -> None:
        """Raises DestinationForbidden where the administrator does not allow sending."""
        self.administration().destinations.check(connection)


def administrator_of(files: Sequence[str | Path]) -> Administrator:
    """What stands in these files, for a process without pages."""

    def secret(name: str) -> Any:
        return secrets_table(files) if name == TABLE else settings.secrets(files).get(name)

    return Administrator(lambda: administration(files), secret)


@dataclass(frozen=True)
class _Desk:
    """What there is to be called. Holds nothing of one person's visit."""

    store: AnyStore
    engine: Engine
    platform: Platform | PersonPlatform
    tokens: Tokens | PersonTokens
    given: GivenTokens
    practice: Practice
    tour_platform: Practice  # the guided tour's own: nothing it shows is met by anybody else's numbers
    directory: Directory | PersonDirectory
    arrivals: ArrivalWorker
    callbacks: CallbackReceiver
    retention: RetentionWorker
    permit: Callable[[Connection], None]  # raises DestinationForbidden
    secrets: Callable[
        [], tuple[str, ...]
    ]  # all there are, to take them out of what leaves this computer, and nothing else

    def connections(self) -> list[Connection]:
        """Practice first, then the saved ones by name."""
        saved = {connection.id: connection for connection in self.store.connections.all()}
        built_in = practice("")
        mine = saved.pop(built_in.id, built_in)
        here = replace(built_in, base_url=mine.base_url, task_id=mine.task_id, options=mine.options)
        return [here, *sorted(saved.values(), key=lambda one: one.name)]

    def connection(self, connection_id: str) -> Connection:
        """The connection of this id; practice where it no longer exists."""
        every = self.connections()
        return next((one for one in every if one.id == connection_id), every[0])

    def reachable(self, connection: Connection) -> Connection:
        """The connection with the address it has now: a practice platform of ours takes a free port at each start."""
        if connection.kind == ConnectionKind.PRACTICE and not connection.base_url:
            there = self.tour_platform if connection.id == TOUR_ID else self.practice
            return replace(connection, base_url=there.url())
        return connection

    def token(self, connection: Connection) -> str | None:
        """The token to send with; None where a person has to type it."""
        return self._token_of(connection, self._team(connection))

    def _token_of(self, connection: Connection, team: str) -> str | None:
        if connection.kind == ConnectionKind.PRACTICE:
            return TOKEN
        return self.given.get(connection, team) or self.tokens.get(connection.id)

    def given_token(self, connection: Connection) -> str | None:
        """The one of the administrator's; None where they gave the team none for it."""
        return self.given.get(connection, self._team(connection))

    def token_home(self, connection: Connection) -> Home | None:
        """Where the token of a real connection is; None where a person has to type it."""
        return Home.SERVER if self.given_token(connection) else self.tokens.home(connection.id)

    def _team(self, connection: Connection) -> str:
        """Whose administrator's tokens may be used for it."""
        raise NotImplementedError


@dataclass(frozen=True)
class Services(_Desk):
    """A page's: what one person may use."""

    store: PersonStore
    platform: PersonPlatform
    tokens: PersonTokens
    directory: PersonDirectory
    practice_control: PersonPractice

    def may(self, action: Action) -> bool:
        """Whether the person's role allows it: for what is drawn."""
        return self.store.may(action)

    def _team(self, connection: Connection) -> str:
        return self.store.person.team


@dataclass(frozen=True)
class Whole(_Desk):
    """The process's: what the engine uses, and what each page's is made of."""

    store: Store
    platform: Platform
    tokens: Tokens
    directory: Directory

    def destination(self, run: RunRecord) -> tuple[Connection, str | None]:
        """Where a run goes now, for the engine. Raises DestinationForbidden.

        A practice platform of ours is one process's of several; one with an address of its own is everybody's.
        """
        to = run.connection
        self.permit(to)
        if to.kind == ConnectionKind.PRACTICE and not to.base_url and not self.store.keeps(PRACTICE):
            return to, None
        return self.reachable(to), self._token_of(to, run.team)

    def _team(self, connection: Connection) -> str:
        return self.store.owners.of_connection(connection.id) or ""

    def of(self, person: Callable[[], Person]) -> Services:
        """The same as one person may use it. person: who it is at each call; raises NotAdmitted where nobody is."""
        store = PersonStore(self.store, person, self.permit)
        return Services(
            store,
            self.engine,
            PersonPlatform(self.platform, store),
            PersonTokens(self.tokens, store),
            self.given,
            self.practice,
            self.tour_platform,
            PersonDirectory(Directory(TeamDirectory(self.store, person), self.platform), store),
            self.arrivals,
            self.callbacks,
            self.retention,
            self.permit,
            self.secrets,
            PersonPractice(store),
        )

    def start(self) -> None:
        """Send, look for what became of it, and take away what is no longer needed, from now on."""
        self.engine.start()
        self.arrivals.start()
        self.retention.start()

    def close(self) -> None:
        """End them: what is in flight is finished and recorded first."""
        self.retention.close()
        self.arrivals.close()
        self.engine.close()
        self.practice.close()
        self.tour_platform.close()
        self.platform.close()
        self.tokens.close()
        self.store.close()


class Host:
    """The services of this process: one set of them, made and started when they are first asked for.

    Where they cannot be made, the next one to ask tries again: a database may be reachable only later.
    """

    def __init__(self, make: Callable[[], Whole]) -> None:
        self._make, self._lock = make, threading.Lock()
        self._services: Whole | None = None

    def get(self) -> Whole:
        """Raises StoreUnavailable where the database cannot be used."""
        with self._lock:
            if self._services is None:
                services = self._make()
                services.start()
                self._services = services
            return self._services

    def close(self) -> None:
        """End them, if there are any; whoever asks afterwards gets others."""
        with self._lock:
            services, self._services = self._services, None
        if services:
            services.close()


def assemble(
    administrator: Administrator,
    *,
    database: str | Path = "",
    recent: Recent | None = None,
    is_called_back: bool = False,
) -> Whole:
    """Services of this process, not started yet. Raises StoreUnavailable where the database cannot be used.

    administrator: what they have written, as this process reads it
    database: file or URL in place of the one an administrator has set, "" for that one
    recent: where the last records of every log are kept, None for nowhere
    is_called_back: whether the platform may call this process; only then is there a key of callbacks
    """
    store = _store(administrator, database)
    tokens, given = Tokens(for_this_system(os.environ)), _given_tokens(administrator)
    platform = Platform(answer_seconds=LONGEST_ANSWER_SECONDS, permit=administrator.permit)
    key, error = _callback_key(administrator) if is_called_back else ("", None)

    def secrets() -> tuple[str, ...]:
        return (*tokens.known(), *given.known(), key)

    def destination(run: RunRecord) -> tuple[Connection, str | None]:
        return services.destination(run)

    log_records.install(secrets, recent)
    reconciler = Reconciler(store, platform, destination, monotonic=time.monotonic)
    engine = Engine(store, platform.send, destination, reconciler=reconciler)
    arrivals = ArrivalWorker(store, platform, destination)
    services = Whole(
        store,
        engine,
        platform,
        tokens,
        given,
        Practice(data_folder() / "practice.db"),
        Practice(data_folder() / "tour.db"),
        Directory(store.directory, platform),
        arrivals,
        CallbackReceiver(store, arrivals.wake, key, error=error),
        RetentionWorker(store),
        administrator.permit,
        secrets,
    )
    return services


def data_folder() -> Path:
    """The person's data folder, or the one the environment names."""
    named = os.environ.get(DATA_FOLDER_VARIABLE)
    return Path(named) if named else Path(platformdirs.user_data_dir("contact-desk", appauthor=False))


def _second_mark() -> Path | None:
    """Beside the caches, which no backup brings back; a folder that was named keeps everything in itself."""
    if os.environ.get(DATA_FOLDER_VARIABLE):
        return None
    return Path(platformdirs.user_cache_dir("contact-desk", appauthor=False)) / "desk.db.mark"


def _given_tokens(administrator: Administrator) -> GivenTokens:
    """What the administrator put into the environment and the file of secrets."""
    table = administrator.secret(TABLE)
    return GivenTokens(
        os.environ,
        table if isinstance(table, Mapping) else {},
        lambda: administrator.administration().signs_in,
    )


def _store(administrator: Administrator, named: str | Path) -> Store:
    """The database that is named, else the one an administrator has set, else the file in the data folder."""
    said = {name: administrator.secret(name) for name in settings.VARIABLES}
    kept = settings.database(data_folder() / "desk.db", os.environ, said)
    if kept.is_shared:
        mark: Path | None = data_folder() / "server.mark"
    else:
        mark = None if named else _second_mark()  # the second mark is about the desk's own file
    return Store(named or kept.where, key=kept.key, second_mark=mark)


def _callback_key(administrator: Administrator) -> tuple[str, SettingRefused | None]:
    """The key of callbacks as an administrator set it, "" for none, and what is wrong with the setting."""
    setting = os.environ.get(CALLBACK_VARIABLE, "") or str(administrator.secret(CALLBACK_VARIABLE) or "")
    try:
        return callback_key(setting, data_folder()), None
    except SettingRefused as error:
        log.error("callbacks are not received (%s)", error.code)
        return "", error
