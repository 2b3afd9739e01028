"""The composition root: builds the store, the engine and the way to the platform, once for the process."""

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import platformdirs
import streamlit as st

from lib import server_settings
from lib.api import Platform
from lib.arrivals import Arrivals
from lib.connection import Connection, ConnectionKind, practice
from lib.directory_source import Directory
from lib.engine import Engine
from lib.errors import StoreUnavailable
from lib.practice import PRACTICE, TOKEN, Practice
from lib.privacy import install_redaction
from lib.reconcile import Reconciler
from lib.store import RunRecord, Store
from lib.token_keyring import for_this_system
from lib.token_settings import TABLE, GivenTokens
from lib.tokens import Home, Tokens

log = logging.getLogger(__name__)

#: Where drafts, runs and the log are kept; set it to keep them elsewhere.
DATA_FOLDER_VARIABLE = "CONTACT_DESK_DATA"


#: Services to end with the app; those of a database that could be opened only later are not made at its start.
_made: list["Services"] = []


@dataclass(frozen=True)
class Services:
    """What a page may call. Holds nothing of one person's visit."""

    store: Store
    engine: Engine
    platform: Platform
    tokens: Tokens
    given: GivenTokens
    practice: Practice
    directory: Directory
    arrivals: Arrivals

    def connections(self) -> list[Connection]:
        """Practice first, then the saved ones by name."""
        saved = {connection.id: connection for connection in self.store.connections()}
        built_in = practice("")
        mine = saved.pop(built_in.id, built_in)
        return [replace(built_in, task_id=mine.task_id, options=mine.options), *sorted(saved.values(), key=lambda one: one.name)]

    def connection(self, connection_id: str) -> Connection:
        """The connection of this id; practice where it no longer exists."""
        every = self.connections()
        return next((one for one in every if one.id == connection_id), every[0])

    def reachable(self, connection: Connection) -> Connection:
        """The connection with the address it has now: the practice platform takes a free port at each start."""
        if connection.kind == ConnectionKind.PRACTICE:
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

    def destination(self, run: RunRecord) -> tuple[Connection, str | None]:
        """Where a run goes now, for the engine; of several processes one has the practice platform."""
        if run.connection.kind == ConnectionKind.PRACTICE and not self.store.keeps(PRACTICE):
            return run.connection, None
        return self.reachable(run.connection), self.token(run.connection)


def data_folder() -> Path:
    """The person's data folder, or the one the environment names."""
    named = os.environ.get(DATA_FOLDER_VARIABLE)
    return Path(named) if named else Path(platformdirs.user_data_dir("contact-desk", appauthor=False))


def _second_mark() -> Path | None:
    """Beside the caches, which no backup brings back; a folder that was named keeps everything in itself."""
    if os.environ.get(DATA_FOLDER_VARIABLE):
        return None
    return Path(platformdirs.user_cache_dir("contact-desk", appauthor=False)) / "desk.db.mark"


def _secrets() -> Mapping[str, Any]:
    """The administrator's file of secrets; empty where there is none."""
    try:
        return st.secrets.to_dict()
    except FileNotFoundError:  # also said of a file that is there and cannot be read: an administrator must notice that
        if any(Path(path).exists() for path in st.get_option("secrets.files")):
            raise
        return {}


def _redact_logs(tokens: Tokens, given: GivenTokens) -> None:
    """Numbers and tokens stay out of every log this process writes, whoever writes it."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for name in ("", "streamlit", "uvicorn"):
        install_redaction(logging.getLogger(name), lambda: (*tokens.known(), *given.known()))


@st.cache_resource(show_spinner=False)
def get() -> Services:
    """The services of this process; raises StoreUnavailable where the database cannot be used."""
    secrets = _secrets()
    kept = server_settings.database(data_folder() / "desk.db", os.environ, secrets)
    mark = data_folder() / "server.mark" if kept.is_shared else _second_mark()
    store = Store(kept.where, key=kept.key, second_mark=mark)
    tokens = Tokens(for_this_system(os.environ))
    given = GivenTokens(os.environ, server_settings.table(secrets, TABLE))
    platform, sandbox = Platform(), Practice()
    _redact_logs(tokens, given)
    arrivals = Arrivals(store, platform, lambda run: services.destination(run))
    engine, directory = Engine(store, platform.send), Directory(store, platform)
    services = Services(store, engine, platform, tokens, given, sandbox, directory, arrivals)
    services.engine.start(services.destination, Reconciler(store, platform, services.destination))
    arrivals.start()
    _made.append(services)
    return services


@contextmanager
def running() -> Iterator[None]:
    """Start the services with the app and end them with it: what is in flight is finished and recorded first.

    With a database that cannot be used the app starts all the same: its pages say why, and what to do.
    """
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
            services.arrivals.close()
            services.engine.close()
            services.practice.close()
            services.platform.close()
            services.tokens.close()
            services.store.close()
