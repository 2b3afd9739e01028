"""What can be done with many rows of the grid at once: with those that are ticked, or with a whole column."""

from collections.abc import Collection
from functools import partial

import pandas as pd
import streamlit as st

from lib.draft import Draft, bulk
from lib.platform.connection import Connection
from lib.sheet.row_numbers import row_name
from lib.store.permission import Action
from lib.ui import keys, messages, state
from lib.ui.parts import column_titles, numbers
from lib.ui.review import grid_cells, grid_view
from lib.ui.review.grid_view import View
from lib.ui.services import Services
from lib.ui.words import plain, t

#: Where the errors of what is done with the rows that are ticked are told (`messages.pending`).
PLACE = "ticked"

#: Examples of a replacement shown before it is made.
EXAMPLES = 3


def actions(draft: Draft, connection: Connection, view: View, page: pd.Index, rows: pd.Index) -> None:
    """Ticking many rows, and find and replace.

    draft: in whose columns texts are replaced, in every row, ticked or not
    connection: where the upload goes; what is looked through is what cleaning for it leaves
    view: whose ticks are set; rows ticked before and not among the new ones lose theirs
    page: row numbers of the page in view
    rows: row numbers of all pages; ticking them all is offered where they are more than the page
    """

    def tick(wanted: pd.Index) -> None:
        view.ticked = set(wanted.tolist())
        view.remount()

    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            t("fixing.tick_page", count=len(page)),
            key=keys.of("tick", "page"),
            on_click=partial(tick, page),
            type="tertiary",
        )
        if len(rows) > len(page):
            st.button(
                t("fixing.tick_all", count=len(rows)),
                key=keys.of("tick", "all"),
                on_click=partial(tick, rows),
                type="tertiary",
            )
        _replace(draft, connection)


def of_ticked(desk: Services, draft: Draft, connection: Connection, view: View) -> None:
    """What can be done with the rows that are ticked, in the bar that is always in sight; nothing where none is.

    desk: whose person may or may not see whole numbers, and whose store writes down that they did
    draft: whose rows are left out, taken back or changed
    connection: where the upload goes; suggestions are those of its review
    view: whose ticks count, on whatever page they are
    """
    ticked = sorted(view.ticked)
    if not ticked:
        return
    with st.bottom.container():
        messages.pending(PLACE)
    with st.bottom.container(horizontal=True, vertical_alignment="center"):
        st.markdown(t("fixing.ticked", count=len(ticked)), width="content")
        inside = [row for row in ticked if row not in draft.left_out]
        if inside:
            leave = grid_view.acting(draft, partial(draft.leave_out, inside), PLACE)
            st.button(t("fixing.leave_out", count=len(inside)), on_click=leave, key="fixing.leave_out")
        if len(inside) < len(ticked):
            outside = [row for row in ticked if row in draft.left_out]
            back = grid_view.acting(draft, partial(draft.take_back_in, outside), PLACE)
            st.button(t("fixing.take_back", count=len(outside)), on_click=back, key="fixing.take_back")
        if offered := len(bulk.suggestions(draft, ticked, connection)):
            accept = grid_view.acting(draft, partial(bulk.accept, draft, ticked, connection), PLACE)
            st.button(t("review.accept", count=offered), on_click=accept, key="fixing.accept")
        _set_value(draft, connection, ticked)
        _fill_down(draft, connection, ticked)
        reveal(desk, draft, view, numbers.starred(draft, ticked), PLACE)
        st.button(t("fixing.untick"), on_click=partial(_untick, view), type="tertiary")


def _untick(view: View) -> None:
    view.ticked.clear()
    view.remount()


def reveal(desk: Services, draft: Draft, view: View, rows: Collection[int], at: str) -> None:
    """A button that shows the numbers of these rows in full, which is how one with stars is edited; nothing for none.

    desk: whose person has no button unless their role may see whole numbers; its store writes the press down
    draft: whose numbers are shown
    view: drawn anew after the press, and asks no more for rows in which stars were typed
    rows: row numbers of those with stars, ticked or just typed into
    at: where errors are told; one button for each such place on a page
    """
    if not rows or not desk.may(Action.REVEAL):
        return

    def show() -> None:
        numbers.reveal(desk.store, draft, rows)
        view.starred = set()
        view.remount()

    st.button(
        t("numbers.reveal", count=len(rows)),
        key=keys.of("numbers.reveal", at),
        icon=":material/visibility:",
        help=t("numbers.reveal_help"),
        on_click=messages.attempt(show, at),
    )


def _column(draft: Draft, key: str, names: list[str]) -> str:
    titles = column_titles.titles(draft, grid_cells.fields(draft))
    chosen: str = st.selectbox(t("fixing.column"), names, format_func=titles.__getitem__, key=key)
    return chosen


def _set_value(draft: Draft, connection: Connection, ticked: list[int]) -> None:
    with st.popover(t("fixing.set"), icon=":material/edit:"):
        name = _column(draft, keys.of("fixing.set.column", draft.id), grid_cells.fields(draft))
        key = keys.of("fixing.set.value", draft.id, name)
        choices = bulk.closed_values(name)
        if choices:
            st.selectbox(t("fixing.value"), choices, format_func=lambda value: t(f"{name}.{value}"), key=key)
        else:
            st.text_input(t("fixing.value"), key=key)
        st.button(
            t("fixing.set_do", count=len(ticked)),
            key="fixing.set.do",
            on_click=grid_view.acting(
                draft,
                lambda: bulk.set_value(draft, ticked, name, str(state.widget(key) or ""), connection),
                PLACE,
            ),
        )


def _fill_down(draft: Draft, connection: Connection, ticked: list[int]) -> None:
    with st.popover(t("fixing.fill"), icon=":material/vertical_align_bottom:"):
        st.caption(t("fixing.fill_means"))
        name = _column(draft, keys.of("fixing.fill.column", draft.id), grid_cells.fields(draft))
        fill = grid_view.acting(draft, partial(bulk.fill_down, draft, ticked, name, connection), PLACE)
        st.button(t("fixing.fill_do"), key="fixing.fill.do", on_click=fill)


def _replace(draft: Draft, connection: Connection) -> None:
    open_names = [name for name in grid_cells.fields(draft) if not bulk.closed_values(name)]
    with st.popover(t("fixing.replace"), icon=":material/find_replace:"):
        name = _column(draft, keys.of("fixing.replace.column", draft.id), open_names)
        find = st.text_input(t("fixing.find"), key=keys.of("fixing.find", draft.id))
        put = st.text_input(t("fixing.put"), key=keys.of("fixing.put", draft.id))
        whole_cell = st.checkbox(t("fixing.whole_cell"), key=keys.of("fixing.whole_cell", draft.id))
        if not find:
            return
        found = bulk.replacements(draft, name, find, put, connection, whole_cell=whole_cell)
        st.markdown(t("fixing.replace_finds", count=len(found)))
        before = draft.shown(name, found.index[:EXAMPLES], connection)
        for row, text in zip(before.index, before, strict=True):
            seen = (plain(numbers.cell(draft, name, one)) for one in (text, found[row]))
            st.caption(
                t("fixing.example", row=row_name(row), **dict(zip(("before", "after"), seen, strict=True)))
            )
        st.button(
            t("fixing.replace_do", count=len(found)),
            key="fixing.replace.do",
            disabled=found.empty,
            on_click=grid_view.acting(
                draft,
                partial(bulk.replace, draft, name, find, put, connection, whole_cell=whole_cell),
                grid_view.PLACE,
            ),
        )
