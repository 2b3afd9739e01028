"""Pictures where looking beats reading: the sheet as a bar, problems by kind, a run's batches, days, what arrived.

Each is a Vega-Lite specification over a small table, drawn by Streamlit, with the numbers beside it or under the pointer
and a sentence for those who do not see it. Signs (?, ×) mark what a colour alone would say.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import pandas as pd
import streamlit as st

from lib.ui import colours
from lib.ui.words import t

#: Days always shown, so that one day of work does not fill the picture.
DAYS = 14

#: Squares of a run's picture at the most; a longer run shows several batches in one, by the one that needs a look most.
SQUARES = 600

#: Squares side by side: the fewest that hold a run in one line, so that a short one fills the width too.
ACROSS = (15, 30, 60)

#: Pixels of a picture's height that Streamlit keeps for itself.
MARGIN = 22

#: Kinds of problem shown at the most.
KINDS = 10

#: What a square of several batches shows, first match wins.
_FIRST_SHOWN = ("unknown", "held", "rejected", "sending", "planned", "cancelled", "split", "accepted")

_SIGNS = {"unknown": "?", "held": "?", "rejected": "×"}


def bar(parts: Mapping[str, int], of: Mapping[str, str], names: Mapping[str, str], *, key: str) -> None:
    """Parts of a whole, side by side in one bar. Nothing where all are 0.

    parts: part → how many, in the order they stand; a part of 0 is not drawn
    of: part → colour, a name that `colours.tone` knows
    names: part → words; each is told with its count to those who do not see the bar
    key: the widget's, one for each picture on a page
    """
    shown = [(name, rows) for name, rows in parts.items() if rows]
    total = sum(rows for _, rows in shown)
    if not total:
        return
    ends = pd.Series([rows for _, rows in shown]).cumsum()
    table = pd.DataFrame(
        {
            "part": [names[name] for name, _ in shown],
            "rows": [rows for _, rows in shown],
            "start": ends.shift(fill_value=0) / total,
            "end": ends / total,
            "tone": [colours.tone(of[name]) for name, _ in shown],
        }
    )
    spec = {
        "height": 22,
        "mark": {
            "type": "bar",
            "stroke": colours.tone("on"),
            "strokeWidth": 1.5,
            "cornerRadius": 3,
            "height": 20,
        },
        "encoding": {
            "x": {
                "field": "start",
                "type": "quantitative",
                "axis": None,
                "scale": {"domain": [0, 1], "nice": False},
            },
            "x2": {"field": "end"},
            "color": {"field": "tone", "type": "nominal", "scale": None},
            "tooltip": [_tip("part", t("chart.part"), "nominal"), _tip("rows", t("chart.count"))],
        },
        "view": {"stroke": None},
    }
    _draw(table, spec, key, t("chart.join").join(f"{names[name]} {rows:,}" for name, rows in shown))


def batches(states: Sequence[str], *, key: str) -> None:
    """A run as one square for each batch, in the order they are sent."""
    if not states:
        return
    each = -(-len(states) // SQUARES)
    groups = [states[start : start + each] for start in range(0, len(states), each)]
    worst = [next(state for state in _FIRST_SHOWN if state in group) for group in groups]
    at, across = pd.RangeIndex(len(groups)), next((one for one in ACROSS if len(groups) <= one), ACROSS[-1])
    tones = {
        state: colours.tone(colours.OF_BATCH[state]) for state in set(worst)
    }  # drawn each second: once for each state
    names = {state: t(f"batch.state.{state}") for state in set(states)}
    table = pd.DataFrame(
        {
            "column": at % across,
            "line": at // across,
            "tone": [tones[state] for state in worst],
            "sign": [_SIGNS.get(state, "") for state in worst],
            "state": [names[state] for state in worst],
            "batch": [_span(start, each, len(states)) for start in range(0, len(states), each)],
        }
    )
    lines = -(-len(groups) // across)
    place = {
        "x": {
            "field": "column",
            "type": "ordinal",
            "axis": None,
            "scale": {"domain": list(range(across)), "paddingInner": 0.12},
        },
        "y": {"field": "line", "type": "ordinal", "axis": None, "scale": {"paddingInner": 0.12}},
        "tooltip": [_tip("batch", t("batch.seq"), "nominal"), _tip("state", t("batch.state"), "nominal")],
    }
    spec = {
        "height": 20 * lines + MARGIN,
        "layer": [
            {
                "mark": {"type": "rect", "cornerRadius": 2},
                "encoding": place | {"color": {"field": "tone", "type": "nominal", "scale": None}},
            },
            {
                "mark": {"type": "text", "fontSize": 11, "fontWeight": "bold", "color": colours.tone("on")},
                "encoding": place | {"text": {"field": "sign", "type": "nominal"}},
            },
        ],
        "view": {"stroke": None},
    }
    counted = pd.Series(states).value_counts(sort=False)
    _draw(
        table,
        spec,
        key,
        t("chart.join").join(
            f"{names[state]} {count:,}" for state, count in zip(counted.index, counted, strict=True)
        ),
    )
    if each > 1:
        st.caption(t("chart.several_batches", count=each))


def _span(start: int, each: int, total: int) -> str:
    last = min(start + each, total)
    return str(last) if last == start + 1 else f"{start + 1}–{last}"


def kinds(names: Sequence[str], rows: Sequence[int], severities: Sequence[str], *, key: str) -> None:
    """Problems by kind, the most frequent first, at most `KINDS` of them.

    names: what each problem is called; those of one name and severity are added up
    rows: how many rows have it, in the order of the names
    severities: "error" or "warning", in the order of the names
    key: the widget's, one for each picture on a page
    """
    of = {"error": colours.ERROR, "warning": colours.WARNING}
    table = pd.DataFrame({"kind": names, "rows": rows, "tone": [colours.tone(of[one]) for one in severities]})
    table = (
        table.groupby(["kind", "tone"], as_index=False)[["rows"]]
        .sum()
        .sort_values("rows", ascending=False)
        .head(KINDS)
    )
    place = {
        "y": {
            "field": "kind", "type": "nominal", "sort": None,
            "axis": {"title": None, "labelLimit": 260, "ticks": False, "domain": False, "labelPadding": 8},
        },
        "x": {"field": "rows", "type": "quantitative", "axis": None},
        "tooltip": [_tip("kind", t("chart.kind"), "nominal"), _tip("rows", t("chart.count"))],
    }  # fmt: skip
    spec = {
        "height": 26 * len(table) + MARGIN,
        "layer": [
            {
                "mark": {"type": "bar", "height": 14, "cornerRadiusEnd": 3},
                "encoding": place | {"color": {"field": "tone", "type": "nominal", "scale": None}},
            },
            {
                "mark": {"type": "text", "align": "left", "dx": 6, "color": colours.tone("text")},
                "encoding": place | {"text": {"field": "rows", "type": "quantitative", "format": ","}},
            },
        ],
        "view": {"stroke": None},
    }
    _draw(table, spec, key, t("chart.join").join(f"{one.kind} {one.rows:,}" for one in table.itertuples()))


def days(sent: pd.DataFrame, today: date, *, key: str) -> None:
    """Numbers the platform accepted, per day, practice and real apart.

    sent: columns day (ISO date), kind ("practice" or "real"), rows; days before the last `DAYS` are left out
    today: the last day of the picture, by the clock the days of `sent` were counted by
    key: the widget's, one for each picture on a page
    """
    if sent.empty:
        return
    of = {
        "practice": (t("practice.name"), colours.tone(colours.PRACTICE)),
        "real": (t("banner.real"), colours.tone(colours.READY)),
    }
    order = [f"{today - timedelta(days=back):%m-%d}" for back in range(DAYS - 1, -1, -1)]
    table = pd.DataFrame(
        {
            "day": sent["day"].astype(str).str[5:],
            "kind": [of[kind][0] for kind in sent["kind"]],
            "rows": sent["rows"],
        }
    )
    table = table[table["day"].isin(order)]
    spec: dict[str, Any] = {
        "height": 230,
        "mark": {"type": "bar", "size": 24, "cornerRadiusEnd": 3},
        "encoding": {
            "x": {
                "field": "day", "type": "nominal", "scale": {"domain": order},
                "axis": {"labelAngle": 0, "title": None, "labelOverlap": True, "ticks": False},
            },
            "y": {
                "field": "rows", "type": "quantitative",
                "axis": {"title": t("chart.rows"), "format": ",d", "tickMinStep": 1, "tickCount": 4, "domain": False},
            },
            "color": {
                "field": "kind", "type": "nominal", "legend": {"title": None, "orient": "top"},
                "scale": {"domain": [name for name, _ in of.values()], "range": [colour for _, colour in of.values()]},
            },
            "tooltip": [_tip("day", t("chart.day"), "nominal"), _tip("kind", t("chart.kind"), "nominal"), _tip("rows", t("chart.count"))],
        },
    }  # fmt: skip
    told = t("chart.join").join(f"{one.day} {one.kind} {one.rows:,}" for one in table.itertuples())
    _draw(table, spec, key, told or t("chart.rows"))


def _tip(field: str, title: str, kind: str = "quantitative") -> dict[str, str]:
    shown = {"field": field, "title": title, "type": kind}
    return shown | {"format": ","} if kind == "quantitative" else shown


def _draw(table: pd.DataFrame, spec: dict[str, Any], key: str, told: str) -> None:
    """told: the same in words, for those who do not see the picture; its parts by themselves would read out colours and places."""
    silent = {part: {"aria": False} for part in ("mark", "axis", "legend")}
    st.vega_lite_chart(table, spec | {"padding": 0, "config": silent}, key=key, alt=told)
