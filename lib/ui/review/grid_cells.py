"""One page of the grid: its cells, a mark beside each cell in trouble, the reason in words, and what was typed.

Streamlit colours only cells that cannot be edited, so a cell in trouble has a narrow coloured mark to its left.
"""

from functools import partial
from itertools import chain
from typing import Any

import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler

from lib.access.people import OTHER_TEAM
from lib.contact.fields import SEX_VALUES
from lib.contact.masking import holds_mask
from lib.contact.problems import ProblemCode
from lib.draft import Draft, grid_rows
from lib.errors import Conflict
from lib.platform.connection import Connection
from lib.sheet.row_numbers import row_name
from lib.ui import colours, keys, messages, state
from lib.ui.parts import column_titles, numbers
from lib.ui.review import grid_view
from lib.ui.review.grid_view import View
from lib.ui.words import moment, plain, t
from lib.validation import Review, words

#: Problems whose name does not tell the field.
_OF_ANY_FIELD = (
    ProblemCode.INTEGER_INVALID,
    ProblemCode.TEXT_LONG,
    ProblemCode.TEXT_TOO_LONG,
    ProblemCode.TEXT_BROKEN,
    ProblemCode.TEXT_MISREAD,
    ProblemCode.TEXT_NOTHING,
    ProblemCode.DIGITS_LOST,
)

#: Fields that the names of their problems tell.
_TOLD_BY_KIND = ("phone", "sex", "email")

#: What stands in a mark, so that colour is not all that tells.
_SIGNS = {"error": "✕", "warning": "△"}

#: What stands before the words of what will become of a row.
_GOES = {"to_send": "✓", "held_back": "✕", "repeated": "=", "left_out": "–"}

#: Who it is stands to the left of what is wrong.
_ALWAYS_FIRST = ("phone", "name")

#: Pixels of the grid: with what stands right above it, it fills a window 768 pixels high down to the bar. With fewer rows
#: than FILLING it is as high as they are.
HEIGHT, FILLING = 565, 15


def fields(draft: Draft) -> list[str]:
    """Contacts columns a person may edit; the row tokens we make are not theirs."""
    return [name for name in draft.contacts.columns if name != "extra" or draft.mapping.is_fed("extra")]


def named(draft: Draft, code: str, name: str) -> str:
    """A kind of problem in few words, harmless in Markdown; with the field where the kind alone does not tell it.

    draft: in which the person has named the components
    code: value of a ProblemCode
    name: of the contacts column that has the problem
    """
    problem = t(f"problem.{code}.name")
    if name in _TOLD_BY_KIND and code not in _OF_ANY_FIELD:
        return problem
    return t("grid.trouble", field=plain(column_titles.titles(draft, [name])[name]), problem=problem)


def choices(draft: Draft) -> dict[str, str]:
    """Columns that may be shown → what each is called: the fields, then those of the sheet that feed none (`grid_view.UNFED`)."""
    assert draft.sheet, "no sheet to look at"
    found = column_titles.titles(draft, fields(draft))
    fed = {*chain.from_iterable(draft.columns.values())}
    used = column_titles.ours() | set(found.values())
    for column in draft.sheet.table.columns:
        if column not in fed:
            title = column_titles.unused(numbers.text(draft, column), used)
            found[f"{grid_view.UNFED}{column}"] = title
            used.add(title)
    return found


def _sex_words() -> dict[str, str]:
    """What `sex` is called on screen; typed words are understood by the check."""
    return {value: t(f"sex.{value}") for value in SEX_VALUES}


