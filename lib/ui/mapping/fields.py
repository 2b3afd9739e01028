"""The fields that no column feeds: the required one first and in red, the rest folded; each may take a fixed value or a column."""

from dataclasses import dataclass, field
from functools import partial

import streamlit as st

from lib.contact.fields import BY_NAME, FIELDS
from lib.draft import Draft
from lib.mapping import targets
from lib.ui import keys, messages, state
from lib.ui.mapping import rows, sheet_columns
from lib.ui.parts import folds
from lib.ui.words import plain, t

#: Choices of a field that are no column; a column is ("column", name).
NOTHING, FIXED, MADE = ("nothing", ""), ("fixed", ""), ("made", "")

#: Fields that are named on the fold.
NAMED = 6

Choice = tuple[str, str]


@dataclass
class FieldsView:
    """What the visit holds. chosen: fields whose row was chosen in, by whether it stood in the fold: it stays where it is."""

    chosen: dict[str, bool] = field(default_factory=dict)


def rest(draft: Draft) -> None:
    """What is missing stands first, then what has a value for every row; all that may as well be left alone is folded."""
    view = state.view("fields", FieldsView)
    unfed = [one.name for one in FIELDS if one.name not in draft.mapping.columns or one.name in view.chosen]
    open_ = {
        name: not view.chosen.get(name, not (BY_NAME[name].required or name in draft.mapping.constants))
        for name in unfed
    }
    for name in unfed:
        if open_[name]:
            _row(draft, name, folded=False)
    folded = [name for name in unfed if not open_[name]]
    if not folded:
        return
    labels = t("mapping.unused_join").join(t(f"field.{name}.label") for name in folded[:NAMED])
    key = "columns.fields" if len(folded) <= NAMED else "columns.fields_many"
    if fold := folds.fold(t(key, fields=labels, count=len(folded)), keys.of("fields", draft.id)):
        with fold:
            for name in folded:
                _row(draft, name, folded=True)


def _place(name: str) -> str:
    """Where what went wrong in a field's row is told (`messages.pending`)."""
    return keys.of("field", name)


def _row(draft: Draft, name: str, *, folded: bool) -> None:
    """One field: its name, what feeds it; below it what went wrong with a press in it."""
    key = keys.of("field", draft.id, name)
    label = t(f"field.{name}.label")
    state.set_widget(key, _current(draft, name))
    about, source, detail = st.columns([2.2, 3.8, 6], vertical_alignment="center")
    missing = BY_NAME[name].required and not draft.mapping.is_fed(name)
    title = f":red[**{label}** · {t('mapping.required')}]" if missing else f"**{label}**"
    about.markdown(title, help=t(f"field.{name}.help"))
    source.selectbox(
        label,
        _choices(draft, name),
        format_func=partial(_choice_name, draft),
        key=key,
        label_visibility="collapsed",
        on_change=messages.attempt(partial(_choose, draft, name, key, folded), _place(name)),
    )
    with detail:
        _detail(draft, name)
    messages.pending(_place(name))


def _choices(draft: Draft, name: str) -> list[Choice]:
    assert draft.sheet
    first = [NOTHING] if name != "extra" else [MADE, NOTHING]
    return [*first, FIXED, *(("column", column) for column in draft.sheet.table.columns)]


def _choice_name(draft: Draft, choice: Choice) -> str:
    """Different for every choice: Streamlit tells options apart by their text."""
    kind, column = choice
    if kind != "column":
        return t(f"mapping.choice.{kind}")
    fixed = {t(f"mapping.choice.{other}") for other in ("nothing", "fixed", "made")}
    return t("mapping.column", name=column) if column in fixed else sheet_columns.name_of(draft, column)


def _current(draft: Draft, name: str) -> Choice:
    if name in draft.mapping.columns:
        return ("column", draft.mapping.columns[name])
    if name in draft.mapping.constants:
        return FIXED
    return MADE if name == "extra" and draft.mapping.extra_seed else NOTHING


def _choose(draft: Draft, name: str, key: str, folded: bool) -> None:
    kind, column = state.widget(key)
    mapping = draft.mapping
    if kind == "column":
        mapping = mapping.with_column(name, column)
    elif kind == "fixed":
        mapping = mapping.with_constant(name, "")
    else:
        mapping = mapping.without(name)
    if name == "extra":
        mapping = mapping.with_row_tokens(kind == "made")
    draft.change_mapping(mapping)
    state.view("fields", FieldsView).chosen[name] = folded


def _detail(draft: Draft, name: str) -> None:
    mapping = draft.mapping
    if name in mapping.constants:
        key = keys.of("fixed", draft.id, name)
        state.set_widget(key, mapping.constants[name])
        st.text_input(
            t("mapping.choice.fixed"),
            key=key,
            label_visibility="collapsed",
            placeholder=t("mapping.fixed_placeholder"),
            on_change=messages.attempt(
                lambda: draft.change_mapping(
                    draft.mapping.with_constant(name, str(state.widget(key)).strip())
                ),
                _place(name),
            ),
        )
    elif name in mapping.columns:
        st.text(
            t(
                "mapping.several",
                columns=rows.together(draft, name),
                examples=sheet_columns.examples(draft, name),
            )
        )
        others = targets.by_column(mapping, ()).get(mapping.columns[name], ())
        if names := [t(f"field.{other}.label") for _, other in others if other != name]:
            column = plain(sheet_columns.name_of(draft, mapping.columns[name]))
            st.caption(t("columns.feeds_too", column=column, fields=t("mapping.unused_join").join(names)))
    elif name in mapping.offers:
        st.text(
            t(
                "mapping.offer",
                column=rows.together(draft, name),
                examples=sheet_columns.examples(draft, name),
            )
        )
        if name in mapping.reasons:
            st.caption(t(f"mapping.reason.{mapping.reasons[name]}"))
    elif name in mapping.passed and draft.sheet:
        column = plain(sheet_columns.name_of(draft, mapping.passed[name]))
        st.caption(t("mapping.passed", column=column, reason=t(f"mapping.reason.{mapping.reasons[name]}")))
    elif BY_NAME[name].default:
        st.caption(t("mapping.default", value=BY_NAME[name].default))
