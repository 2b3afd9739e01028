"""The pieces of the help page. Every sentence is in the locales; what an answer means is the catalogue of endings itself."""

import streamlit as st

from lib.platform.answers import FailureCode
from lib.ui import colours, navigation
from lib.ui.words import t

PARTS = ("how", "data", "trouble", "answers")

#: Promises about data, and troubles with what to do, in the order they are read.
DATA = ("place", "leaves", "token", "shown", "kept", "delete", "nobody")
TROUBLE = (
    "unknown",
    "closed",
    "twice",
    "missing",
    "columns",
    "component",
    "digits",
    "garbled",
    "refused",
    "running",
    "token",
    "slow",
    "screen",
)

#: What people ask on each page, as keys below `help.`; the first sentence says what the page is for.
ASKED = {
    "overview": ("trouble.closed", "trouble.unknown"),
    "upload": ("trouble.digits", "trouble.garbled"),
    "mapping": ("trouble.columns", "trouble.component"),
    "review": ("trouble.digits", "trouble.twice"),
    "submit": ("trouble.unknown", "trouble.twice", "trouble.slow"),
    "history": ("trouble.missing", "trouble.refused"),
    "connection": ("trouble.token", "trouble.running"),
    "settings": ("data.kept", "data.delete"),
}

#: Pixels.
_WIDTH = 480

#: Endings of a request by what they mean for the numbers: colour, then the codes. The rest of the catalogue is about look-ups.
MEANINGS = {
    "not_sent": (
        colours.READY,
        (
            FailureCode.UNREACHABLE, FailureCode.NAME_UNKNOWN, FailureCode.CONNECT_TIMEOUT, FailureCode.TLS_FAILED, FailureCode.CERTIFICATE, FailureCode.PROXY,
            FailureCode.CONNECTIONS_BUSY, FailureCode.DESTINATION_INVALID,
        ),
    ),
    "refused": (
        colours.ERROR,
        (FailureCode.TOKEN_REFUSED, FailureCode.FORBIDDEN, FailureCode.THROTTLED, FailureCode.REFUSED, FailureCode.TASK_RUNNING, FailureCode.NOT_FOUND),
    ),
    "unknown": (
        colours.UNKNOWN,
        (
            FailureCode.NO_ANSWER, FailureCode.DROPPED, FailureCode.SERVER_ERROR, FailureCode.REDIRECTED, FailureCode.LOGIN_PAGE, FailureCode.EMPTY_ANSWER, FailureCode.NOT_JSON,
            FailureCode.ANSWER_TOO_LARGE, FailureCode.ANSWER_MALFORMED, FailureCode.NO_UNIQUE_ID, FailureCode.UNKNOWN_CODE, FailureCode.UNEXPECTED_STATUS,
        ),
    ),
}  # fmt: skip


def here(page: str) -> None:
    """The "?" in the header of a page: what it is for, what people ask there, and the way to the whole help."""
    if page not in ASKED:
        return
    with st.popover(t("page.help"), icon=":material/help:"), st.container(width=_WIDTH):
        st.markdown(t(f"help.how.{page}"))
        for asked in ASKED[page]:
            end = "means" if asked.startswith("data.") else "do"
            st.markdown(f"**{t(f'help.{asked}')}**  \n{t(f'help.{asked}_{end}')}")
        st.page_link(navigation.path("help"), label=t("help.all"), icon=":material/menu_book:")


def how(*, with_links: bool) -> None:
    """Where it goes, then the five steps. with_links: each with a link to it, for whoever may go there."""
    for at, page in enumerate(("connection", *navigation.STEPS)):
        with st.container(border=True, gap="xsmall"):
            name = f"**{at} {t(f'page.{page}')}**" if at else f"**{t(f'page.{page}')}**"
            if with_links:
                st.page_link(navigation.path(page), label=name)
            else:
                st.markdown(name)
            st.markdown(t(f"help.how.{page}"))


def data() -> None:
    """What happens to what the person put in."""
    for name in DATA:
        st.markdown(f"**{t(f'help.data.{name}')}**  \n{t(f'help.data.{name}_means')}")


def trouble() -> None:
    """A question a person has, and what to do."""
    for name in TROUBLE:
        with st.expander(t(f"help.trouble.{name}")):
            st.markdown(t(f"help.trouble.{name}_do"))


def answers() -> None:
    """What every ending of a batch means for its numbers."""
    st.markdown(t("help.answers.intro"))
    for name, (colour, codes) in MEANINGS.items():
        with st.container(border=True):
            st.markdown(f":{colour}-badge[{t(f'help.answers.{name}')}] {t(f'help.answers.{name}_means')}")
            st.markdown("\n".join(f"- {t(f'error.{code}')}" for code in codes))
