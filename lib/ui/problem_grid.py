"""The grid of rows in trouble, edited in place.

Membership is frozen while the person works: a row that is mended stays where it is until the list is drawn anew.
Edits are written in the callback, by row number; the key gets a new version when the grid must show other values than
those typed (streamlit-facts, section 2.2).
"""

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from lib import problem_words, worklist
from lib.connection import Connection
from lib.draft import Draft
from lib.fields import SEX_VALUES
from lib.problems import ProblemCode
from lib.ui import keys, mapping_rows, messages, state
from lib.ui.words import moment, t
from lib.validation import Review
from lib.worklist import Show

#: Problems whose name does not tell the field.
_OF_ANY_FIELD = (
    ProblemCode.INTEGER_INVALID,
    ProblemCode.TEXT_LONG,
    ProblemCode.TEXT_TOO_LONG,
    ProblemCode.TEXT_BROKEN,
)


#: Looks of a status cell with an error and with a warning, by theme.
_TONES = {
    "light": ("background-color: #fecaca; color: #450a0a", "background-color: #fde68a; color: #451a03"),
    "dark": ("background-color: #7f1d1d; color: #ffffff", "background-color: #78350f; color: #ffffff"),
}


def start() -> dict[str, Any]:
    """View settings of a visit: what is shown, the frozen rows, the version of the grid's key."""
    return {"show": Show.TROUBLE.value, "code": None, "search": "", "rows": None, "version": 0, "draft": None}


def _view(draft: Draft) -> dict[str, Any]:
    view = state.view("grid", start)
    if view["draft"] != draft.revision:
        state.forget_view("grid")
        view = state.view("grid", start)
        view["draft"] = draft.revision
    return view


def show_code(code: str) -> None:
    """Show the rows with this kind of problem."""
    state.view("grid", start).update(show=Show.TROUBLE.value, code=code, search="", rows=None)


def _refilter() -> None:
    view = state.view("grid", start)
    view.update(show=state.widget("grid.show"), search=state.widget("grid.search") or "", code=None, rows=None)


def _redraw() -> None:
    view = state.view("grid", start)
    view.update(rows=None, version=view["version"] + 1)


def grid(draft: Draft, connection: Connection) -> None:
    """Filter, search, the grid itself, its pages."""
    review, view = draft.review(connection), _view(draft)
    st.subheader(t("grid.title"))
    _controls(draft, view)
    if view["rows"] is None:
        view["rows"] = worklist.rows_of(
            Show(view["show"]),
            review,
            contacts=draft.contacts,
            every_row=draft.contacts.index,
            left_out=draft.left_out,
            edited={edit.row for edit in draft.edits},
            code=view["code"],
            search=view["search"],
        )
    rows: pd.Index = view["rows"].intersection(draft.contacts.index, sort=False)
    if rows.empty:
        st.caption(t("grid.empty"))
        return
    number = 1
    if worklist.pages(rows) > 1:
        number = st.pagination(worklist.pages(rows), key=keys.of("grid.page", view["show"], view["code"]))
    _editor(
        draft, connection, review, worklist.page_of(rows, number), keys.of("grid", draft.id, view["version"], number)
    )
    st.caption(t("grid.count", count=len(rows)))


