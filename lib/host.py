"""What a process that sends is made of: which database it opens, where runs go, and with which token."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import platformdirs

from lib.administration import DEFAULT_FILES, administration
from lib.connection import Connection, ConnectionKind
from lib.practice import TOKEN, Practice
from lib.server_settings import database, secrets
from lib.store import RunRecord, Store
from lib.token_settings import GivenTokens
from lib.tokens import Tokens

#: Name of an environment variable.
DATA_FOLDER_VARIABLE = "CONTACT_DESK_DATA"


class Host:
    """Where runs go, without a page to ask."""

    def __init__(
        self,
        environment: Mapping[str, str],
        given: GivenTokens,
        tokens: Tokens,
        files: Sequence[str | Path] = DEFAULT_FILES,
        may_practise: Callable[[], bool] = lambda: True,
    ) -> None:
        """files: the administrator's, as `lib.administration` reads them. may_practise: whether practice runs are sent
        from here; several processes have not one platform."""
        self._environment, self._given, self._tokens, self._files = environment, given, tokens, files
        self.practice, self._may_practise = Practice(), may_practise

    def permit(self, connection: Connection) -> None:
        """Raises DestinationForbidden where the administrator does not allow sending."""
        administration(self._files, self._environment).destinations.check(connection)

    def destination(self, run: RunRecord) -> tuple[Connection, str | None]:
        """The run's own connection; a practice run without an address gets a practice platform of ours.

        Raises DestinationForbidden.
        """
        to = run.connection
        self.permit(to)
        if to.kind == ConnectionKind.PRACTICE:
            if not to.base_url and not self._may_practise():
                return to, None
            here = to if to.base_url else replace(to, base_url=self.practice.url())
            return here, self._given.get(here) or TOKEN
        return to, self._given.get(to) or self._tokens.get(to.id)


def open_store(named: str, files: Sequence[str | Path]) -> Store:
    """named: file or URL, "" for the one an administrator has set, else the app's own file."""
    kept = database(data_folder() / "desk.db", os.environ, secrets(files))
    mark = data_folder() / "server.mark" if kept.is_shared else None
    return Store(named or kept.where, key=kept.key, second_mark=mark)


def data_folder() -> Path:
    """The person's data folder, or the one the environment names."""
    named = os.environ.get(DATA_FOLDER_VARIABLE)
    return Path(named) if named else Path(platformdirs.user_data_dir("contact-desk", appauthor=False))
