"""The review of a draft, kept until something it hangs on changes, and checked again only where an edit touches it."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from lib.draft.known_numbers import KnownNumbers
from lib.platform.connection import Connection, ConnectionKind
from lib.store import AnyStore
from lib.validation import Review, check
from lib.validation.recheck import picked_rows, spliced, touched


@dataclass(frozen=True)
class ReviewTerms:
    """What a verdict depends on beside rows and connection: what the person decided, and the components.

    again_for, elsewhere_for: task to which numbers of its own past, or of another one's, may go; "" for none.
    keep: kinds of cleaning that are not done. rules: what the platform asks of the components.
    """

    again_for: str
    elsewhere_for: str
    keep: frozenset[str]
    rules: Mapping[str, tuple[str, ...]]


class ReviewCache:
    """The last review only: it can be as large as the sheet, and belongs to one connection, whose options and task decide."""

    def __init__(self, store: AnyStore) -> None:
        self._store = store
        self._known = KnownNumbers(store)
        self._reviews: dict[Connection, Review] = {}

    def of(self, connection: Connection) -> Review | None:
        """The review for this connection, if it is the one that is kept."""
        return self._reviews.get(connection)

    @property
    def last(self) -> Review | None:
        """The one that is kept, whichever connection it is for."""
        return next(iter(self._reviews.values()), None)

    def make(
        self, connection: Connection, contacts: pd.DataFrame, left_out: frozenset[int], terms: ReviewTerms
    ) -> Review:
        """Check every row that is not left out; the review before it goes.

        connection: whose options and task decide, and for which it is kept
        contacts: the mapped sheet with the person's edits, whole
        left_out: rows that are not looked at at all
        terms: what else the verdict depends on
        """
        kept = contacts.drop(index=list(left_out), errors="ignore")
        self._reviews = {connection: self._examined(kept, connection, terms)}
        return self._reviews[connection]

    def recheck(
        self, changed: set[int], contacts: pd.DataFrame, left_out: frozenset[int], terms: ReviewTerms
    ) -> None:
        """Check these rows and what they touch anew; where that is more than half of them, the review is dropped.

        changed: rows with an edited cell, and those left out or taken back in
        contacts: with the edits in them already
        left_out: as it is after them
        terms: as the review was made with: others would change the verdict on every row
        """
        for connection, review in list(self._reviews.items()):
            known = pd.Index(sorted(changed), dtype="int64")
            rows = touched(review, known[known.isin(contacts.index)], contacts, connection.options)
            if len(rows) > len(contacts) // 2:
                self._reviews.pop(connection)
                continue
            checked = rows[~rows.isin(list(left_out))]
            kept = picked_rows(contacts, contacts.index.get_indexer(checked))
            again = self._examined(kept, connection, terms)
            self._reviews[connection] = spliced(review, again, rows, contacts.index)

    def forget(self) -> None:
        """Something changed that every row may hang on."""
        self._reviews.clear()

    def look_again(self) -> None:
        """Forget the review and what was known of numbers from outside."""
        self._known = KnownNumbers(self._store)
        self.forget()

    def _examined(self, contacts: pd.DataFrame, connection: Connection, terms: ReviewTerms) -> Review:
        """The verdict on these rows. It must depend on nothing but them and those that share a number with them."""
        review = check(
            contacts,
            connection.options,
            practice=connection.kind == ConnectionKind.PRACTICE,
            keep=terms.keep,
            rules=terms.rules,
        )
        again, elsewhere = (
            for_task == connection.task for for_task in (terms.again_for, terms.elsewhere_for)
        )
        return self._known.examined(review, contacts, connection, again=again, elsewhere=elsewhere)
