"""The pages, in the order a person meets them. Adding one is adding an entry."""

import time
from dataclasses import dataclass
from functools import partial

import streamlit as st

from lib.people import Action
from lib.ui import keys, state
from lib.ui.services import Services
from lib.ui.words import t

#: The group of the pages that are the steps of an upload, in their order.
STEP = "step"


@dataclass(frozen=True)
class Entry:
    """One page: its file in `pages/`, its icon, the group it stands in, and what one must be allowed to see it."""

    name: str
    icon: str
    group: str = STEP
    action: Action = Action.PREPARE  # whoever may not do it has no such page

    @property
    def path(self) -> str:
        """The page's file as Streamlit wants it: relative to the router."""
        return f"../../pages/{self.name}.py"


ENTRIES = (
    Entry("overview", ":material/home:", "start", action=Action.LOOK),
    Entry("connection", ":material/hub:"),
    Entry("upload", ":material/upload_file:"),
    Entry("mapping", ":material/table_chart:"),
    Entry("review", ":material/fact_check:"),
    Entry("submit", ":material/send:"),
    Entry("history", ":material/history:", "records", action=Action.LOOK),
    Entry("do_not_call", ":material/phone_disabled:", "records", action=Action.LOOK),
    Entry("privacy", ":material/shield_person:", "records", action=Action.LOOK),
    Entry("help", ":material/help:", "help", action=Action.LOOK),
    Entry("about", ":material/info:", "help", action=Action.LOOK),
)

#: Streamlit's grid gathers edits for 0.15 s before it reports them.
REPORT_SECONDS = 0.4

STEPS = tuple(entry.name for entry in ENTRIES if entry.group == STEP)


def pages(desk: Services) -> dict[str, list[st.Page]]:
    """The registry as Streamlit pages under the names of their groups, in the person's language; the first group has no name.

    One that is not for their role says so and no more; a group of which nothing is for them is not there.
    """
    grouped: dict[str, list[st.Page]] = {}
    for entry in ENTRIES:
        name = t(f"navigation.{entry.group}") if entry.group != "start" and _is_seen(desk, entry.group) else ""
        grouped.setdefault(name, []).append(_page(desk, entry))
    return grouped


def _is_seen(desk: Services, group: str) -> bool:
    return any(desk.may(entry.action) for entry in ENTRIES if entry.group == group)


def _page(desk: Services, entry: Entry) -> st.Page:
    return st.Page(
        entry.path if desk.may(entry.action) else _not_for_this_role,
        title=t(f"page.{entry.name}"),
        icon=entry.icon,
        url_path=entry.name,
        default=entry.name == "overview",
        visibility="visible" if desk.may(entry.action) else "hidden",
    )


def _not_for_this_role() -> None:
    st.info(t("error.role_not_enough"))


def path(name: str) -> str:
    """The file of a page by its name."""
    return next(entry.path for entry in ENTRIES if entry.name == name)


def go_button(
    name: str, label: str, *, primary: bool = True, disabled: bool = False, after_report: bool = False
) -> None:
    """A button that leads to another page: the one obvious next step.

    A callback takes the press before the script runs: a grid that reports an edit at the same moment starts the script
    anew, and a press that only the end of the script would look at is lost with the run it belonged to.
    after_report: the page holds a grid, and calls `follow_after_report` at its end.
    """
    st.button(
        label,
        key=keys.of("go", name, label),
        type="primary" if primary else "secondary",
        disabled=disabled,
        icon=":material/arrow_forward:",
        on_click=partial(state.ask_for_page, name, after_report=after_report),
    )


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
