"""One row per column of the person's sheet: its name, examples, what becomes of it, how sure that is and why."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import streamlit as st

from lib.contact.fields import BY_NAME, FIELDS
from lib.draft import Draft
from lib.mapping import Mapping, targets
from lib.mapping.components import ComponentRow
from lib.mapping.targets import NOTHING, Move, Target
from lib.platform.directory import Component
from lib.ui import colours, keys, messages, state
from lib.ui.mapping import component_names, component_table, several, sheet_columns
from lib.ui.parts import folds
from lib.ui.words import plain, t

#: Up to so many columns of a sheet all stand there; of more, those that are not sent and leave no question are folded away.
FEW = 20

#: Columns that are named on the fold.
NAMED = 4

#: Name, examples, what becomes of it, how sure and why.
_WIDTHS = (1.9, 2.9, 3.2, 4.0)


@dataclass
class Said:
    """What a choice did beside what was chosen: said below the row of the column until the next change, and taken back there."""

    column: str
    sentences: list[str]
    mapping: Mapping
    rows: tuple[ComponentRow, ...]
    updated: str  # of the draft right after the choice
    also: Callable[[], object] | None = None
    also_label: str = ""


@dataclass
class ColumnsView:
    """What the visit holds of this page. folded: column → whether it stood in the fold when it was last chosen for: it stays."""

    folded: dict[str, bool] = field(default_factory=dict)
    said: Said | None = None


def table(draft: Draft, known: Sequence[Component]) -> None:
    """Every column of the sheet in its order. known: the platform's components, none where they never were fetched."""
    assert draft.sheet
    view = state.view("columns", ColumnsView)
    taken = targets.by_column(draft.mapping, draft.component_rows)
    names = _names(draft, known)
    columns = list(draft.sheet.table.columns)
    folded = _folded(draft, view, columns, taken) if len(columns) > FEW else []
    for place, key in zip(st.columns(_WIDTHS), ("name", "examples", "target", "sure"), strict=True):
        place.caption(t(f"columns.{key}"))
    for at, column in enumerate(columns):
        if column not in folded:
            _row(draft, at, column, taken.get(column, ()), names, known, folded=False)
    if not folded:
        return
    shown = plain(sheet_columns.names_of(draft, tuple(folded[:NAMED]), t("mapping.unused_join")))
    label = t("columns.folded", count=len(folded), columns=shown)
    if fold := folds.fold(label, keys.of("columns.folded", draft.id)):
        with fold:
            for at, column in enumerate(columns):
                if column in folded:
                    _row(draft, at, column, taken.get(column, ()), names, known, folded=True)


def _folded(
    draft: Draft, view: ColumnsView, columns: Sequence[str], taken: dict[str, tuple[Target, ...]]
) -> list[str]:
    """The columns that are not sent and leave no question; one chosen for during this visit stays where it is."""
    mapping = draft.mapping
    asked = {column for name in mapping.offers for column in mapping.sources(name)} | {
        *mapping.passed.values()
    }
    return [one for one in columns if view.folded.get(one, one not in taken and one not in asked)]


def _names(draft: Draft, known: Sequence[Component]) -> dict[Target, str]:
    """What a column can become, and what each is called: each differently, as Streamlit tells options apart by their text."""
    found: dict[Target, str] = {NOTHING: t("mapping.choice.nothing")}
    found |= {("field", one.name): t(f"field.{one.name}.label") for one in FIELDS}
    for row in draft.component_rows:
        _name(found, ("component", row.key), row.label or row.column or row.id)
    used = {row.id.lower() for row in draft.component_rows}
    for component in known:
        if component.id.lower() not in used:
            _name(found, ("listed", component.id), component.name or component.id, component.id)
    return found


def _name(found: dict[Target, str], target: Target, name: str, identity: str = "") -> None:
    text = t("columns.component", name=name) if name else t("field.component.label")
    if text in found.values():
        text = f"{text} {identity or len(found)}"
    found[target] = text


