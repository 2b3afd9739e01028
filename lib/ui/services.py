"""The composition root: builds the store, the engine and the way to the platform, once for the process."""

import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import platformdirs
import streamlit as st

from lib import log_records, server_settings
from lib.administration import Administration
from lib.administration import administration as administration_of
from lib.api import Platform
from lib.arrivals import Arrivals
from lib.callbacks import Callbacks
from lib.callbacks_key import VARIABLE as CALLBACK_VARIABLE
from lib.callbacks_key import callback_key
from lib.connection import Connection, ConnectionKind, practice
from lib.directory_source import Directory
from lib.engine import Engine
from lib.errors import SettingRefused, StoreUnavailable
from lib.log_records import Recent
from lib.people import Action, Person
from lib.person_desk import PersonDirectory, PersonPlatform, PersonTokens, ToldToTeam
from lib.person_store import PersonStore
from lib.practice import PRACTICE, TOKEN, Practice
from lib.reconcile import Reconciler
from lib.retention import Retention
from lib.store import AnyStore, RunRecord, Store
from lib.token_keyring import for_this_system
from lib.token_settings import TABLE, GivenTokens
from lib.tokens import Home, Tokens

log = logging.getLogger(__name__)

#: Where drafts, runs and the log are kept; set it to keep them elsewhere.
DATA_FOLDER_VARIABLE = "CONTACT_DESK_DATA"

#: The last records of every log, for whoever looks for what went wrong.
recent = Recent()

_TRUSTED = "server.trustedUserHeaders"

#: Services to end with the app; those of a database that could be opened only later are not made at its start.
_made: list["Whole"] = []


def administration() -> Administration:
    """What the administrator has written, as it is now."""
    known = administration_of(st.get_option("secrets.files"))
    if known.signs_in and st.get_option(_TRUSTED):  # Streamlit would believe a header more than the provider
        return replace(known, trouble="sign_in_incomplete", params={"key": _TRUSTED})
    return known


def permit(connection: Connection) -> None:
    """Raises DestinationForbidden where the administrator does not allow sending."""
    administration().destinations.check(connection)


@dataclass(frozen=True)
class _Desk:
    """What there is to be called. Holds nothing of one person's visit."""

    store: AnyStore
    engine: Engine
    platform: Platform | PersonPlatform
    tokens: Tokens | PersonTokens
    given: GivenTokens
    practice: Practice
    directory: Directory | PersonDirectory
    arrivals: Arrivals
    callbacks: Callbacks
    retention: Retention
    secrets: Callable[
        [], tuple[str, ...]
    ]  # all there are, to take them out of what leaves this computer, and nothing else

    def connections(self) -> list[Connection]:
        """Practice first, then the saved ones by name."""
        saved = {connection.id: connection for connection in self.store.connections()}
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
            return replace(connection, base_url=self.practice.url())
        return connection

    def token(self, connection: Connection) -> str | None:
        """The token to send with; None where a person has to type it."""
        if connection.kind == ConnectionKind.PRACTICE:
            return TOKEN
        return self.given.get(connection) or self.tokens.get(connection.id)

    def token_home(self, connection: Connection) -> Home | None:
        """Where the token of a real connection is; None where a person has to type it."""
        return Home.SERVER if self.given.get(connection) else self.tokens.home(connection.id)


@dataclass(frozen=True)
class Services(_Desk):
    """A page's: what one person may use."""

    store: PersonStore
    platform: PersonPlatform
    tokens: PersonTokens
    directory: PersonDirectory

    def may(self, action: Action) -> bool:
        """Whether the person's role allows it: for what is drawn."""
        return self.store.may(action)


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
        permit(to)
        if to.kind == ConnectionKind.PRACTICE and not to.base_url and not self.store.keeps(PRACTICE):
            return to, None
        return self.reachable(to), self.token(to)

    def of(self, person: Callable[[], Person]) -> Services:
        """The same as one person may use it. person: who it is at each call; raises NotAdmitted where nobody is."""
        store = PersonStore(self.store, person, permit)
        return Services(
            store,
            self.engine,
            PersonPlatform(self.platform, store),
            PersonTokens(self.tokens, store),
            self.given,
            self.practice,
            PersonDirectory(Directory(ToldToTeam(self.store, person), self.platform), store),
            self.arrivals,
            self.callbacks,
            self.retention,
            self.secrets,
        )