def editor(draft: Draft, connection: Connection, view: View, page: pd.Index) -> None:
    """Draw these rows. What is typed is written by the callback, by row number, before the page is drawn again.

    draft: whose cells are shown, and which takes what is typed; it has a sheet
    connection: where the upload goes; cells are cleaned and judged for it
    view: says which columns are shown and what is ticked; fields in trouble on this page have marks from now on
    page: row numbers in the order they are drawn; all of these rows travel to the browser
    """
    assert draft.sheet, "no sheet to look at"
    review, titles = draft.review(connection), choices(draft)
    names = sorted(fields(draft), key=lambda name: (name not in _ALWAYS_FIRST, name not in view.first))
    names = [name for name in names if view.shows(name)]
    problems = review.problems[review.problems["row"].isin(page)]
    view.marked |= set(problems["field"])
    key = _key(draft, view)
    marks = {name: f"{titles[name]}\u200b" for name in names if name in view.marked}
    cells = {
        t("grid.goes"): _goes(draft, review, page),
        t("grid.status"): _reasons(draft, review, view, problems, page, titles),
    }
    worst = (
        problems.sort_values("severity")
        .drop_duplicates(["row", "field"])
        .set_index(["field", "row"])["severity"]
    )
    for name in names:
        if name in marks:
            cells[marks[name]] = [_SIGNS.get(one, "") for one in _worst(worst, name, page)]
        cells[titles[name]] = _texts(draft, connection, view, name, page)
    unfed = [name for name in titles if name.startswith(grid_view.UNFED) and view.shows(name)]
    for name in unfed:
        column = name.removeprefix(grid_view.UNFED)
        cells[titles[name]] = numbers.of_column(draft, column, draft.sheet.table[column].reindex(page))
    # as objects: text would become Arrow's once for each column, and the grid makes Arrow of it by itself
    index = pd.Index([row_name(row) for row in page], name=t("grid.row"))
    shown = pd.DataFrame(cells, index=index, dtype=object)
    shown.insert(0, t("fixing.pick"), page.isin(list(view.ticked)))
    ours = [t("grid.row"), t("grid.goes"), t("grid.status")]
    st.data_editor(
        _coloured(shown, problems, page, marks, worst),
        key=key,
        height="content" if len(shown) < FILLING else HEIGHT,
        disabled=[*ours, *marks.values(), *(titles[name] for name in unfed)],
        column_config=_columns(titles, marks),
        on_change=messages.attempt(
            partial(
                _write, draft, connection, view, key, page.tolist(), {name: titles[name] for name in names}
            ),
            grid_view.PLACE,
        ),
    )


def _goes(draft: Draft, review: Review, page: pd.Index) -> list[str]:
    """What will become of each row, as a sign and in the words of the figures above."""
    is_sent = review.sendable.reindex(page, fill_value=False)
    repeated = review.only_repeated
    states = [
        "left_out"
        if row in draft.left_out
        else "to_send"
        if sent
        else "repeated"
        if row in repeated
        else "held_back"
        for row, sent in is_sent.items()
    ]
    return [f"{_GOES[state]} {t(f'tally.{state}')}" for state in states]


def _key(draft: Draft, view: View) -> str:
    """The grid's key: a new one where the browser holds edits and the draft was changed by something else since."""
    key = keys.of("grid", draft.id, view.version, view.page)
    if view.seen != draft.updated:
        view.seen = draft.updated
        if (state.widget(key) or {}).get("edited_rows"):
            view.remount()
            key = keys.of("grid", draft.id, view.version, view.page)
    return key


def _columns(titles: dict[str, str], marks: dict[str, str]) -> dict[str, Any]:
    return {
        t("grid.row"): st.column_config.TextColumn(pinned=True, width=62, alignment="right"),
        t("fixing.pick"): st.column_config.CheckboxColumn(pinned=True, width=66, help=t("fixing.pick_help")),
        t("grid.goes"): st.column_config.TextColumn(pinned=True, width=104, help=t("grid.goes_help")),
        t("grid.status"): st.column_config.TextColumn(pinned=True, width=250),
        titles.get("phone", "phone"): st.column_config.TextColumn(width=128),
        **{
            mark: st.column_config.TextColumn("⚠", width=34, help=t("fixing.mark_help"))
            for mark in marks.values()
        },
    }


def _texts(draft: Draft, connection: Connection, view: View, name: str, page: pd.Index) -> list[str]:
    """Cleaned and as it may be seen, but a cell typed since the grid was drawn as it was typed."""
    texts = draft.shown(name, page, connection).tolist()
    if name == "sex":
        words_for = _sex_words()
        texts = [words_for.get(value, value) for value in texts]
    typed = draft.typed(name, [row for row in page if (row, name) in view.fresh]).to_dict()
    seen = numbers.cells(draft, name, texts, page)
    return [typed.get(row, text) for row, text in zip(page, seen, strict=True)]


def _write(
    draft: Draft, connection: Connection, view: View, key: str, rows: list[int], titles: dict[str, str]
) -> None:
    """Take what was typed and ticked. Runs before the page; a second call with the same diff changes nothing."""
    names = {title: name for name, title in titles.items()}
    changes = grid_rows.cell_changes(state.widget(key)["edited_rows"], rows)
    for row, column, value in changes:
        if column == t("fixing.pick"):
            (view.ticked.add if value else view.ticked.discard)(row)
    typed = [
        (row, names[column], "" if text is None else str(text))
        for row, column, text in changes
        if column in names
    ]
    whole = [cell for cell in typed if not holds_mask(cell[2])]
    draft.edit([cell for cell in whole if cell[:2] not in view.fresh or not _stands(draft, cell)], connection)
    view.fresh |= {cell[:2] for cell in whole if _stands(draft, cell)}
    view.seen = draft.updated
    view.starred = {row for row, _, text in typed if holds_mask(text)}
    if view.starred:
        view.remount()  # the browser holds what was typed, and would go on showing it
        raise Conflict("mask_typed")


