"""Where names come from: asked of the platform on request, kept by account, read again without asking.

Nothing here is asked behind a person's back but `live_task`, and nothing but `pause` changes anything.
"""

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any, Protocol

from lib.errors import NotSent, PlatformError, Throttled, Unauthorised
from lib.platform import directory_decoding as answers
from lib.platform.answers import FailureCode
from lib.platform.api import Platform
from lib.platform.connection import Connection, ConnectionKind
from lib.platform.directory import Component, Gap, Task, TaskKind, TaskList, Template
from lib.platform.paths import LookUp
from lib.times import utc_now

#: Entries asked for at once; the platform may give fewer.
PER_PAGE = 100

#: Pages of one list that are fetched, and seconds all lists together may take; what is left is told as cut.
MOST_PAGES = 40
PATIENCE_SECONDS = 60.0

_TASKS, _COMPONENTS = "tasks", "components"

#: The account's own tasks and those of its sub-accounts; whether the second includes the first is not documented.
_LISTS = (
    (LookUp.CLASSIC_TASKS, TaskKind.CLASSIC),
    (LookUp.ALL_CLASSIC_TASKS, TaskKind.CLASSIC),
    (LookUp.NEW_TASKS, TaskKind.NEW),
    (LookUp.ALL_NEW_TASKS, TaskKind.NEW),
)


class _Store(Protocol):
    """What is needed of a store (`lib.store.directory`)."""

    def get(self, account: str, subject: str) -> dict[str, Any] | None: ...
    def keep(self, account: str, subject: str, facts: dict[str, Any]) -> None: ...
    def forget(self, account: str) -> None: ...


