"""One way to show that something went wrong in the world, and one to show an empty place."""

from collections.abc import Callable

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lib.errors import AppError, OutcomeUnknown, PlatformError
from lib.ui import navigation, state
from lib.ui.words import plain, t


def sentence(error: AppError) -> str:
    """The error in the person's language; what came from outside is made harmless."""
    return t(
        f"error.{error.code}",
        **{name: value if isinstance(value, int) else plain(value) for name, value in error.params.items()},
    )


def show(error: AppError) -> None:
    """The error as a box; the platform's own words, untrusted, as plain text below."""
    box = st.warning if isinstance(error, OutcomeUnknown) else st.error
    box(sentence(error))
    if isinstance(error, PlatformError) and error.message:
        st.text(t("platform.said", message=error.message))


def attempt(action: Callable[[], object], at: str = "", done: str = "") -> Callable[[], None]:
    """The action as a callback whose AppError is kept and shown by `pending` when the page is drawn.

    action: what the press does; what it returns is let go of, and an error that is no AppError is not caught
    at: the name of a place that calls `pending` with it, where the top of the page is far from what is pressed
    done: what it came to, told as a toast where the place of the press goes with it, or shows nothing of it
    """

    def callback() -> None:
        try:
            action()
        except AppError as error:
            state.keep_error(error, at)
        else:
            if done:
                st.toast(done, icon=":material/check:")

    return callback


def pending(at: str | None = "") -> None:
    """What went wrong in the callback before this run, once. at: the place this is, "" for the top; None: wherever it belongs."""
    error = state.kept_error(at)
    if error is not None:
        show(error)


def whole_page_to_tell(at: str = "") -> None:
    """First in a fragment: an error of its callbacks is told outside of it, where its next turn does not wipe it away.

    at: the place its buttons name, which the page draws before the fragment; for another's the page would be drawn for ever.
    """
    if state.keeps_error(at):
        st.rerun()


def beside(place: DeltaGenerator, code: str) -> None:
    """What is wrong with one input, below it."""
    place.markdown(f":red[{t(f'error.{code}')}]")


def nothing_here(text: str, page: str | None, words: str) -> None:
    """An empty place that says what to do next.

    text: a sentence of ours, drawn as Markdown
    page: name of the page that a button leads to, None for no button
    words: key of what the button says; "" only without one
    """
    with st.container(border=True):
        st.markdown(text)
        if page:
            navigation.go_button(page, words)