def _stands(draft: Draft, cell: tuple[int, str, str]) -> bool:
    """Whether this very text is what was typed last: the grid repeats an edit until it has seen it confirmed."""
    row, name, text = cell
    return bool(draft.typed(name, [row]).get(row) == text)


def _reasons(
    draft: Draft, review: Review, view: View, problems: pd.DataFrame, page: pd.Index, titles: dict[str, str]
) -> list[str]:
    """What is wrong with each row, or what a cell typed just now is sent as where cleaning has changed it."""
    sentences: dict[int, list[str]] = {}
    for row, problem in zip(problems["row"], problems.itertuples(), strict=True):
        sentences.setdefault(int(row), []).append(_sentence(draft, problem, review, titles))
    for row, name in sorted(view.fresh & {(row, name) for row in page for name in ("phone", "email")}):
        typed, places = draft.typed(name, [row]).get(row), review.contacts.index.get_indexer(pd.Index([row]))
        if row not in sentences and typed is not None and places[0] >= 0:
            sent = review.contacts[name].iat[places[0]]
            if sent not in ("", typed):
                sentences[row] = [t("fixing.sent_as", value=sent)]  # whole: the person has just typed it
    told = {row: t("grid.and").join(every) for row, every in sentences.items()}
    out = t("grid.is_left_out")
    return [out if row in draft.left_out else told.get(row, t("grid.fine")) for row in page]


def _sentence(draft: Draft, problem: Any, review: Review, titles: dict[str, str]) -> str:
    """Short enough for a cell; the line of the group above says what to do."""
    if problem.code == ProblemCode.PHONE_REPEATED:
        return t("grid.repeated", row=row_name(problem.suggestion))
    if problem.code == ProblemCode.ALREADY_SENT:
        at, unique_id, _ = _sent_before(review, problem.row)
        if unique_id == OTHER_TEAM:
            return t("grid.sent_before_other_team", when=moment(at)[:11])
        return t("grid.sent_before", when=moment(at)[:11], batch=unique_id[:8] or "–")
    if problem.code == ProblemCode.SENT_ELSEWHERE:
        at, unique_id, name = _sent_before(review, problem.row)
        if unique_id == OTHER_TEAM:
            return t("grid.sent_elsewhere_other_team", when=moment(at)[:11])
        return t("grid.sent_elsewhere", when=moment(at)[:11], name=name, batch=unique_id[:8] or "–")
    seen = numbers.cell(draft, problem.field, problem.suggestion)
    proposal = t("grid.proposal", value=seen) if seen else ""
    name = words.name(str(problem.code), state.language(), str(problem.value))
    if problem.code in _OF_ANY_FIELD:
        name = t("grid.trouble", field=titles.get(problem.field, problem.field), problem=name)
    return name + proposal


def _sent_before(review: Review, row: int) -> list[str]:
    """When, in which batch, and by which connection the number of this row was sent; see `Review.sent_before`."""
    return str(review.sent_before.get(row, "||")).split("|", 2)


def _worst(worst: pd.Series, name: str, page: pd.Index) -> list[str]:
    """The severity of this column's cells, "" where nothing is wrong."""
    here = worst.loc[name].to_dict() if name in worst.index.get_level_values(0) else {}
    return [here.get(row, "") for row in page]


def _coloured(
    shown: pd.DataFrame, problems: pd.DataFrame, page: pd.Index, marks: dict[str, str], worst: pd.Series
) -> Styler:
    rows = problems.sort_values("severity").drop_duplicates("row").set_index("row")["severity"].to_dict()
    looks = {t("grid.status"): [rows.get(row, "") for row in page]}
    looks |= {mark: _worst(worst, name, page) for name, mark in marks.items()}
    styled = {
        column: [colours.cell(severity) for severity in severities] for column, severities in looks.items()
    }
    frame = pd.DataFrame(styled, index=shown.index)
    return shown.style.apply(lambda _: frame, axis=None, subset=list(styled))
