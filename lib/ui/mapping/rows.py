"""The pieces of the mapping page: one row per field, the words of `sex`, a preview."""

from functools import partial

import streamlit as st

from lib.contact.cleaning import judge_sex
from lib.contact.fields import BY_NAME, FIELDS, SEX_VALUES
from lib.draft import Draft
from lib.mapping import folded
from lib.ui import colours, keys, messages, state
from lib.ui.parts import column_titles, numbers
from lib.ui.words import plain, t

NAMES = tuple(field.name for field in FIELDS)

#: Choices of a field that are no column; a column is ("column", name).
NOTHING, FIXED, MADE = ("nothing", ""), ("fixed", ""), ("made", "")

#: Example values shown beside a choice.
EXAMPLES = 3

#: Distinct unknown words of a field offered for value mapping at once.
WORDS_SHOWN = 30

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
    """One field: its name, what feeds it, examples, how sure."""
    key = keys.of("map", draft.id, name)
    label = t(f"field.{name}.label")
    state.set_widget(key, _current(draft, name))
    about, source, detail, sure = st.columns([2, 3, 3, 2], vertical_alignment="center")
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
        on_change=messages.attempt(partial(_choose, draft, name, key)),
    )
    with detail:
        _detail(draft, name)
    with sure:
        _sureness(draft, name)


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
    return t("mapping.column", name=column) if column in fixed else column_name(draft, column)


def column_name(draft: Draft, column: str) -> str:
    """What a column of the sheet is called on screen, each differently."""
    assert draft.sheet
    if (seen := numbers.text(draft, column)) == column or column not in draft.sheet.table.columns:
        return seen
    columns = draft.sheet.table.columns
    return dict(zip(columns, numbers.heads(draft, columns), strict=True))[column]


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
                )
            ),
        )
    elif name in mapping.columns and draft.sheet:
        st.text(examples(draft, mapping.columns[name]))
    elif name in mapping.offers:
        st.text(
            t(
                "mapping.offer",
                column=column_name(draft, mapping.offers[name]),
                examples=examples(draft, mapping.offers[name]),
            )
        )
        if name in mapping.reasons:
            st.caption(t(f"mapping.reason.{mapping.reasons[name]}"))
    elif name in mapping.passed and draft.sheet:
        column = plain(column_name(draft, mapping.passed[name]))
        st.caption(t("mapping.passed", column=column, reason=t(f"mapping.reason.{mapping.reasons[name]}")))
    elif BY_NAME[name].default:
        st.caption(t("mapping.default", value=BY_NAME[name].default))


def examples(draft: Draft, column: str) -> str:
    """The first few different values of a column."""
    assert draft.sheet
    values = draft.sheet.table[column].head(200)
    first = values[values.str.strip() != ""].unique()[:EXAMPLES]
    return " · ".join(value.strip()[:24] for value in numbers.of_column(draft, column, first))


def _sureness(draft: Draft, name: str) -> None:
    if name in draft.mapping.offers:
        column = draft.mapping.offers[name]
        st.button(
            t("mapping.take_offer"),
            key=keys.of("offer", name),
            type="primary",
            on_click=messages.attempt(lambda: draft.change_mapping(draft.mapping.with_column(name, column))),
        )
    elif name in draft.mapping.columns:
        sure = draft.mapping.sureness.get(name, "chosen")
        looks: dict[str, colours.Name] = {"certain": colours.READY, "likely": colours.WARNING}
        st.badge(t(f"mapping.sure.{sure}"), color=looks.get(sure, colours.GOING))


def sex_words(draft: Draft) -> None:
    """Words of the gender column that are not known yet, each to be given its meaning once."""
    column = draft.mapping.columns.get("sex")
    if column is None or draft.sheet is None or column not in draft.sheet.table.columns:
        return
    counts = draft.sheet.table[column].str.strip().value_counts()
    mine = draft.mapping.values.get("sex", {})
    strange = {str(w): n for w, n in counts.items() if w and judge_sex(str(w)).code}
    if not strange:
        return
    strange = dict(sorted(strange.items(), key=lambda item: folded(item[0]) in mine))  # unanswered first
    with st.container(border=True):
        st.markdown(t("mapping.sex_words", count=sum(folded(word) not in mine for word in strange)))
        for word, count in list(strange.items())[:WORDS_SHOWN]:
            key = keys.of("sex", draft.id, keys.digest(word))
            state.set_widget(key, mine.get(folded(word), ""))
            left, right = st.columns([2, 3], vertical_alignment="center")
            left.text(t("mapping.word", word=numbers.text(draft, word), count=count))
            right.selectbox(
                plain(numbers.text(draft, word)),
                ("", *SEX_VALUES),
                format_func=lambda value: t(f"sex.{value or 'open'}"),
                key=key,
                label_visibility="collapsed",
                on_change=messages.attempt(partial(_learn, draft, word, key)),
            )


def _learn(draft: Draft, word: str, key: str) -> None:
    words = draft.mapping.values.get("sex", {})
    meaning = state.widget(key)
    words = (
        words | {folded(word): meaning}
        if meaning
        else {w: to for w, to in words.items() if w != folded(word)}
    )
    draft.change_mapping(draft.mapping.with_values("sex", words))


def preview(draft: Draft) -> None:
    """The first five contacts as mapped; cleaning comes in the next step."""
    assert draft.sheet
    contacts = draft.contacts.head(5)
    if contacts.columns.empty:
        st.caption(t("mapping.preview_empty"))
        return
    seen = contacts.assign(**{name: numbers.cells(draft, name, contacts[name]) for name in contacts.columns})
    st.dataframe(
        seen.rename(columns=column_titles.titles(draft, contacts.columns)).rename_axis(t("grid.row"))
    )