def _place(column: str) -> str:
    """Where what went wrong in a column's row is told (`messages.pending`)."""
    return keys.of("column", keys.digest(column))


def _row(
    draft: Draft,
    at: int,
    column: str,
    uses: tuple[Target, ...],
    names: dict[Target, str],
    known: Sequence[Component],
    *,
    folded: bool,
) -> None:
    name, seen, target, sure = st.columns(_WIDTHS, vertical_alignment="center")
    title = plain(sheet_columns.name_of(draft, column))
    name.markdown(f"**{title}**")
    seen.text(sheet_columns.of_column(draft, column) or t("columns.empty"))
    questions = targets.questions(draft.mapping, column)
    for order, use in enumerate(uses or (NOTHING,)):
        key = keys.of("map", draft.id, at, order)
        is_open = bool(questions) and not uses
        state.set_widget(key, None if is_open else use)
        target.selectbox(
            title if not order else t("columns.another", column=title, at=order + 1),
            list(names),
            index=None if is_open else 0,
            placeholder=t("columns.open"),
            format_func=names.__getitem__,
            key=key,
            label_visibility="collapsed",
            on_change=messages.attempt(
                partial(_choose, draft, column, use, key, names, known, folded), _place(column)
            ),
        )
    with sure:
        for field_name in questions:
            _question(draft, column, field_name)
        for kind, what in uses:
            if kind == "field":
                _fed(draft, column, what)
            else:
                _component(draft, what, known)
        if not uses and not questions:
            _unsent(draft, column)
    messages.pending(_place(column))
    _tell(draft, column)


def _question(draft: Draft, column: str, name: str) -> None:
    """What the column may be; taken by a press in the row of the first column."""
    sources = draft.mapping.sources(name)
    field_name = t(f"field.{name}.label")
    if column != sources[0]:
        first = plain(sheet_columns.name_of(draft, sources[0]))
        st.caption(t("columns.maybe_part", column=first, field=field_name))
        return
    if len(sources) > 1:
        examples = sheet_columns.examples(draft, name)
        st.text(
            t("columns.maybe_together", field=field_name, columns=together(draft, name), examples=examples)
        )
    st.button(
        t("columns.take_together" if len(sources) > 1 else "columns.take", field=field_name),
        key=keys.of("offer", name),
        type="primary",
        on_click=messages.attempt(
            lambda: draft.change_mapping(draft.mapping.with_offer_taken(name)), _place(column)
        ),
    )
    if name in draft.mapping.reasons:
        st.caption(t(f"mapping.reason.{draft.mapping.reasons[name]}"))


def _fed(draft: Draft, column: str, name: str) -> None:
    """How sure it is that the column is this field, and why; with which others it feeds it."""
    sources = draft.mapping.sources(name)
    first = plain(sheet_columns.name_of(draft, sources[0]))
    if column != sources[0]:
        key = "columns.part_of" if name in draft.mapping.between else "columns.stands_in"
        st.caption(t(key, column=first, field=t(f"field.{name}.label")))
        return
    sure = draft.mapping.sureness.get(name, "chosen")
    looks: dict[str, colours.Name] = {"certain": colours.READY, "likely": colours.WARNING}
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.badge(t(f"mapping.sure.{sure}"), color=looks.get(sure, colours.GOING))
        if sure != "chosen":
            st.caption(t(f"mapping.why.{sure}"), width="content")
        several.offer(draft, name, _place(column))
    if len(sources) > 1:
        examples = sheet_columns.examples(draft, name)
        st.text(t("mapping.several", columns=together(draft, name), examples=examples))
    if name == "phone":
        several.could_stand_in(draft)


def _component(draft: Draft, key: str, known: Sequence[Component]) -> None:
    """What the platform's list says of the component, or what the person says it holds."""
    row = next(row for row in draft.component_rows if row.key == key)
    component_names.of_row(row, known)
    if component_table.is_listed(row, known) and not row.is_typed:
        component_table.kind(st.container(), draft, row)


