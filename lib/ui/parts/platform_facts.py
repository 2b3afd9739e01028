"""How facts from the platform are shown: how old they are, what could not be had, and the answer as it came."""

from collections.abc import Iterable
from datetime import UTC, datetime

import streamlit as st

from lib.errors import AppError, PlatformError
from lib.platform.answers import FailureCode
from lib.ui import messages
from lib.ui.words import t


def age(stamp: str) -> str:
    """How long ago a stored UTC time was, in words."""
    minutes = max(0, int((datetime.now(UTC) - datetime.fromisoformat(stamp)).total_seconds() // 60))
    for unit, size in (("days", 24 * 60), ("hours", 60), ("minutes", 1)):
        if minutes >= size:
            return t(f"lookup.{unit}", count=minutes // size)
    return t("lookup.just_now")


def show_error(error: AppError, instead: str) -> None:
    """Why something could not be had, what to do instead, and what the platform answered."""
    if (
        error.code == FailureCode.NOT_FOUND
    ):  # of an address nobody may have built, not of a task somebody mistyped
        st.warning(t("lookup.not_offered"))
    else:
        messages.show(error)
    if isinstance(error, PlatformError):
        st.caption(instead)
        raw(error.raw)


def raw(answer: str) -> None:
    """The platform's answer as it came, on demand; masked, untrusted, never rendered."""
    if answer:
        with st.expander(t("lookup.raw")):
            st.code(answer, language=None, wrap_lines=True)


def raw_of_batches(title: str, answers: Iterable[tuple[int, str]]) -> None:
    """The same of several: (number of the batch, answer)."""
    with st.expander(title):
        st.caption(t("arrivals.raw_means"))
        for seq, answer in answers:
            st.text(t("arrivals.raw_batch", seq=seq))
            st.code(answer, language=None, wrap_lines=True)
