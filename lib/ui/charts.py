"""Pictures of runs. Practice is amber everywhere, the real platform teal."""

from datetime import date, timedelta

import altair as alt
import pandas as pd
import streamlit as st

from lib.ui.words import t

_COLOURS = {"practice": "#d97706", "real": "#0f766e"}

#: Days always shown, so that one day of work does not fill the picture.
DAYS = 14


def sent_per_day(days: pd.DataFrame) -> None:
    """Numbers the platform accepted, per day, practice and real apart. Columns day (ISO date), kind, rows."""
    if days.empty:
        return
    names = {"practice": t("practice.name"), "real": t("banner.real")}
    shown = days.assign(kind=days["kind"].map(names), day=days["day"].astype(str).str[5:])
    last = date.fromisoformat(str(days["day"].max())[:10])
    order = [f"{last - timedelta(days=back):%m-%d}" for back in range(DAYS - 1, -1, -1)]
    chart = (
        alt.Chart(shown[shown["day"].isin(order)], height=200)
        .mark_bar(size=26)
        .encode(
            x=alt.X("day:N", scale=alt.Scale(domain=order), axis=alt.Axis(labelAngle=0, title=None)),
            y=alt.Y("rows:Q", axis=alt.Axis(title=t("chart.rows"), format=",d", tickMinStep=1)),
            color=alt.Color(
                "kind:N",
                scale=alt.Scale(domain=list(names.values()), range=[_COLOURS[kind] for kind in names]),
                legend=alt.Legend(title=None, orient="top"),
            ),
            tooltip=[
                alt.Tooltip("day:N", title=t("chart.day")),
                alt.Tooltip("rows:Q", title=t("chart.rows"), format=",d"),
            ],
        )
    )
    st.altair_chart(chart)