def _unsent(draft: Draft, column: str) -> None:
    passed = targets.passed_for(draft.mapping, column)
    for name in passed:
        reason = t(f"mapping.reason.{draft.mapping.reasons[name]}")
        st.caption(t("columns.passed", field=t(f"field.{name}.label"), reason=reason))
    if not passed:
        st.caption(t("columns.nothing"))


def together(draft: Draft, name: str) -> str:
    """The columns of a field, as they are used: put together, or standing in for one another."""
    sign = " + " if name in draft.mapping.between else " → "
    return sheet_columns.names_of(draft, draft.mapping.sources(name), sign)


# --- a choice, and what it did beside ------------------------------------------------------------------------


def _choose(
    draft: Draft,
    column: str,
    before: Target,
    key: str,
    names: dict[Target, str],
    known: Sequence[Component],
    folded: bool,
) -> None:
    chosen = state.widget(key)
    view = state.view("columns", ColumnsView)
    mapping, rows = draft.mapping, draft.component_rows
    if chosen is None:  # an open question that stays open
        return
    move = targets.moved(mapping, rows, column, before, chosen, known)
    draft.change_feeding(move.mapping, move.rows)
    view.folded[column] = folded
    sentences = _sentences(draft, column, before, chosen, move, names)
    view.said = Said(column, sentences, mapping, rows, draft.updated) if sentences else None
    if view.said and move.replaced and move.between is None and _can_stand_in(chosen):
        columns = (*move.replaced, column)
        view.said.also = partial(_use_all, draft, chosen[1], columns)
        first = plain(sheet_columns.name_of(draft, move.replaced[0]))
        view.said.also_label = t(
            "columns.use_both", first=first, column=plain(sheet_columns.name_of(draft, column))
        )


def _can_stand_in(target: Target) -> bool:
    kind, name = target
    return kind == "field" and several.ELSE in several.WAYS.get(BY_NAME[name].kind, ())


def _use_all(draft: Draft, name: str, columns: tuple[str, ...]) -> None:
    draft.change_mapping(draft.mapping.with_columns(name, columns))


def _sentences(
    draft: Draft, column: str, before: Target, after: Target, move: Move, names: dict[Target, str]
) -> list[str]:
    """What changed beside the choice itself, if anything did."""
    called, said = plain(sheet_columns.name_of(draft, column)), []
    join = t("mapping.unused_join")
    if move.replaced:
        replaced = plain(sheet_columns.names_of(draft, move.replaced, join))
        said.append(t("columns.replaced", target=plain(names[after]), column=called, before=replaced))
    if move.fixed:
        said.append(t("columns.fixed_gone", target=plain(names[after])))
    if move.rest:
        rest = plain(sheet_columns.names_of(draft, move.rest, join))
        said.append(t("columns.rest", target=plain(names[before]), columns=rest))
    elif before != NOTHING:
        made = before == ("field", "extra") and bool(draft.mapping.extra_seed)
        said.append(t("columns.made" if made else "columns.unfed", target=plain(names[before])))
    return said


def _tell(draft: Draft, column: str) -> None:
    """What the last choice in this row did, as long as nothing else was changed."""
    view = state.view("columns", ColumnsView)
    said = view.said
    if said is None or said.column != column or said.updated != draft.updated:
        return
    with st.container(horizontal=True, vertical_alignment="center", key=keys.of("columns.said", draft.id)):
        st.info(t("columns.join").join(said.sentences), icon=":material/info:")
        if said.also:
            st.button(
                said.also_label,
                key=keys.of("columns.also", draft.id),
                on_click=messages.attempt(said.also, _place(column)),
            )
        st.button(
            t("columns.undo"),
            key=keys.of("columns.undo", draft.id),
            type="tertiary",
            icon=":material/undo:",
            on_click=messages.attempt(partial(draft.change_feeding, said.mapping, said.rows), _place(column)),
        )
