"""Several columns for one field: another where the first is empty, or texts put together; examples before it is taken."""

from collections.abc import Iterator
from functools import partial

import pandas as pd
import streamlit as st

from lib.contact.fields import BY_NAME, Kind
from lib.draft import Draft
from lib.mapping.combine import combined, origins
from lib.sheet.row_numbers import row_name
from lib.ui import keys, messages
from lib.ui.mapping import sheet_columns
from lib.ui.parts import numbers
from lib.ui.words import plain, t

#: Rows shown before it is taken, and characters of each.
EXAMPLES, LONGEST = 3, 60

#: What may stand between two texts, by the name of its sentence.
BETWEEN = {"nothing": "", "blank": " ", "dash": "-", "dot": "·", "comma": "、"}

ELSE, JOIN = "else", "join"

#: The ways there are for each kind of field; a number or a sex has one column.
WAYS = {Kind.PHONE: (ELSE,), Kind.EMAIL: (ELSE,), Kind.TEXT: (ELSE, JOIN)}


def offer(draft: Draft, name: str, at: str) -> None:
    """The way to more columns for a field that one feeds; texts alone can be put together.

    draft: whose mapping is changed; with fewer than two columns in its sheet nothing is drawn
    name: of the field; nothing is drawn for one that no column feeds, or whose kind has one column only (`WAYS`)
    at: where errors are told (`messages.pending`)
    """
    mapping = draft.mapping
    ways = WAYS.get(BY_NAME[name].kind, ())
    if name not in mapping.columns or not ways or draft.sheet is None or len(draft.sheet.table.columns) < 2:
        return
    now = mapping.sources(name)
    here = keys.of("several", draft.id, name, keys.digest(repr((now, mapping.between.get(name)))))
    with st.popover(t("several.title"), key=keys.of(here, "open")):  # a new one once it is taken
        way = ELSE
        if len(ways) > 1:
            way = st.radio(
                t("several.how"),
                ways,
                index=ways.index(JOIN if name in mapping.between else ELSE),
                format_func=lambda one: t(f"several.{one}"),
                key=keys.of(here, "how"),
                horizontal=True,
            )
        columns, between = (_put_together if way == JOIN else _instead)(draft, name, here)
        if len(columns) > 1:
            _examples(draft, name, columns, between)
        with st.container(horizontal=True):
            _buttons(draft, name, here, columns, between, at)


def could_stand_in(draft: Draft) -> None:
    """Where the phone is empty and another column has a number, it is said: these people would not be called."""
    if found := draft.spare_phone:
        column, count = found
        st.caption(t("several.spare", column=plain(sheet_columns.name_of(draft, column)), count=count))


def _buttons(
    draft: Draft, name: str, here: str, columns: tuple[str, ...], between: str | None, at: str
) -> None:
    now = draft.mapping.sources(name)
    if len(columns) > 1 and (columns, between) != (now, draft.mapping.between.get(name)):
        st.button(
            t("several.take"),
            type="primary",
            key=keys.of(here, "take"),
            on_click=messages.attempt(
                lambda: draft.change_mapping(draft.mapping.with_columns(name, columns, between)), at
            ),
        )
    if len(now) > 1:
        st.button(
            t("several.single", column=plain(sheet_columns.name_of(draft, now[0]))),
            type="tertiary",
            key=keys.of(here, "single"),
            on_click=messages.attempt(
                lambda: draft.change_mapping(draft.mapping.with_column(name, now[0])), at
            ),
        )


def _instead(draft: Draft, name: str, here: str) -> tuple[tuple[str, ...], None]:
    assert draft.sheet
    first, *others = draft.mapping.sources(name)
    chosen = st.multiselect(
        t("several.else_columns", column=plain(sheet_columns.name_of(draft, first))),
        [column for column in draft.sheet.table.columns if column != first],
        default=[] if name in draft.mapping.between else others,
        format_func=partial(sheet_columns.name_of, draft),
        placeholder=t("several.choose"),
        key=keys.of(here, ELSE),
    )
    return (first, *chosen), None


def _put_together(draft: Draft, name: str, here: str) -> tuple[tuple[str, ...], str]:
    assert draft.sheet
    now = draft.mapping.sources(name)
    chosen = st.multiselect(
        t("several.join_columns"),
        list(draft.sheet.table.columns),
        default=now if name in draft.mapping.between else now[:1],
        format_func=partial(sheet_columns.name_of, draft),
        placeholder=t("several.choose"),
        key=keys.of(here, JOIN),
    )
    stands = draft.mapping.between.get(name, "")
    signs = dict.fromkeys((*BETWEEN.values(), stands))
    names = {sign: one for one, sign in BETWEEN.items()}
    between = st.selectbox(
        t("several.between"),
        list(signs),
        index=list(signs).index(stands),
        format_func=lambda sign: t(f"several.between.{names[sign]}") if sign in names else sign,
        key=keys.of(here, "between"),
    )
    return tuple(chosen), between


def _examples(draft: Draft, name: str, columns: tuple[str, ...], between: str | None) -> None:
    """Three rows as they would be; of columns that stand in for another those in which they do, and how many there are."""
    assert draft.sheet
    table = draft.sheet.table
    texts = combined(table, columns, between, name)
    shown = texts[texts.str.strip().ne("")]
    taken_from = pd.Series("", index=table.index, dtype=object)
    if between is None:
        taken_from = origins(table, columns, name)
        instead = shown[taken_from[shown.index].ne(columns[0])]
        st.caption(
            t("several.fills", column=plain(sheet_columns.name_of(draft, columns[0])), count=len(instead))
        )
        shown = instead if len(instead) else shown
    lines = [
        t("several.example_from" if source else "several.example", row=row_name(row), **said)
        for row, source, said in _said(draft, name, shown.head(EXAMPLES), taken_from)
    ]
    st.markdown("  \n".join(lines))


def _said(
    draft: Draft, name: str, texts: pd.Series, taken_from: pd.Series
) -> Iterator[tuple[int, str, dict[str, str]]]:
    """Row, the column it was taken from ("" for all of them), and what the sentence says."""
    for row, text, source in zip(texts.index, texts, taken_from[texts.index], strict=True):
        seen = plain(numbers.cell(draft, name, text.strip()[:LONGEST]))
        column = {"column": plain(sheet_columns.name_of(draft, source))} if source else {}
        yield row, source, {"text": seen} | column