def _controls(draft: Draft, view: dict[str, Any]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        state.set_widget("grid.show", view["show"])
        st.segmented_control(
            t("grid.show"),
            [show.value for show in Show],
            format_func=lambda show: t(f"grid.show.{show}"),
            required=True,
            key="grid.show",
            on_change=_refilter,
        )
        state.set_widget("grid.search", view["search"])
        st.text_input(t("grid.search"), key="grid.search", on_change=_refilter, width=170)
        st.button(t("grid.redraw"), icon=":material/refresh:", on_click=_redraw, help=t("grid.redraw_help"))
        _undo_button(draft)
        _take_back_button(draft, view)
    if view["code"]:
        st.caption(t("grid.only", problem=t(f"problem.{view['code']}.name")))


def _undo_button(draft: Draft) -> None:
    if draft.edits:
        st.button(
            t("review.undo"),
            icon=":material/undo:",
            on_click=messages.attempt(partial(_undo, draft)),
            key=keys.of("undo", draft.id),
        )


def _undo(draft: Draft) -> None:
    draft.undo()
    state.view("grid", start)["version"] += 1


def _take_back_button(draft: Draft, view: dict[str, Any]) -> None:
    if draft.left_out and view["show"] == Show.LEFT_OUT:
        st.button(t("review.take_back"), on_click=messages.attempt(lambda: draft.take_back_in(draft.left_out)))


def _editor(draft: Draft, connection: Connection, review: Review, page: pd.Index, key: str) -> None:
    shown = draft.contacts.loc[page].copy()
    kept = page.intersection(review.contacts.index)
    shown.loc[kept, review.contacts.columns.intersection(shown.columns)] = review.contacts.loc[kept]
    if "sex" in shown.columns:
        shown["sex"] = shown["sex"].map(lambda value: _sex_words().get(value, value))
    fields = [name for name in shown.columns if not _is_made(draft, name)]
    titles = mapping_rows.titles(draft, fields)
    shown = shown[fields].rename(columns=titles)
    shown.insert(0, t("grid.send"), ~page.isin(list(draft.left_out)))
    shown.insert(0, t("grid.status"), _status(draft, review, page, titles))
    shown.index.name = t("grid.row")
    st.data_editor(
        shown.style.apply(lambda _: _colours(review, page), subset=[t("grid.status")]),
        key=key,
        height="content" if len(shown) < 12 else 460,
        disabled=[t("grid.row"), t("grid.status")],
        column_config={
            t("grid.row"): st.column_config.NumberColumn(pinned=True, width=70, format="%d"),
            t("grid.status"): st.column_config.TextColumn(pinned=True, width=280),
            t("grid.send"): st.column_config.CheckboxColumn(width=70, help=t("grid.send_help")),
            titles.get("phone", "phone"): st.column_config.TextColumn(width=150),
        },
        on_change=messages.attempt(
            partial(_write, draft, connection, key, list(page), {title: name for name, title in titles.items()})
        ),
    )


def _sex_words() -> dict[str, str]:
    """What `sex` is called on screen; typed words are understood by the check."""
    return {value: t(f"sex.{value}") for value in SEX_VALUES}


def _is_made(draft: Draft, name: str) -> bool:
    return name == "extra" and not draft.mapping.is_fed("extra")


def _write(draft: Draft, connection: Connection, key: str, rows: list[int], names: dict[str, str]) -> None:
    """Write what was typed. Runs before the page; a second call with the same diff changes nothing."""
    changes = worklist.cell_changes(state.widget(key)["edited_rows"], [int(row) for row in rows])
    sends = [(row, wanted) for row, column, wanted in changes if column == t("grid.send")]
    typed = [
        (row, names[column], "" if text is None else str(text)) for row, column, text in changes if column in names
    ]
    if out := [row for row, wanted in sends if not wanted]:
        draft.leave_out(out)
    if back := [row for row, wanted in sends if wanted]:
        draft.take_back_in(back)
    draft.edit(typed, connection)
    contacts = draft.review(connection).contacts
    words = _sex_words()
    stored = ((name, contacts.at[row, name], text) for row, name, text in typed if row in contacts.index)
    if any((words.get(now, now) if name == "sex" else now) != text for name, now, text in stored):
        state.view("grid", start)["version"] += 1  # the grid would go on showing what was typed, not what is stored


def _status(draft: Draft, review: Review, page: pd.Index, titles: dict[str, str]) -> list[str]:
    here = review.problems[review.problems["row"].isin(page)]
    sentences: dict[int, list[str]] = {}
    for problem in here.itertuples():
        sentences.setdefault(int(problem.row), []).append(_sentence(problem, review, titles))
    told = {row: t("grid.and").join(every) for row, every in sentences.items()}
    out = t("grid.is_left_out")
    return [out if row in draft.left_out else told.get(row, t("grid.fine")) for row in page]


def _colours(review: Review, page: pd.Index) -> list[str]:
    """Background of each status cell. Streamlit fades cells that cannot be edited, hence the strong text."""
    here = review.problems[review.problems["row"].isin(page)]
    errors, rows = set(here.loc[here["severity"].eq("error"), "row"]), set(here["row"])
    error, warning = _TONES["dark" if st.context.theme.type == "dark" else "light"]
    return [error if row in errors else warning if row in rows else "" for row in page]


def _sentence(problem: Any, review: Review, titles: dict[str, str]) -> str:
    """Short enough for a cell; the line of the group above says what to do."""
    if problem.code == ProblemCode.PHONE_REPEATED:
        return t("grid.repeated", row=problem.suggestion)
    if problem.code == ProblemCode.ALREADY_SENT:
        at, _, unique_id = str(review.sent_before.get(problem.row, "|")).partition("|")
        return t("grid.sent_before", when=moment(at)[:11], batch=unique_id[:8] or "–")
    proposal = t("grid.proposal", value=problem.suggestion) if problem.suggestion else ""
    name = problem_words.name(str(problem.code), state.language(), str(problem.value))
    if problem.code in _OF_ANY_FIELD:
        name = t("grid.trouble", field=titles.get(problem.field, problem.field), problem=name)
    return name + proposal
