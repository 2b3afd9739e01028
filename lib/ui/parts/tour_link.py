"""The way to the guided tour: in practice only, for whoever may send."""

import streamlit as st

from lib.platform.connection import Connection, ConnectionKind
from lib.store.permission import Action
from lib.ui import navigation
from lib.ui.services import Services
from lib.ui.words import t


def is_offered(desk: Services, connection: Connection) -> bool:
    """Whether this person may give it where the upload goes now."""
    return connection.kind == ConnectionKind.PRACTICE and desk.may(Action.SEND)


def link(desk: Services, connection: Connection) -> None:
    """A quiet link; one that was begun is gone on with. Nothing where it is not offered."""
    if is_offered(desk, connection):
        begun = bool(desk.store.runs.of_tour())
        st.page_link(
            navigation.path("tour"),
            label=t("tour.continue" if begun else "tour.start"),
            icon=":material/tour:",
        )
