"""Who is at the browser now. Asked at every step of a visit: a sign-in ends, and the administrator's list changes, meanwhile."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from lib.access.administration import Administration
from lib.access.people import ALONE, Person, admitted, claimed, login_of
from lib.errors import NotAdmitted
from lib.run.journal import By
from lib.store import Store

#: Seconds for which the database is not asked again whether a person has signed out elsewhere.
FRESH_SECONDS = 1.0

#: Refusals worth a line in the journal: somebody whom the provider knows wanted to come in.
_TOLD = frozenset({"email_missing", "email_unverified", "not_listed"})


class Visit:
    """One visit, as far as people matter. identity: what the sign-in told at its beginning, {} where nobody signed in.

    administration: what holds now. clock: seconds since 1970; tick: monotonic seconds.
    """

    def __init__(
        self,
        store: Store,
        administration: Callable[[], Administration],
        identity: Mapping[str, Any],
        *,
        clock: Callable[[], float] = time.time,
        tick: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store, self._administration, self._identity = store, administration, dict(identity)
        self._clock, self._tick = clock, tick
        self._said: dict[str, tuple[float, bool]] = {}  # question → when it was asked, and the answer

    def person(self) -> Person:
        """Whoever it is. Raises NotAdmitted where nobody may come in, or no longer."""
        known = self._administration()
        if known.error_code:
            raise NotAdmitted(known.error_code, **known.params)
        if not known.signs_in:
            if not known.is_open and self._says("shared", lambda: self._store.logins.is_shared):
                raise NotAdmitted("sign_in_gone")
            return ALONE
        person = admitted(self._identity, known.people, self._clock())
        if self._says(person.login, lambda: self._store.logins.has_ended(person.login)):
            raise NotAdmitted("signed_out")
        return person

    def _says(self, question: str, ask: Callable[[], bool]) -> bool:
        """What the database says, not older than a moment."""
        now = self._tick()
        at, said = self._said.get(question, (now - FRESH_SECONDS, False))
        if now - at >= FRESH_SECONDS:
            said = ask()
            self._said[question] = (now, said)
        return said

    def begin(self) -> None:
        """Write down that this person has come in. Raises as `person`."""
        person = self.person()
        if not person.is_alone:
            self._store.logins.begin(person.login, By(person.id, person.team))

    def end(self) -> None:
        """The person signs out, in every tab; whatever else they were, nobody is let back in with this sign-in."""
        login = login_of(self._identity)
        try:
            person = self.person()
            by = By(person.id, person.team)
        except NotAdmitted:
            by = By(claimed(self._identity))
        self._store.logins.end(login, by)
        self._said.clear()

    def refused(self, refusal: NotAdmitted) -> None:
        """Write down, once, that somebody was turned away."""
        if refusal.code in _TOLD:
            self._store.logins.refuse(login_of(self._identity), By(claimed(self._identity)), refusal.code)
