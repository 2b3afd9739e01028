"""What is known of a sheet's numbers from outside of it: sent before, to whom, when, and who must not be called at all.

A verdict here depends on the number alone, so rows can be examined in any portion. Each number is asked for once.
"""

from collections.abc import Callable, Iterable

import pandas as pd

from lib.contact.problems import ProblemCode
from lib.platform.connection import Connection
from lib.store import AnyStore
from lib.validation import Review, marked


class KnownNumbers:
    """Asks the store about numbers for one draft, and puts what it says into a review."""

    def __init__(self, store: AnyStore) -> None:
        self._store = store
        self._asked: dict[tuple[object, ...], _Asked] = {}

    def examined(
        self, review: Review, contacts: pd.DataFrame, connection: Connection, *, again: bool, elsewhere: bool
    ) -> Review:
        """The review with a problem for every row whose number is known.

        What may be sent again is told as a warning, and such rows go last. The do-not-call list knows no decision.

        review: of any portion of the rows, before it was asked whether their numbers are known
        contacts: the same rows as mapped, for the value shown
        connection: whose task tells "sent before" from "sent elsewhere"
        again: numbers of this task may be sent once more
        elsewhere: so may numbers sent to other tasks of late
        """
        if "phone" not in review.contacts.columns:
            return review
        phones = review.contacts.loc[review.sendable, "phone"]
        sent = self._sent(connection, phones)
        for is_elsewhere, is_allowed, code in (
            (False, again, ProblemCode.ALREADY_SENT),
            (True, elsewhere, ProblemCode.SENT_ELSEWHERE),
        ):
            known = sent[sent.str.endswith("|") != is_elsewhere]
            review = marked(review, contacts, ProblemCode.SENT_AGAIN if is_allowed else code, known)
        return marked(review, contacts, ProblemCode.DO_NOT_CALL, self._listed(phones))

    def _sent(self, connection: Connection, phones: pd.Series) -> pd.Series:
        """phone → "time|unique_id|connection" of the last time; of this very task where it went there, connection ""."""
        days = self._store.settings.get().recent_days

        def ask(some: list[str]) -> pd.Series:
            sent = self._store.history.already_sent(connection, some, days).sort_values(
                "elsewhere", kind="stable", ascending=False
            )
            sent = sent.drop_duplicates("phone", keep="last")
            names = (
                sent["connection_name"]
                .where(sent["connection_name"].ne(""), "–")
                .where(sent["elsewhere"], "")
            )
            return _by_phone(sent["phone"], sent["at"] + "|" + sent["unique_id"] + "|" + names)

        return self._among(("sent", connection.task, days), ask, phones)

    def _listed(self, phones: pd.Series) -> pd.Series:
        def ask(some: list[str]) -> pd.Series:
            listed = self._store.do_not_call.among(some)
            return _by_phone(listed, [""] * len(listed))

        return self._among(("listed",), ask, phones)

    def _among(
        self, key: tuple[object, ...], ask: Callable[[list[str]], pd.Series], phones: pd.Series
    ) -> pd.Series:
        return self._asked.setdefault(key, _Asked(ask)).among(phones)


class _Asked:
    """Answers about numbers: phone → text; a number without an entry is not known."""

    def __init__(self, ask: Callable[[list[str]], pd.Series]) -> None:
        self._ask = ask
        self._done: set[str] = set()
        self._known = pd.Series(dtype="str")

    def among(self, phones: pd.Series) -> pd.Series:
        """What is known of these numbers."""
        wanted = set(phones)
        if new := wanted - self._done:
            self._known = pd.concat([self._known, self._ask(list(new))])
            self._done |= new
        return self._known[self._known.index.isin(wanted)]


def _by_phone(phones: Iterable[str], texts: Iterable[str]) -> pd.Series:
    return pd.Series(list(texts), index=list(phones), dtype="str")
