"""The desk of rows to look at: what is shown, in which order, which page of it, and the grid itself.

Membership and order are frozen while the person works: a row that is mended stays where it is until the list is drawn
anew, and so do page and place. `grid_cells` draws the page and takes what was typed; `grid_actions` acts on many rows.
"""

from collections.abc import Callable
from functools import partial

import pandas as pd
import streamlit as st

from lib.draft import Draft, grid_rows
from lib.draft.grid_rows import Show
from lib.platform.connection import Connection
from lib.ui import keys, messages, state
from lib.ui.parts import column_titles
from lib.ui.review import grid_actions, grid_cells, grid_view
from lib.ui.review.grid_view import View
from lib.ui.services import Services
from lib.ui.words import plain, t


def show_problem(code: str, field: str) -> None:
    """Show the rows with this kind of problem in this field, in the place of the list of problems."""
    view = grid_view.current()
    view.ask(show=Show.TROUBLE, code=code, field=field, search="")
    view.list_problems(False)


def _show() -> None:
    grid_view.current().ask(show=Show(state.widget("grid.show")), code=None, field=None)


def _search() -> None:
    grid_view.current().ask(search=state.widget("grid.search") or "")


def _resort() -> None:
    view = grid_view.current()
    view.ask(sort=state.widget("grid.sort"), descending=state.widget("grid.descending"))


def _resize() -> None:
    grid_view.current().resize(state.widget("grid.size"))


def grid(desk: Services, draft: Draft, connection: Connection) -> None:
    """Filter, search, order, the grid itself, its pages, and what can be done with the rows that are ticked.

    desk: whose person may or may not see whole numbers, and whose store writes down that they did
    draft: whose rows are shown and changed; it is mapped, and not submitted
    connection: where the upload goes; the rows are judged for it
    """
    view = grid_view.of(draft)
    if view.wanted.sort not in (grid_rows.BY_ROW, *grid_cells.fields(draft)):
        view.ask(sort=grid_rows.BY_ROW)  # nothing feeds that field any more
    _filters(view)
    messages.pending(grid_view.PLACE)
    grid_actions.reveal(desk, draft, view, view.starred, grid_view.PLACE)
    rows = _rows(draft, connection, view)
    _in_force(draft, view)
    if rows.empty:
        st.caption(t("grid.empty"))
        return
    _order(draft, view, rows)
    page = grid_rows.page_of(rows, view.page, view.rows_a_page)
    grid_cells.editor(draft, connection, view, page)
    st.caption(t("grid.count", count=len(rows)))
    grid_actions.actions(draft, connection, view, page, rows)
    grid_actions.of_ticked(desk, draft, connection, view)


def _rows(draft: Draft, connection: Connection, view: View) -> pd.Index:
    if view.rows is None:
        fields = grid_cells.fields(draft)
        review = draft.review(connection)
        rows = grid_rows.rows_of(
            view.wanted,
            review,
            every_row=draft.contacts.index,
            columns=fields,
            shown=partial(draft.shown, connection=connection),
            left_out=draft.left_out,
            edited=draft.edited_rows,
        )
        fit = grid_rows.rows_that_fit(draft.contacts[fields], rows)
        view.freeze(rows, review.problems["field"].unique(), fit)
    assert view.rows is not None
    return view.rows


def _filters(view: View) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header(t("grid.title"), anchor=False, width="content")
        state.set_widget("grid.show", view.wanted.show.value)
        st.radio(
            t("grid.show"),
            [show.value for show in Show],
            format_func=lambda show: t(f"grid.show.{show}"),
            key="grid.show",
            on_change=_show,
            horizontal=True,
            width="content",
            label_visibility="collapsed",
        )
        state.set_widget("grid.search", view.wanted.search)
        st.text_input(
            t("grid.search"),
            key="grid.search",
            on_change=_search,
            width=170,
            placeholder=t("grid.search"),
            label_visibility="collapsed",
        )


