"""Phone numbers on screen: the middle hidden, unless the person wants those of the open draft in full for this visit.

Only what is sent to the browser is hidden; looking for a number, ordering and checking know all of it.
"""

from collections.abc import Callable, Collection, Iterable
from functools import partial

import pandas as pd
import streamlit as st

from lib.contact.masking import mask_column, mask_number, mask_seen
from lib.draft import Draft
from lib.run.records import RunRecord
from lib.run.states import DataDeed
from lib.store import AnyStore
from lib.store.journal import Doing
from lib.ui import keys, messages, state
from lib.ui.words import t

_NAME = "numbers"

#: Pages on which numbers of the open draft are seen.
PAGES = ("upload", "mapping", "review", "submit")


def _shown() -> set[str]:
    """Drafts whose numbers are shown in full; a refresh begins anew."""
    return state.view(_NAME, set)


def are_full(draft: Draft) -> bool:
    """Whether the numbers of this draft are shown in full."""
    return draft.id in _shown()


def _rows_shown(draft: Draft) -> set[int]:
    """Rows of this draft whose numbers are shown in full, though the others are not."""
    shown: set[int] = state.view(f"{_NAME}.{draft.id}", set)
    return shown


def starred(draft: Draft, rows: Collection[int]) -> list[int]:
    """Those of these rows whose number stands there with stars."""
    phones = draft.contacts["phone"].reindex(list(rows), fill_value="")
    seen = cells(draft, "phone", phones, rows)
    return [row for row, whole, one in zip(rows, phones, seen, strict=True) if whole != one]


def reveal(store: AnyStore, draft: Draft, rows: Collection[int]) -> None:
    """Show the numbers in these rows in full, so that they can be edited; written down as the switch is.

    store: where that is written down, before anything is shown; a person's raises NotAllowed where they may not see them
    draft: whose rows they are; all are hidden again when its switch is turned off, and after a refresh
    rows: row numbers of the spreadsheet; those shown before stay shown
    """
    doing = Doing(DataDeed.REVEALED, draft.who, draft_id=str(draft.id), facts={"rows": len(rows)})
    store.journal.note_data(doing)
    _rows_shown(draft).update(rows)


def switch(store: AnyStore, draft: Draft) -> None:
    """The one switch; each time it is turned on that is written down, without a number."""
    _toggle(draft.id, are_full(draft), partial(_turn, store, draft))


def _turn(store: AnyStore, draft: Draft, key: str) -> None:
    if state.widget(key):
        store.journal.note_data(Doing(DataDeed.REVEALED, draft.who, draft_id=str(draft.id)))
        _shown().add(str(draft.id))
    else:
        _shown().discard(str(draft.id))
        _rows_shown(draft).clear()


def are_full_of_run(run: RunRecord) -> bool:
    """Whether the numbers of this run are shown in full: for itself, or as those of its draft."""
    return not {run.id, run.draft_id}.isdisjoint(_shown())


def switch_of_run(store: AnyStore, run: RunRecord) -> None:
    """The same switch for what a run has sent."""
    _toggle(run.id, are_full_of_run(run), partial(_turn_of_run, store, run))


def _toggle(of: str | None, on: bool, turn: Callable[[str], None]) -> None:
    """of: what the switch belongs to; turn: what its being turned does, given its key."""
    key = keys.of("numbers", of)
    state.set_widget(key, on)
    st.toggle(
        t("numbers.full"),
        key=key,
        help=t("numbers.full_help"),
        on_change=messages.attempt(partial(turn, key)),
    )


def _turn_of_run(store: AnyStore, run: RunRecord, key: str) -> None:
    if state.widget(key):
        store.journal.note_data(Doing(DataDeed.REVEALED, run.created_by, run_id=run.id))
        _shown().add(run.id)
    else:
        _shown().difference_update({run.id, str(run.draft_id)})


def text(draft: Draft, words: str) -> str:
    """Any text of the sheet as it may be seen."""
    return words if are_full(draft) else mask_seen(words)


def cell(draft: Draft, name: str, words: str) -> str:
    """A cell of a contacts column as it may be seen.

    draft: whose switch says whether numbers are shown in full; rows asked for one by one (`reveal`) do not count
    name: of the column; in "phone" a cell that only as a whole is a number is hidden, too
    words: what stands in the cell; it is not made harmless in Markdown
    """
    if are_full(draft):
        return words
    return mask_number(words) if name == "phone" else mask_seen(words)


def cells(draft: Draft, name: str, texts: Iterable[str], rows: Iterable[int] = ()) -> list[str]:
    """Cells of a contacts column as they may be seen.

    draft: whose switch says whether numbers are shown in full
    name: of the column; in "phone" a cell that only as a whole is a number is hidden, too
    texts: what stands in the cells
    rows: row number of each cell, in the same order, where some may have been asked for (`reveal`); () where none may
    """
    whole = list(texts)
    if are_full(draft):
        return whole
    seen, asked = mask_column(whole, is_phone=name == "phone"), _rows_shown(draft)
    for at, row in enumerate(rows if asked else ()):
        if row in asked:
            seen[at] = whole[at]
    return seen


def of_column(draft: Draft, column: str, texts: Iterable[str]) -> list[str]:
    """Cells of a column of the sheet as they may be seen.

    draft: whose switch says whether numbers are shown in full, and whose mapping says what the column feeds
    column: as the sheet names it; in one that feeds the phone a cell that only as a whole is a number is hidden, too
    texts: any of its cells, not cleaned
    """
    feeds = draft.mapping.sources("phone")
    return list(texts) if are_full(draft) else mask_column(texts, is_phone=column in feeds)


def table(draft: Draft, frame: pd.DataFrame) -> pd.DataFrame:
    """Rows of the sheet as they may be seen; each column keeps a name of its own."""
    if are_full(draft):
        return frame
    shown = {at: of_column(draft, name, frame.iloc[:, at]) for at, name in enumerate(frame.columns)}
    return pd.DataFrame(shown, index=frame.index).set_axis(heads(draft, frame.columns), axis=1)


def heads(draft: Draft, names: Iterable[str]) -> list[str]:
    """Names of columns as they may be seen, each different: a row of data may have been taken for the header."""
    shown: list[str] = []
    for name in names:
        seen = text(draft, str(name))
        shown.append(seen if seen not in shown else f"{seen} ({len(shown) + 1})")
    return shown
