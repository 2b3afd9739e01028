"""Recipes: a whole set-up of columns, words and destination under a name, kept and used again."""

from functools import partial
from typing import Any

import streamlit as st

from lib.draft import Draft
from lib.platform.connection import Connection
from lib.ui import keys, messages, state
from lib.ui.parts import destination
from lib.ui.services import Services
from lib.ui.words import plain, t

#: Where the errors of these buttons are told (`messages.pending`).
PLACE = "recipes"


def _view() -> dict[str, Any]:
    return state.view("recipes", dict)


def offer(desk: Services, draft: Draft, keep_as: Connection | None = None) -> None:
    """Recipes to choose from, and what came of the last press.

    desk: whose store keeps the recipes; one that leads to none of its connections leaves the destination as it is
    draft: takes over the recipe that is used, and is what a new one is made of
    keep_as: where the upload goes, kept along, on the page where a recipe may be kept; None elsewhere
    """
    known = desk.store.recipes.all()
    if known or keep_as:
        key = keys.of(
            "recipes", str(_view().get("times", 0))
        )  # closed by a press: what is told stands behind it
        with st.popover(t("recipe.title"), icon=":material/bookmarks:", key=key):
            st.caption(t("recipe.means"))
            if known:
                _kept(desk, draft, known)
            if keep_as:
                _to_keep(draft, keep_as)
    messages.pending(PLACE)
    for key, params in _view().pop("told", ()):
        st.info(t(key, **params))


def _to_keep(draft: Draft, connection: Connection) -> None:
    key = keys.of("recipe", "name", draft.id)
    st.text_input(t("recipe.name"), key=key, placeholder=t("recipe.name_placeholder"), max_chars=60)
    st.button(
        t("recipe.keep"),
        key="recipe.keep",
        icon=":material/bookmark_add:",
        on_click=messages.attempt(partial(_keep, draft, connection, key), PLACE),
    )


def _kept(desk: Services, draft: Draft, known: dict[str, dict[str, Any]]) -> None:
    key = keys.of("recipe", "chosen", draft.id)
    name = st.selectbox(t("recipe.chosen"), list(known), key=key)
    with st.container(horizontal=True):
        st.button(
            t("recipe.use"),
            key="recipe.use",
            type="primary",
            on_click=messages.attempt(partial(_use, desk, draft, name, known[name]), PLACE),
        )
        st.button(
            t("recipe.forget"),
            key="recipe.forget",
            icon=":material/delete:",
            on_click=messages.attempt(partial(desk.store.recipes.forget, name), PLACE),
        )


def _keep(draft: Draft, connection: Connection, key: str) -> None:
    name = str(state.widget(key) or "").strip()
    draft.keep_recipe(name, connection)
    _tell(("recipe.kept", {"name": plain(name)}))


def _use(desk: Services, draft: Draft, name: str, recipe: dict[str, Any]) -> None:
    lacking = draft.use_recipe(recipe, [one.id for one in desk.connections()])
    where = plain(destination.name_of(desk.connection(draft.connection_id)))
    said: list[tuple[str, dict[str, Any]]] = [("recipe.used", {"name": plain(name), "destination": where})]
    if draft.connection_id != recipe["connection_id"]:
        said.append(("recipe.no_destination", {}))
    if lacking:
        columns = t("mapping.unused_join").join(map(plain, lacking))
        said.append(("recipe.lacking", {"columns": columns}))
    _tell(*said)


def _tell(*said: tuple[str, dict[str, Any]]) -> None:
    """Once, below the button."""
    view = _view()
    view["told"], view["times"] = said, view.get("times", 0) + 1
