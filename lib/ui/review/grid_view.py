"""What a visit looks at in the grid: the filter, the frozen rows, the page, the ticks. No fact has its home here."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd
import streamlit as st

from lib.draft import Draft
from lib.draft.grid_rows import PAGE_SIZES, GridQuery
from lib.ui import messages, state
from lib.ui.words import t

_NAME = "grid"

#: Where the errors of what is done in the grid are told (`messages.pending`).
PLACE = "grid"

#: Before the name of a column of the sheet that feeds no field, where such names stand among those of fields.
UNFED = "sheet:"


@dataclass
class View:
    """View settings of a visit.

    size: rows a page as chosen; fit: as many as may be, by the length of their cells. basis: what every row was judged by when the rows were found (`Draft.basis`).
    rows: frozen row numbers in the order shown, None where they are to be found anew. first: fields in trouble when they
    were found, which stand to the left. marked: fields that have a column of marks beside them. fresh: cells typed since,
    which go on showing what was typed: with another text in its place the grid would repeat the edit at each later one
    (README, "What was measured of Streamlit"). asked: how often something else was looked for. version: part of the
    grid's key; another one draws it anew. seen: the state of the draft the grid has shown. lists_problems: whether the list
    of problems above the grid is unfolded. starred: rows in which a number with stars was typed just now. hidden: fields that are not shown; added: columns of the sheet that are,
    though they feed no field (`grid_cells.choices`).
    """

    draft: tuple[object, ...] = ()
    basis: object = None
    wanted: GridQuery = field(default_factory=GridQuery)
    size: int = PAGE_SIZES[0]
    fit: int = PAGE_SIZES[-1]
    page: int = 1
    asked: int = 0
    rows: pd.Index | None = None
    first: frozenset[str] = frozenset()
    marked: set[str] = field(default_factory=set)
    fresh: set[tuple[int, str]] = field(default_factory=set)
    ticked: set[int] = field(default_factory=set)
    version: int = 0
    seen: str = ""
    lists_problems: bool = True
    starred: set[int] = field(default_factory=set)
    hidden: set[str] = field(default_factory=set)
    added: set[str] = field(default_factory=set)

    def ask(self, **changes: Any) -> None:
        """Look for something else."""
        self.wanted = replace(self.wanted, **changes)
        self.asked += 1
        self.page = 1
        self.redraw()

    def list_problems(self, unfolded: bool) -> None:
        """Unfold the list of problems above the grid, or fold it."""
        self.lists_problems = unfolded

    def shows(self, name: str) -> bool:
        """Whether this column is shown: a field unless it was hidden, one that feeds none if it was added."""
        return name in self.added if name.startswith(UNFED) else name not in self.hidden

    def show_columns(self, choices: Iterable[str], chosen: Collection[str]) -> None:
        """Show these of all columns there are to choose from."""
        self.added = {name for name in chosen if name.startswith(UNFED)}
        self.hidden = {name for name in choices if not name.startswith(UNFED)} - set(chosen)
        self.remount()

    def redraw(self) -> None:
        """Find the rows anew; page and ticks stay."""
        self.rows = None
        self.remount()

    def remount(self) -> None:
        """Draw the grid from what is stored, without what is still held in the browser."""
        self.version += 1
        self.fresh.clear()

    @property
    def rows_a_page(self) -> int:
        return min(self.size, self.fit)

    def freeze(self, rows: pd.Index, troubled: Iterable[str], fit: int) -> None:
        """Keep these rows in this order, with the fields in trouble first and marks beside them.

        rows: row numbers of every page, in the order shown; a tick at any other row goes
        troubled: fields with a problem in any row, shown or not; read twice, so no iterator
        fit: rows a page may have at most, by the length of their cells
        """
        self.fit = fit
        self.rows, self.first, self.marked = rows, frozenset(troubled), set(troubled)
        self.ticked &= set(rows)

    def turn_to(self, page: int) -> None:
        """Show another page."""
        self.page = page
        self.remount()

    def resize(self, size: int) -> None:
        """Rows a page from now on; the first row shown stays on the page."""
        first = (self.page - 1) * self.rows_a_page
        self.size = size
        self.page = first // self.rows_a_page + 1
        self.remount()


def acting(draft: Draft, act: Callable[[], object], at: str) -> Callable[[], None]:
    """What is done with many rows as a callback: where it was pressed is told how much it has changed, or why it failed.

    draft: that is changed; nothing is told where it is the same as before
    act: makes the change as one turn, whose cells or rows are counted; what it returns is let go of
    at: where errors are told
    """

    def done() -> None:
        before = draft.updated
        act()
        if draft.updated != before:
            st.toast(t("fixing.done", count=draft.turns[0]), icon=":material/check:")

    return messages.attempt(done, at)


def current() -> View:
    """The settings of this visit."""
    return state.view(_NAME, View)


def of(draft: Draft) -> View:
    """The settings of this visit for this draft; new ones where the file or the way of reading it is another.

    The rows are found anew where every row is judged anew: after another mapping, or a decision for all of them.
    """
    view = current()
    if view.draft != draft.revision:
        state.forget_view(_NAME)
        view = current()
        view.draft, view.seen = draft.revision, draft.updated
    if view.basis is not draft.basis:
        view.basis = draft.basis
        view.redraw()
    return view