def _in_force(draft: Draft, view: View) -> None:
    """What narrows the list, each to be taken away alone; beside it what can be done with the list as a whole."""
    with st.container(horizontal=True, vertical_alignment="center"):
        wanted = view.wanted
        if wanted.code:
            name = grid_cells.named(draft, wanted.code, wanted.field or "")
            _chip("grid.only", t("grid.only", problem=name), partial(view.ask, code=None, field=None))
        elif wanted.show != Show.ALL:
            shown = t("grid.only", problem=t(f"grid.show.{wanted.show}"))
            _chip("grid.only_show", shown, partial(view.ask, show=Show.ALL))
        if wanted.search:
            holds = t("grid.holds", text=plain(wanted.search))
            _chip("grid.only_search", holds, partial(view.ask, search=""))
        st.space("stretch")
        if draft.left_out and wanted.show == Show.LEFT_OUT:
            st.button(
                t("review.take_back"),
                on_click=grid_view.acting(
                    draft, partial(_turned, lambda: draft.take_back_in(draft.left_out)), grid_view.PLACE
                ),
            )
        _turn_buttons(draft)
        st.button(
            t("grid.redraw"), icon=":material/refresh:", on_click=view.redraw, help=t("grid.redraw_help")
        )
        _columns(draft, view)


def _chip(key: str, words: str, take_away: Callable[[], None]) -> None:
    st.button(
        words,
        key=key,
        icon=":material/close:",
        icon_position="right",
        help=t("grid.only_off"),
        on_click=take_away,
    )


def _columns(draft: Draft, view: View) -> None:
    """Which columns are shown; those of the sheet that feed no field are hidden until they are chosen."""
    choices = grid_cells.choices(draft)
    key = keys.of("grid.columns", draft.id)
    state.set_widget(key, [name for name in choices if view.shows(name)])

    def choose() -> None:
        view.show_columns(choices, state.widget(key))

    with st.popover(t("grid.columns"), icon=":material/view_column:"):
        st.multiselect(
            t("grid.columns_which"),
            list(choices),
            format_func=choices.__getitem__,
            key=key,
            on_change=choose,
            help=t("grid.columns_means"),
        )


def _order(draft: Draft, view: View, rows: pd.Index) -> None:
    """Order, rows a page and page, where there is more than one or the order is another."""
    wanted = view.wanted
    if (
        len(rows) <= min(grid_rows.PAGE_SIZES[0], view.fit)
        and wanted.sort == grid_rows.BY_ROW
        and not wanted.descending
    ):
        return
    titles = column_titles.titles(draft, grid_cells.fields(draft))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        state.set_widget("grid.sort", wanted.sort)
        st.selectbox(
            t("fixing.sort"),
            [grid_rows.BY_ROW, *titles],
            format_func=lambda name: titles.get(name, t("grid.row")),
            key="grid.sort",
            on_change=_resort,
            width=150,
        )
        state.set_widget("grid.descending", wanted.descending)
        st.selectbox(
            t("fixing.order"),
            [False, True],
            format_func=lambda down: t("fixing.descending" if down else "fixing.ascending"),
            key="grid.descending",
            on_change=_resort,
            width=130,
        )
        state.set_widget("grid.size", view.size)
        st.selectbox(
            t("fixing.page_size"), grid_rows.PAGE_SIZES, key="grid.size", on_change=_resize, width=100
        )
    _pages(view, rows)  # in the row it would have no room for its numbers


def _turned(turn: Callable[[], object]) -> None:
    """Undo, redo or take back, and look for the rows anew: one of them belongs to the list again, or no longer."""
    turn()
    grid_view.current().redraw()


def _turn_buttons(draft: Draft) -> None:
    undo, redo = draft.turns
    for name, icon, count, turn in (("undo", "undo", undo, draft.undo), ("redo", "redo", redo, draft.redo)):
        if undo or redo:
            st.button(
                t(f"fixing.{name}", count=count) if count else t(f"fixing.{name}_none"),
                icon=f":material/{icon}:",
                on_click=messages.attempt(partial(_turned, turn), grid_view.PLACE),
                disabled=not count,
                key=keys.of(name, draft.id),
            )


def _pages(view: View, rows: pd.Index) -> None:
    last = grid_rows.pages(rows, view.rows_a_page)
    view.page = min(view.page, last)
    if last > 1:
        key = keys.of("grid.page", view.asked, view.rows_a_page)
        st.pagination(last, default=view.page, key=key, on_change=lambda: view.turn_to(state.widget(key)))
