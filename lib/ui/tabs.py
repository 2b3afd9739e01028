"""The tabs of the settings page. Which one is in view stands in the address, so that a link leads there; only that one is computed."""

import streamlit as st

from lib.ui import navigation, state
from lib.ui.services import Services
from lib.ui.words import t

_CHOICE, _ADDRESS = "settings.tab", "tab"


def choose(desk: Services) -> str:
    """The name of the tab in view, among those that are for this person's role."""
    names = [name for name, action in navigation.TABS.items() if desk.may(action)]
    asked = st.query_params.get(_ADDRESS)
    state.set_widget(_CHOICE, asked if asked in names else names[0])
    return st.radio(
        t("page.settings.title"),
        names,
        format_func=lambda name: t(f"settings.{name}"),
        key=_CHOICE,
        horizontal=True,
        label_visibility="collapsed",
        on_change=_show_in_address,
    )


def _show_in_address() -> None:
    st.query_params[_ADDRESS] = state.widget(_CHOICE)
