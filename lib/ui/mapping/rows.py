"""The pieces of the mapping page: one row per field, and a preview."""

from functools import partial

import streamlit as st

from lib.contact.fields import BY_NAME, FIELDS
from lib.draft import Draft
from lib.ui import colours, keys, messages, state
from lib.ui.mapping import several, sheet_columns
from lib.ui.parts import column_titles, component_kinds, numbers, tables
from lib.ui.words import plain, t

NAMES = tuple(field.name for field in FIELDS)

#: Choices of a field that are no column; a column is ("column", name).
NOTHING, FIXED, MADE = ("nothing", ""), ("fixed", ""), ("made", "")

#: Between the names of columns that are put together, and of those that stand in for one another.
_AND, _ELSE = " + ", " → "

#: Columns that are named where there is one line for all of them.
NAMED = 4

Choice = tuple[str, str]


def origin(draft: Draft) -> None:
    """Where the suggestions come from, and a way to start over."""
    remembered = "remembered" in draft.mapping.sureness.values()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(t("mapping.from_memory" if remembered else "mapping.from_headers"))
        st.button(
            t("mapping.again"),
            type="tertiary",
            on_click=messages.attempt(draft.suggest_again),
            icon=":material/refresh:",
        )


def row(draft: Draft, name: str) -> None:
    """One field: its name, what feeds it, examples, how sure; below it what went wrong with a press in it."""
    key = keys.of("map", draft.id, name)
    label = t(f"field.{name}.label")
    state.set_widget(key, _current(draft, name))
    about, source, detail, sure = st.columns([2, 3, 3, 2.5], vertical_alignment="center")
    about.markdown(
        f"**{label}**" + (f" :red[{t('mapping.required')}]" if BY_NAME[name].required else ""),
        help=t(f"field.{name}.help"),
    )
    source.selectbox(
        label,
        _choices(draft, name),
        format_func=partial(_choice_name, draft),
        key=key,
        label_visibility="collapsed",
        on_change=messages.attempt(partial(_choose, draft, name, key), several.place(name)),
    )
    with detail:
        _detail(draft, name)
    with sure:
        _sureness(draft, name)
    messages.pending(several.place(name))


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


def _choose(draft: Draft, name: str, key: str) -> None:
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
                several.place(name),
            ),
        )
    elif name in mapping.columns and draft.sheet:
        examples = sheet_columns.examples(draft, name)
        several_feed = len(mapping.sources(name)) > 1
        st.text(
            t("mapping.several", columns=_together(draft, name), examples=examples)
            if several_feed
            else examples
        )
        if name == "phone":
            several.could_stand_in(draft)
    elif name in mapping.offers:
        st.text(
            t(
                "mapping.offer",
                column=_together(draft, name),
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


def _together(draft: Draft, name: str) -> str:
    """The columns of a field, as they are used."""
    sign = _AND if name in draft.mapping.between else _ELSE
    return sheet_columns.names_of(draft, draft.mapping.sources(name), sign)


def _sureness(draft: Draft, name: str) -> None:
    if name in draft.mapping.offers:
        st.button(
            t("mapping.take_offer" if len(draft.mapping.sources(name)) == 1 else "mapping.take_together"),
            key=keys.of("offer", name),
            type="primary",
            on_click=messages.attempt(
                lambda: draft.change_mapping(draft.mapping.with_offer_taken(name)), several.place(name)
            ),
        )
    elif name in draft.mapping.columns:
        sure = draft.mapping.sureness.get(name, "chosen")
        looks: dict[str, colours.Name] = {"certain": colours.READY, "likely": colours.WARNING}
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.badge(t(f"mapping.sure.{sure}"), color=looks.get(sure, colours.GOING))
            several.offer(draft, name)


def preview(draft: Draft) -> None:
    """The first five contacts as mapped; cleaning comes in the next step."""
    assert draft.sheet
    contacts = draft.contacts.head(5)
    if contacts.columns.empty:
        st.caption(t("mapping.preview_empty"))
        return
    seen = contacts.assign(**{name: numbers.cells(draft, name, contacts[name]) for name in contacts.columns})
    st.dataframe(
        tables.cut(seen)
        .rename(columns=column_titles.titles(draft, contacts.columns))
        .rename_axis(t("grid.row"))
    )
    for line in component_kinds.lines(draft):
        st.caption(line)


def unused(draft: Draft, most: int | None = None) -> str:
    """The columns of the sheet that nothing takes: they are not sent, and nobody should have to find out later. "" for none.

    most: so many of them by name, and how many there are.
    """
    assert draft.sheet
    taken = draft.mapping.every_column | {row.column for row in draft.component_rows}
    left = tuple(column for column in draft.sheet.table.columns if column not in taken)
    if not left:
        return ""
    names = plain(sheet_columns.names_of(draft, left[:most], t("mapping.unused_join")))
    if most is None or len(left) <= most:
        return t("mapping.unused", columns=names)
    return t("mapping.unused_many", columns=names, count=len(left))


def in_short(draft: Draft) -> str:
    """Which column feeds which field, and which are not sent, for whoever goes on without looking at this page."""
    pairs = [
        t("mapping.pair", field=t(f"field.{name}.label"), column=plain(_together(draft, name)))
        for name in NAMES
        if name in draft.mapping.columns
    ]
    return " · ".join(filter(None, (t("mapping.unused_join").join(pairs), unused(draft, NAMED))))
