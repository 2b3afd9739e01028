"""What a person sees when our own code is wrong: a sentence and a number, never a trace. The log has the rest."""

import logging
import secrets

import streamlit as st

from lib.errors import AppError
from lib.ui import messages
from lib.ui.words import t

_log = logging.getLogger("desk")


def show(error: Exception) -> bool:
    """Handler of whatever a page or a callback did not catch; True: Streamlit shows nothing of its own."""
    if isinstance(error, AppError):
        messages.show(error)
        return True
    reference = "".join(
        secrets.choice("abcdef") for _ in range(8)
    )  # no digits: the log would take some for a phone number
    _log.error("uncaught in a page, reference %s", reference, exc_info=error)
    st.error(t("crash", reference=reference))
    return True
