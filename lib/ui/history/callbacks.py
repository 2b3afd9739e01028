"""Callbacks on the history page: one line where they are received, and on demand what they said."""

import streamlit as st

from lib.run.callbacks import KeptCallback
from lib.ui import messages
from lib.ui.services import Services
from lib.ui.words import moment, plain, t

#: Documents drawn at once.
SHOWN = 50


def line(desk: Services) -> None:
    """How many came and when the last did; nothing where the receiver is off."""
    if desk.callbacks.error:
        st.warning(messages.sentence(desk.callbacks.error))
    if not desk.callbacks.is_on:
        return
    totals = desk.callbacks.totals()
    if not totals.received:
        st.caption(t("callbacks.none"))
        return
    parts = [t("callbacks.received", count=totals.received, when=moment(totals.last) or "–")]
    parts += [
        t(f"callbacks.{name}", count=count)
        for name in ("strange", "unread")
        if (count := getattr(totals, name))
    ]
    st.caption(t("callbacks.line", parts="".join(parts)))


def documents(desk: Services, run_id: str | None) -> None:
    """What was said about the batches of a run; None: about none of ours."""
    found = desk.store.callbacks.of_run(run_id) if desk.callbacks.is_on else []
    if not found:
        return
    with st.expander(t("callbacks.raw" if run_id else "callbacks.raw_strange", count=len(found))):
        st.caption(t("callbacks.raw_means"))
        for one in found[:SHOWN]:
            st.markdown(_head(one))
            st.code(one.document, language=None, wrap_lines=True)


def _head(one: KeptCallback) -> str:
    who = t("arrivals.raw_batch", seq=one.seq) if one.seq else plain(one.unique_id) or t("callbacks.nameless")
    return t("callbacks.head", who=who, count=one.times, when=moment(one.last_at))