def data_folder() -> Path:
    """The person's data folder, or the one the environment names."""
    named = os.environ.get(DATA_FOLDER_VARIABLE)
    return Path(named) if named else Path(platformdirs.user_data_dir("contact-desk", appauthor=False))


def _second_mark() -> Path | None:
    """Beside the caches, which no backup brings back; a folder that was named keeps everything in itself."""
    if os.environ.get(DATA_FOLDER_VARIABLE):
        return None
    return Path(platformdirs.user_cache_dir("contact-desk", appauthor=False)) / "desk.db.mark"


def _secret(name: str) -> Any:
    """What the administrator's file of secrets says under this name, None for nothing."""
    try:
        return st.secrets.get(name)
    except (
        FileNotFoundError
    ):  # also said of a file that is there and cannot be read: an administrator must notice that
        if any(Path(path).exists() for path in st.get_option("secrets.files")):
            raise
        return None


def _given_tokens() -> GivenTokens:
    """What the administrator put into the environment and the file of secrets."""
    table = _secret(TABLE)
    return GivenTokens(os.environ, table if isinstance(table, Mapping) else {})


def _store() -> Store:
    """The database an administrator has set, else the file in the data folder."""
    said = {name: _secret(name) for name in server_settings.VARIABLES}
    kept = server_settings.database(data_folder() / "desk.db", os.environ, said)
    return Store(
        kept.where,
        key=kept.key,
        second_mark=data_folder() / "server.mark" if kept.is_shared else _second_mark(),
    )


def _callback_key() -> tuple[str, SettingRefused | None]:
    """The key of callbacks as an administrator set it, "" for none, and what is wrong with the setting."""
    setting = os.environ.get(CALLBACK_VARIABLE, "") or str(_secret(CALLBACK_VARIABLE) or "")
    try:
        return callback_key(setting, data_folder()), None
    except SettingRefused as trouble:
        log.error("callbacks are not received (%s)", trouble.code)
        return "", trouble


@st.cache_resource(show_spinner=False)
def get() -> Whole:
    """The services of this process; raises StoreUnavailable where the database cannot be used."""
    store = _store()
    tokens, given = Tokens(for_this_system(os.environ)), _given_tokens()
    platform, sandbox = Platform(permit=permit), Practice()
    key, trouble = _callback_key()

    def secrets() -> tuple[str, ...]:
        return (*tokens.known(), *given.known(), key)

    log_records.install(secrets, recent)
    arrivals = Arrivals(store, platform, lambda run: services.destination(run))
    engine, directory = Engine(store, platform.send), Directory(store, platform)
    callbacks = Callbacks(store, arrivals.wake, key, trouble=trouble)
    services = Whole(
        store,
        engine,
        platform,
        tokens,
        given,
        sandbox,
        directory,
        arrivals,
        callbacks,
        Retention(store),
        secrets,
    )
    services.engine.start(services.destination, Reconciler(store, platform, services.destination))
    arrivals.start()
    services.retention.start()
    _made.append(services)
    return services


@contextmanager
def running() -> Iterator[None]:
    """Start the services with the app and end them with it: what is in flight is finished and recorded first.

    With a database that cannot be used the app starts all the same: its pages say why, and what to do. Numbers and
    tokens stay out of every log this process writes, whoever writes it.
    """
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    log_records.install(recent=recent)
    try:
        get()
    except StoreUnavailable as error:
        log.error("the database cannot be used (%s)", error.code)
    try:
        yield
    finally:
        get.clear()
        while _made:
            services = _made.pop()
            services.retention.close()
            services.arrivals.close()
            services.engine.close()
            services.practice.close()
            services.platform.close()
            services.tokens.close()
            services.store.close()
        log_records.uninstall()
