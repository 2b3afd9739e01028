"""What the test of a connection found out about the token, in one line."""

import streamlit as st

from lib.platform.connection_test import TokenHealth
from lib.ui.parts import platform_facts
from lib.ui.words import plain, t

#: Days before its end from which a token is worth a warning: longer than a weekend.
SOON_DAYS = 4


def show(health: TokenHealth | None) -> None:
    """Until when it is good, or that the platform does not say."""
    if health is None:
        return
    if health.validity is None:
        st.caption(t("token.not_told"))
        platform_facts.raw(health.raw)
        return
    until, days = plain(health.validity.until), health.validity.days
    if days < 0:
        st.error(t("token.over", until=until))
    elif days < SOON_DAYS:
        st.warning(t("token.soon", until=until, count=days))
    else:
        st.caption(t("token.good", until=until, count=days))
