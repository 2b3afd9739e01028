"""The pages, in the order a person meets them. Adding one is adding an entry."""

from dataclasses import dataclass

import streamlit as st

from lib.ui import keys
from lib.ui.words import t


@dataclass(frozen=True)
class Entry:
    """One page: its file in `pages/`, its icon, whether it is a step of an upload."""

    name: str
    icon: str
    is_step: bool = True

    @property
    def path(self) -> str:
        """The page's file as Streamlit wants it: relative to the router."""
        return f"../../pages/{self.name}.py"


ENTRIES = (
    Entry("overview", ":material/home:", is_step=False),
    Entry("connection", ":material/hub:"),
    Entry("upload", ":material/upload_file:"),
    Entry("mapping", ":material/table_chart:"),
    Entry("review", ":material/fact_check:"),
    Entry("submit", ":material/send:"),
    Entry("history", ":material/history:", is_step=False),
    Entry("do_not_call", ":material/phone_disabled:", is_step=False),
)

STEPS = tuple(entry.name for entry in ENTRIES if entry.is_step)


def pages() -> list[st.Page]:
    """The registry as Streamlit pages, titled in the person's language."""
    return [
        st.Page(
            entry.path,
            title=t(f"page.{entry.name}"),
            icon=entry.icon,
            url_path=entry.name,
            default=entry.name == "overview",
        )
        for entry in ENTRIES
    ]


def path(name: str) -> str:
    """The file of a page by its name."""
    return next(entry.path for entry in ENTRIES if entry.name == name)


def go_button(name: str, label: str, *, primary: bool = True, disabled: bool = False) -> None:
    """A button that leads to another page: the one obvious next step."""
    kind = "primary" if primary else "secondary"
    if st.button(label, key=keys.of("go", name, label), type=kind, disabled=disabled, icon=":material/arrow_forward:"):
        st.switch_page(path(name))