class Directory:
    """The platform's names. One per process, usable from several threads."""

    def __init__(
        self,
        store: _Store,
        platform: Platform,
        *,
        per_page: int = PER_PAGE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store, self._platform, self._per_page, self._clock = store, platform, per_page, clock

    # --- kept ----------------------------------------------------------------------------------------------

    def tasks(self, connection: Connection) -> TaskList | None:
        """The list as fetched last for this account."""
        kept = self._store.get(account(connection), _TASKS)
        return TaskList.from_dict(kept) if kept else None

    def task(self, connection: Connection) -> Task | None:
        """What is known of the connection's task."""
        found = self.tasks(connection)
        return found.find(connection.task_id) if found else None

    def template(self, connection: Connection) -> Template | None:
        """The components as fetched last for this account."""
        kept = self._store.get(account(connection), _COMPONENTS)
        return Template.from_dict(kept) if kept else None

    def forget(self, connection: Connection) -> None:
        """What is kept of this account."""
        self._store.forget(account(connection))

    # --- asked ---------------------------------------------------------------------------------------------

    def fetch_tasks(self, connection: Connection, token: str) -> TaskList:
        """Every list, every page; kept. A list that cannot be had is a gap; raises PlatformError where none can."""
        asking = _Asking(self._platform, connection, token, self._per_page, self._clock)
        found: dict[str, Task] = {}
        gaps: list[Gap] = []
        errors, unread = [], 0
        for what, kind in _LISTS:
            try:
                for page in asking.pages(what):
                    some, unreadable = answers.tasks(page, kind)
                    found |= {task.id.lower(): task for task in some}
                    unread += unreadable
            except PlatformError as error:
                errors.append(error)
                gaps.append(_gap(what, error))
        if len(errors) == len(_LISTS):
            raise errors[0]
        owners = self._owners(asking, found.values(), gaps, connection)
        ordered = sorted(found.values(), key=lambda task: (not task.name, task.name.casefold(), task.id))
        fetched = TaskList(utc_now(), tuple(ordered), owners, tuple(gaps), unread, asking.cut)
        self._store.keep(account(connection), _TASKS, fetched.as_dict())
        return fetched

    def live_task(self, connection: Connection, token: str) -> Task | None:
        """The 2.0 task's state at this moment, by the name it had; kept. None where it is no longer listed."""
        kept = self.tasks(connection)
        known = kept.find(connection.task_id) if kept else None
        if kept is None or known is None or known.kind != TaskKind.NEW:
            return known
        asking = _Asking(self._platform, connection, token, self._per_page, self._clock, name=known.name)
        own = not known.owner or known.owner.lower() == connection.user_id.lower()
        lists = (LookUp.NEW_TASKS, LookUp.ALL_NEW_TASKS) if own else (LookUp.ALL_NEW_TASKS, LookUp.NEW_TASKS)
        for what in lists:
            for page in asking.pages(what):
                some, _ = answers.tasks(page, TaskKind.NEW)
                if found := next((task for task in some if task.id.lower() == known.id.lower()), None):
                    tasks = tuple(found if task.id == known.id else task for task in kept.tasks)
                    self._store.keep(account(connection), _TASKS, replace(kept, tasks=tasks).as_dict())
                    return found
        return None

    def fetch_template(self, connection: Connection, token: str) -> Template:
        """The components; kept. Raises PlatformError, AnswerUnreadable among it."""
        found: list[Component]
        found, unread = answers.components(self._platform.ask(connection, token, LookUp.COMPONENTS, {}))
        fetched = Template(utc_now(), tuple(found), unread)
        self._store.keep(account(connection), _COMPONENTS, fetched.as_dict())
        return fetched

    def pause(self, connection: Connection, token: str) -> None:
        """Pause the 2.0 task. Only ever after a person's explicit word; what it does then is for `live_task` to see."""
        self._platform.pause_new_task(connection, token)

    def _owners(
        self, asking: "_Asking", tasks: Iterable[Task], gaps: list[Gap], connection: Connection
    ) -> dict[str, str]:
        """Names of the sub-accounts, asked for only where a task belongs to one."""
        if not any(task.owner and task.owner.lower() != connection.user_id.lower() for task in tasks):
            return {}
        owners: dict[str, str] = {}
        try:
            for page in asking.pages(LookUp.SUB_ACCOUNTS):
                owners |= {identity.lower(): name for identity, name in answers.accounts(page).items()}
        except PlatformError as error:
            gaps.append(_gap(LookUp.SUB_ACCOUNTS, error))
        return owners


class _Asking:
    """One round of look-ups with one patience."""

    def __init__(
        self,
        platform: Platform,
        connection: Connection,
        token: str,
        per_page: int,
        clock: Callable[[], float],
        *,
        name: str = "",
    ) -> None:
        self._platform, self._connection, self._token = platform, connection, token
        self._query = {"per_page": per_page} | ({"name": name} if name else {})
        self._clock, self._end = clock, clock() + PATIENCE_SECONDS
        self.cut = False

    def pages(self, what: LookUp) -> Iterator[dict[str, Any]]:
        """Every page of a list: to the last one it names, or else until one brings nothing new."""
        if self._clock() > self._end:
            self.cut = True
            return
        seen: set[str] = set()
        for page in range(1, MOST_PAGES + 1):
            document = self._platform.ask(self._connection, self._token, what, self._query | {"page": page})
            told = answers.listed(document)
            marks = {repr(entry) for entry in told.entries}
            yield document
            if marks <= seen or (told.last_page is not None and page >= told.last_page):
                return
            seen |= marks
            if self._clock() > self._end:
                break
        self.cut = True


def _gap(what: LookUp, error: PlatformError) -> Gap:
    """A list that could not be had; raises the error where every other list would meet it as well."""
    token_refused = isinstance(error, Unauthorised) and error.code != FailureCode.FORBIDDEN
    if token_refused or isinstance(error, NotSent | Throttled):
        raise error
    return Gap(what.name, str(error.code), error.raw)


def account(connection: Connection) -> str:
    """What names belong to: an account at an address. The practice platform's address differs at each start."""
    if connection.kind == ConnectionKind.PRACTICE:
        return ConnectionKind.PRACTICE.value
    told = f"{connection.base_url.lower()}|{connection.user_id.lower()}"
    return hashlib.sha256(told.encode()).hexdigest()[:32]
