"""The components table, edited in place: one row of inputs per component."""

from collections.abc import Sequence
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lib.contact.component_rules import RULE_OF_KIND
from lib.draft import Draft
from lib.mapping import components
from lib.mapping.components import ComponentRow
from lib.platform.directory import Component
from lib.ui import keys, messages, state
from lib.ui.mapping import component_names, sheet_columns
from lib.ui.parts import folds
from lib.ui.words import plain, t


def table(draft: Draft, known: Sequence[Component] = ()) -> None:
    """The component rows that need their inputs, what is wrong with each, and a button to add one.

    One of the platform's list that a column feeds stands in the row of that column; here it is folded, to be renamed or deleted.
    known: the platform's own list, which tells the name and the rules of an id that is typed.
    """
    messages.pending(component_names.PLACE)
    wrong = draft.component_mistakes
    left_out = [row for row in draft.component_rows if row.is_left_out]
    settled = [
        row for row in draft.component_rows if row.column and is_listed(row, known) and row.key not in wrong
    ]
    for row in draft.component_rows:
        if row not in left_out and row not in settled:
            _row(draft, row, known)
        if row.key in wrong:
            messages.beside(st.container(), wrong[row.key])
    _settled(draft, settled, known)
    _left_out(draft, left_out, known)
    st.button(
        t("components.add"),
        icon=":material/add:",
        on_click=messages.attempt(
            lambda: draft.change_components([*draft.component_rows, ComponentRow()]), component_names.PLACE
        ),
    )


def is_listed(row: ComponentRow, known: Sequence[Component]) -> bool:
    """Whether the platform's list has it, so that nobody needs to see its id."""
    return any(one.id.lower() == row.id.lower() for one in known)


def _settled(draft: Draft, rows: Sequence[ComponentRow], known: Sequence[Component]) -> None:
    if not rows:
        return
    names = t("components.join").join(plain(row.label or row.column) for row in rows)
    label = t("components.settled", count=len(rows), names=names)
    if fold := folds.fold(label, keys.of("components.settled", draft.id)):
        with fold:
            for row in rows:
                _row(draft, row, known)


def _left_out(draft: Draft, rows: Sequence[ComponentRow], known: Sequence[Component]) -> None:
    """The components of an earlier file whose column this one lacks, folded away: they keep nothing from being sent."""
    if not rows:
        return
    names = t("components.join").join(plain(row.label or row.gone) for row in rows)
    with st.expander(
        t("components.left_out", count=len(rows), names=names),
        icon=":material/info:",
        key=keys.of("components.left_out", draft.id),
    ):
        st.caption(t("components.left_out_means"))
        for row in rows:
            _row(draft, row, known)


def _row(draft: Draft, row: ComponentRow, known: Sequence[Component]) -> None:
    assert draft.sheet
    with st.container(border=True):
        widths = [2.4, 2.6, 2.2, 1.6, 1.6]
        if is_listed(row, known):
            label, column, value, holds, remove = st.columns(widths, vertical_alignment="bottom")
        else:
            identity, label, column, value, holds, remove = st.columns(
                [3.4, *widths], vertical_alignment="bottom"
            )
            _text(identity, draft, row, "id", known, placeholder="2a87347c-6dd5-4e22-97fe-9b8001dbcd17")
        _text(
            label, draft, row, "label", known, placeholder=row.column or row.gone or None
        )  # what it is called without one
        key = keys.of("component", row.key, "column")
        state.set_widget(key, row.column)
        column.selectbox(
            t("components.column"),
            ("", *draft.sheet.table.columns),
            format_func=partial(_column_name, draft),
            key=key,
            on_change=messages.attempt(partial(_change, draft, row.key, "column"), component_names.PLACE),
        )
        _text(value, draft, row, "value", known, disabled=bool(row.column))
        if not row.is_typed and not (row.column and is_listed(row, known)):
            kind(holds, draft, row)
        remove.button(
            t("components.delete"),
            key=keys.of("component", row.key, "delete"),
            icon=":material/delete:",
            type="tertiary",
            on_click=messages.attempt(partial(_delete, draft, row.key), component_names.PLACE),
        )
        component_names.of_row(row, known)


def kind(place: DeltaGenerator, draft: Draft, row: ComponentRow) -> None:
    """What the column holds, where the platform's list does not say it.

    place: where the choice is drawn, once for each row on a page
    draft: whose row is changed by the choice
    row: as it stands in the draft; the caller has seen that the list does not say it (`is_typed`)
    """
    key = keys.of("component", row.key, "kind")
    state.set_widget(key, row.kind if row.kind in RULE_OF_KIND else "")
    place.selectbox(
        t("components.kind"),
        ("", *RULE_OF_KIND),
        format_func=lambda one: t(f"components.kind.{one or 'text'}"),
        key=key,
        on_change=messages.attempt(partial(_change, draft, row.key, "kind"), component_names.PLACE),
        help=t("components.kind_help"),
    )


def _column_name(draft: Draft, column: str) -> str:
    """Different for every choice: Streamlit tells options apart by their text."""
    fixed = t("components.fixed")
    return (
        t("mapping.column", name=column)
        if column == fixed
        else sheet_columns.name_of(draft, column)
        if column
        else fixed
    )


def _text(
    place: DeltaGenerator,
    draft: Draft,
    row: ComponentRow,
    name: str,
    known: Sequence[Component],
    placeholder: str | None = None,
    disabled: bool = False,
) -> None:
    key = keys.of("component", row.key, name)
    state.set_widget(key, getattr(row, name))
    place.text_input(
        t(f"components.{name}"),
        key=key,
        on_change=messages.attempt(partial(_change, draft, row.key, name, known), component_names.PLACE),
        placeholder=placeholder,
        disabled=disabled,
    )


def _change(draft: Draft, row_key: str, name: str, known: Sequence[Component] = ()) -> None:
    text = str(state.widget(keys.of("component", row_key, name)) or "")
    rows = [row.changed(**{name: text}) if row.key == row_key else row for row in draft.component_rows]
    draft.change_components(components.informed(rows, known) if name == "id" else rows)


def _delete(draft: Draft, row_key: str) -> None:
    draft.change_components(row for row in draft.component_rows if row.key != row_key)
