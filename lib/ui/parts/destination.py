"""Where this upload goes: said on every page, in colour and in words, and changed in place."""

from functools import partial

import streamlit as st

from lib.draft import Draft
from lib.platform.connection import Connection, ConnectionKind
from lib.ui import colours, keys, messages, navigation
from lib.ui.parts import task_picker
from lib.ui.services import Services
from lib.ui.words import plain, t


def name_of(connection: Connection) -> str:
    """The connection's name; the practice platform is named in the person's language."""
    return t("practice.name") if connection.kind == ConnectionKind.PRACTICE else connection.name


def banner(desk: Services, draft: Draft, connection: Connection, *, changeable: bool) -> None:
    """Where this upload goes, unmistakable.

    desk: names the task as its list was fetched last, and has the connections to choose from
    draft: goes to the one that is chosen; once it has been submitted none can be
    connection: that of its run once it has been submitted, else the draft's
    changeable: whether another can be chosen here; not on the page where that is done anyway
    """
    practice = connection.kind == ConnectionKind.PRACTICE
    icon, kind = ("science", "practice") if practice else ("call", "real")
    where = t(f"banner.{kind}_where", **_facts(desk, connection))
    line = f":material/{icon}: **{t(f'banner.{kind}')}**　{t(f'banner.{kind}_means')}　:small[{where}]"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f":{colours.PRACTICE if practice else colours.ERROR}-background[&nbsp;{line}&nbsp;]",
            width="content",
        )
        if changeable and not draft.run_id:
            with st.popover(t("banner.change"), icon=":material/swap_horiz:"):
                _choice(desk, draft, connection)


def _facts(desk: Services, connection: Connection) -> dict[str, str]:
    account = connection.user_id[: task_picker.ID_SIGNS] + "…"
    return {
        "name": plain(name_of(connection)),
        "account": plain(account),
        "task": task_picker.short_name(desk, connection),
    }


def _choice(desk: Services, draft: Draft, connection: Connection) -> None:
    """Another saved connection for this upload; what is mapped and corrected stays."""
    for one in desk.connections():
        st.button(
            plain(name_of(one)),
            key=keys.of("banner", one.id),
            icon=":material/check:" if one.id == connection.id else ":material/arrow_forward:",
            disabled=one.id == connection.id,
            type="tertiary",
            on_click=messages.attempt(partial(draft.choose_connection, one.id)),
        )
    navigation.go_button("connection", "banner.new", primary=False)


def changed_since_last_run(desk: Services, draft: Draft, connection: Connection) -> None:
    """That this upload goes elsewhere than the last submission went, where it does.

    desk: whose last run is looked at, those of a guided tour left out
    draft: nothing is said of one that has been submitted
    connection: where the draft goes; elsewhere is another task, whatever the connection is called
    """
    for run in desk.store.runs.latest(limit=1):
        if not draft.run_id and run.connection.task != connection.task:
            now, before = (
                t("destination.practice")
                if one.kind == ConnectionKind.PRACTICE
                else t("destination.real", **_facts(desk, one))
                for one in (connection, run.connection)
            )
            st.info(t("destination.changed", now=now, before=before), icon=":material/alt_route:")
