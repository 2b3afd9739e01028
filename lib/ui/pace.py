"""How fast the engine sends: changed while it runs, for all runs."""

from dataclasses import replace

import streamlit as st

from lib.store import Settings, Store
from lib.ui import state
from lib.ui.words import t

#: Requests per second a person may limit sending to; 0 means no limit.
RATES = (0.0, 0.5, 1.0, 2.0, 5.0, 10.0)


def settings(store: Store) -> None:
    """Requests in flight and requests per second, each with its consequence."""
    now = store.settings()
    with st.expander(t("pace.title")):
        state.set_widget("pace.flight", now.concurrency)
        st.slider(
            t("pace.in_flight"),
            1,
            16,
            key="pace.flight",
            help=t("pace.in_flight_means"),
            on_change=lambda: store.save_settings(replace(store.settings(), concurrency=state.widget("pace.flight"))),
        )
        choices = RATES if (now.requests_per_second or 0.0) in RATES else (*RATES, now.requests_per_second)
        labels = {rate: t("pace.per_second", rate=f"{rate:g}") if rate else t("pace.no_limit") for rate in choices}
        state.set_widget("pace.rate", now.requests_per_second or 0.0)
        st.selectbox(
            t("pace.rate"),
            choices,
            format_func=labels.__getitem__,
            key="pace.rate",
            help=t("pace.rate_means"),
            on_change=lambda: _save_rate(store),
        )


def _save_rate(store: Store) -> None:
    changed: Settings = replace(store.settings(), requests_per_second=state.widget("pace.rate") or None)
    store.save_settings(changed)
