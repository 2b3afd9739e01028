"""The pages, in the order a person meets them. Adding one is adding an entry."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lib.store.permission import Action
from lib.ui import keys, state
from lib.ui.services import Services
from lib.ui.words import t


@dataclass(frozen=True)
class Entry:
    """One page: its file in `pages/`, its icon, what one must be allowed to see it, and whether it stands in the menu."""

    name: str
    icon: str
    action: Action = Action.PREPARE  # whoever may not do it has no such page
    in_menu: bool = True

    @property
    def path(self) -> str:
        """The page's file as Streamlit wants it: relative to the router."""
        return f"../../pages/{self.name}.py"


ENTRIES = (
    Entry("overview", ":material/home:", action=Action.LOOK),
    Entry("upload", ":material/upload_file:"),
    Entry("mapping", ":material/table_chart:"),
    Entry("review", ":material/fact_check:"),
    Entry("submit", ":material/send:"),
    Entry("history", ":material/history:", action=Action.LOOK),
    Entry("connection", ":material/hub:"),
    Entry("settings", ":material/settings:", action=Action.LOOK),
    Entry("help", ":material/help:", action=Action.LOOK, in_menu=False),
    Entry("tour", ":material/tour:", action=Action.SEND, in_menu=False),
)

#: The path of an upload, in the order of the menu. Where it goes is said, and changed, above every one of them.
STEPS = ("upload", "mapping", "review", "submit", "history")

#: Tabs of the settings page, by what one must be allowed to see each.
TABS = {
    "do_not_call": Action.LOOK,
    "privacy": Action.LOOK,
    "pace": Action.SETTINGS,
    "journal": Action.LOOK,
    "about": Action.LOOK,
}

#: Tabs that were pages: their old addresses lead to them.
MOVED = ("do_not_call", "privacy", "about")

#: Streamlit's grid gathers edits for 0.15 s before it reports them.
REPORT_SECONDS = 0.4


def pages(desk: Services) -> list[st.Page]:
    """The registry as Streamlit pages, titled in the person's language. One that is not for their role says so and no more."""
    there = [
        st.Page(
            entry.path if desk.may(entry.action) else _not_for_this_role,
            title=t(f"page.{entry.name}"),
            icon=entry.icon,
            url_path=entry.name,
            default=entry.name == "overview",
            visibility="visible" if entry.in_menu and desk.may(entry.action) else "hidden",
        )
        for entry in ENTRIES
    ]
    moved = [
        st.Page(partial(to_tab, name), title=t(f"settings.{name}"), url_path=name, visibility="hidden")
        for name in MOVED
    ]
    return there + moved


def to_tab(name: str) -> None:
    """Go to a tab of the settings page."""
    st.switch_page(path("settings"), query_params={"tab": name})


def _not_for_this_role() -> None:
    st.info(t("error.role_not_enough"))


def path(name: str) -> str:
    """The file of a page by its name."""
    return next(entry.path for entry in ENTRIES if entry.name == name)


def go_button(
    name: str,
    words: str,
    *,
    primary: bool = True,
    disabled: bool = False,
    after_report: bool = False,
    **params: int,
) -> None:
    """A button that leads to another page: the one obvious next step.

    A callback takes the press before the script runs: a grid that reports an edit at the same moment starts the script
    anew, and a press that only the end of the script would look at is lost with the run it belonged to.

    name: of the page, as in `ENTRIES`
    words: key of what it says; with the page it is what the button is known by
    primary: False for a way back, and where another button is the next step
    disabled: whether it stands there and cannot be pressed; what keeps it is for the caller to say
    after_report: whether the page holds a grid; it then calls `follow_after_report` at its end
    params: the figures in what it says. They are no part of what the button is known by: a figure may change between the
        press and its arrival, and a press on a button that no longer exists is lost
    """
    st.button(
        t(words, **params),
        key=keys.of("go", name, words),
        type="primary" if primary else "secondary",
        disabled=disabled,
        icon=":material/arrow_forward:",
        on_click=partial(state.ask_for_page, name, after_report=after_report),
    )


def bar(says: str, blocked: Sequence[str] = ()) -> DeltaGenerator:
    """The bar at the bottom of the window, in sight wherever the page is scrolled to; for the button that goes on.

    says: what the press does or leaves behind, "" for nothing; blocked: what keeps it from being pressed, said instead.
    """
    with st.bottom.container(horizontal=True, vertical_alignment="center", horizontal_alignment="right"):
        with st.container(gap=None):
            for sentence in blocked:
                st.error(sentence)
            if says and not blocked:
                st.caption(says)
        return st.container(horizontal=True, width="content")


def follow() -> None:
    """Go to the page a callback asked for: in a callback itself a page cannot be switched."""
    if name := state.page_asked_for():
        st.switch_page(path(name))


def follow_after_report() -> None:
    """Go to the page asked for, once the grid has had time to report: an edit it holds back dies with it."""
    if name := state.page_asked_for_after_report():
        time.sleep(REPORT_SECONDS)
        st.empty()  # a report that came meanwhile starts the script anew here, and the page stays asked for
        st.switch_page(path(name))
