"""Components by the platform's own names: fetched on request, kept with their age, offered for the columns they match."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from lib.draft import Draft
from lib.errors import AppError
from lib.mapping import component_words, components
from lib.mapping.components import ComponentRow
from lib.platform.connection import Connection, is_uuid
from lib.platform.directory import Component, Template
from lib.ui import keys, messages, state
from lib.ui.parts import platform_facts
from lib.ui.services import Services
from lib.ui.words import plain, t

#: Where the errors of what is done with components are told (`messages.pending`).
PLACE = "components"


def known(desk: Services, connection: Connection) -> Sequence[Component]:
    """The components as fetched last for this account, none where they never were."""
    kept = desk.directory.template(connection)
    return kept.components if kept else ()


def panel(desk: Services, draft: Draft, connection: Connection) -> None:
    """Fetch them, take those named like a column, add one by name, and see which required ones nothing feeds.

    desk: whose directory keeps the list, and fetches it with the token there is; without one the button is dead
    draft: takes what is added, and for its rows the rules of the list; it has a sheet
    connection: where the upload goes; the list is its account's
    """
    kept = desk.directory.template(connection)
    token = desk.token(connection)
    with st.container(horizontal=True, vertical_alignment="center"):
        label = t("components.fetch")
        pressed = st.button(label, icon=":material/list:", key="components.fetch", disabled=token is None)
        about = st.empty()
    if pressed:
        try:
            with st.spinner(t("lookup.asking")):
                kept = desk.directory.fetch_template(desk.reachable(connection), token or "")
        except AppError as error:
            platform_facts.show_error(error, t("lookup.kept" if kept else "components.cannot"))
    if kept is None:
        about.caption(t("components.no_token" if token is None else "components.fetch_means"))
        return
    about.caption(_age(kept))
    _inform(draft, kept)
    _offer(draft, kept)
    _add(draft, kept)
    _required(draft, kept)


def _inform(draft: Draft, kept: Template) -> None:
    """Rows remembered from an earlier file, or made before the list was had, take over its rules."""
    try:
        draft.inform_components(kept.components)
    except AppError as error:  # another tab was faster
        messages.show(error)


def _age(kept: Template) -> str:
    line = t("components.age", count=len(kept.components), age=platform_facts.age(kept.at))
    return line + (" " + t("tasks.unread", count=kept.unread) if kept.unread else "")


def _offer(draft: Draft, kept: Template) -> None:
    assert draft.sheet
    alike = components.named_alike(kept.components, draft.sheet.table.columns, draft.component_rows)
    if alike:
        with st.container(horizontal=True, vertical_alignment="center"):
            names = t("components.join").join(plain(row.label) for row in alike)
            st.info(t("components.alike", count=len(alike), names=names))
            st.button(
                t("components.take", count=len(alike)),
                type="primary",
                key="components.take",
                on_click=messages.attempt(
                    lambda: draft.change_components([*draft.component_rows, *alike]), PLACE
                ),
            )


def _add(draft: Draft, kept: Template) -> None:
    used = {row.id.lower() for row in draft.component_rows}
    unused = {one.id: one for one in kept.components if one.id.lower() not in used}
    if not unused:
        return
    names = [one.name for one in unused.values()]
    key = keys.of("components.by_name", draft.id, len(draft.component_rows))
    st.selectbox(
        t("components.by_name"),
        list(unused),
        index=None,
        format_func=lambda identity: _option(unused[identity], twice=names.count(unused[identity].name) > 1),
        placeholder=t("components.search"),
        key=key,
        on_change=messages.attempt(partial(_added, draft, unused, key), PLACE),
    )


def _option(component: Component, *, twice: bool) -> str:
    """Different for every component: Streamlit tells options apart by their text."""
    name = f"{component.name} {component.id}" if twice or not component.name else component.name
    return " · ".join(
        filter(
            None, (name, component_words.describe_rules(component.type, component.rules, state.language()))
        )
    )


def _added(draft: Draft, unused: dict[str, Component], key: str) -> None:
    chosen = state.widget(key)
    if chosen in unused:
        draft.change_components([*draft.component_rows, components.row_of(unused[chosen])])


def _required(draft: Draft, kept: Template) -> None:
    missing = components.still_required(kept.components, draft.component_rows)
    if missing:
        names = t("components.join").join(plain(one.name or one.id) for one in missing)
        st.warning(t("components.required_missing", names=names))


def of_row(row: ComponentRow, listed: Sequence[Component]) -> None:
    """What the platform's list says of a row's component. listed: none where the list was never fetched."""
    if listed and is_uuid(row.id) and not any(one.id.lower() == row.id.lower() for one in listed):
        st.caption(t("components.not_listed"))
    elif row.type or row.rules:
        st.caption(
            plain(
                t(
                    "components.rules",
                    rules=component_words.describe_rules(row.type, row.rules, state.language()),
                )
            )
        )
