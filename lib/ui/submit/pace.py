"""How fast the engine sends: changed while it runs, for all runs; and when it pauses by itself."""

from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from lib.run.settings import LONGEST_ANSWER_SECONDS, SHORTEST_ANSWER_SECONDS
from lib.store import AnyStore
from lib.ui import messages, state
from lib.ui.words import t

#: Requests per second a person may limit sending to; 0 means no limit.
RATES = (0.0, 0.5, 1.0, 2.0, 5.0, 10.0)

#: Shares of a batch, in percent, below which a run may pause; 0 means never.
SHARES = (0, 25, 50, 75, 90, 100)

#: Pixels, where it stands alone.
_WIDTH = 560


def settings(store: AnyStore, *, folded: bool = True) -> None:
    """Requests in flight and per second, how long an answer is waited for, the share that has to get in; each with its consequence.

    folded: under what holds now.
    """
    now = store.settings.get()
    rate = now.requests_per_second
    limit = t("pace.limit", rate=f"{rate:g}") if rate else t("pace.unlimited")
    title = t("pace.folded", flight=now.concurrency, limit=limit)
    with st.expander(title, key="pace.folded") if folded else st.container(width=_WIDTH):
        state.set_widget("pace.flight", now.concurrency)
        st.slider(
            t("pace.in_flight"),
            1,
            16,
            key="pace.flight",
            help=t("pace.in_flight_means"),
            on_change=messages.attempt(partial(_save, store, "concurrency", "pace.flight")),
        )
        choices = RATES if (now.requests_per_second or 0.0) in RATES else (*RATES, now.requests_per_second)
        labels = {
            rate: t("pace.per_second", rate=f"{rate:g}") if rate else t("pace.no_limit") for rate in choices
        }
        state.set_widget("pace.rate", now.requests_per_second or 0.0)
        st.selectbox(
            t("pace.rate"),
            choices,
            format_func=labels.__getitem__,
            key="pace.rate",
            help=t("pace.rate_means"),
            on_change=messages.attempt(partial(_save, store, "requests_per_second", "pace.rate")),
        )
        state.set_widget("pace.answer", now.answer_seconds)
        st.number_input(
            t("pace.answer"),
            SHORTEST_ANSWER_SECONDS,
            LONGEST_ANSWER_SECONDS,
            step=10,
            key="pace.answer",
            help=t("pace.answer_means"),
            on_change=messages.attempt(partial(_save, store, "answer_seconds", "pace.answer")),
        )
        shares = sorted({*SHARES, now.least_imported})
        state.set_widget("pace.least", now.least_imported)
        st.selectbox(
            t("pace.least_imported"),
            shares,
            format_func=lambda share: t("pace.percent", share=share) if share else t("pace.never"),
            key="pace.least",
            help=t("pace.least_imported_means"),
            on_change=messages.attempt(partial(_save, store, "least_imported", "pace.least")),
        )


def _save(store: AnyStore, name: str, key: str) -> None:
    value: Any = state.widget(key)
    if name == "requests_per_second":
        value = value or None
    store.settings.save(replace(store.settings.get(), **{name: value}))
