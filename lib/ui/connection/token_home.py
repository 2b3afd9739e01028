"""Where the token of a connection is kept, said where it is typed; keeping it is a choice, and it can be forgotten."""

from functools import partial

import streamlit as st

from lib.access.tokens import Home
from lib.platform.connection import Connection
from lib.ui import keys, messages, state
from lib.ui.services import Services
from lib.ui.words import t


def _key(start: Connection) -> str:
    return keys.of("connection", start.id, "keep_token")


def is_wanted(start: Connection) -> bool:
    """Whether the person wants the token kept in the keyring; so by default."""
    chosen = state.widget(_key(start))
    return True if chosen is None else bool(chosen)


def show(desk: Services, start: Connection, home: Home | None) -> None:
    """One sentence about where it is, or where it would go; a button to forget it.

    desk: whose tokens say which keyring there is, and forget the token when told to
    start: what the form began with, by whose id the token is kept; a new connection has an id of the form's own
    home: never the server's, of which nothing can be chosen; None while no token is known
    """
    keyring = t(f"keyring.{desk.tokens.keyring}") if desk.tokens.keyring else ""
    if keyring:
        st.checkbox(t("token.keep", keyring=keyring), value=home != Home.MEMORY, key=_key(start))
    with st.container(horizontal=True, vertical_alignment="center"):
        if home:
            st.caption(t(f"token.home.{home}", keyring=keyring))
            st.button(
                t("token.forget"),
                icon=":material/key_off:",
                type="tertiary",
                key=keys.of("connection", start.id, "forget_token"),
                on_click=messages.attempt(partial(desk.tokens.forget, start.id)),
            )
        else:
            st.caption(t("token.goes_to_keyring" if keyring else "token.goes_to_memory", keyring=keyring))
    if desk.tokens.error_code:
        st.warning(t(f"error.{desk.tokens.error_code}"))
