"""Batches as a table: each with its unique_id, to be copied, searched and downloaded."""

from typing import Literal

import pandas as pd
import streamlit as st

from lib.platform.connection import ConnectionKind
from lib.run.records import RunRecord
from lib.run.states import called
from lib.sheet.row_numbers import row_name
from lib.store import AnyStore
from lib.ui import keys
from lib.ui.parts.tables import SHOWN, height
from lib.ui.words import moments, t

#: Pixels of the columns that would be cut off, at the latest once something stands in them, or are wider than that.
WIDTHS = {"seq": 52, "unique_id": 268, "state": 112, "rows": 68, "sent_at": 118, "message": 230}

#: Where there is room for the longest words, because nothing is said of other runs.
_OF_ONE_RUN = WIDTHS | {"state": 160}

#: States of a run in which batch numbers still come in.
MOVING = ("running", "pausing", "cancelling")


def batches(
    store: AnyStore, run: RunRecord | None, *, state: str | None = None, search: str | None = None
) -> None:
    """The batches of a run in their order, or of all runs, the newest run first; at most `SHOWN` of them.

    store: where they are looked up; nothing is written
    run: None for all but those of a guided tour; while it moves its batch numbers are not offered for copying
    state: the only state of a batch that is shown, None for any
    search: a part of the unique_id, of the platform's text or of the file's name, or a whole number; None for all
    """
    found = store.batches.table(run_id=run.id if run else None, state=state, search=search, limit=SHOWN)
    if found.empty:
        st.caption(t("history.no_batches"))
        return
    st.dataframe(
        _shown(found, one_run=run is not None),
        hide_index=True,
        key=keys.of("batches", run.id if run else "all"),
        column_config={
            t(f"batch.{name}"): st.column_config.Column(width=width)
            for name, width in (_OF_ONE_RUN if run else WIDTHS).items()
        },
        height=height(len(found), 420),
    )
    if run is None or run.state not in MOVING:
        _copy(found, run.id if run else "all")


def _copy(found: pd.DataFrame, of: str) -> None:
    """The batch numbers as a text with a button that copies it: the tables themselves give nothing out."""
    given = [unique_id for unique_id in found["unique_id"] if unique_id]
    if given:
        popover = st.popover(
            t("batch.copy", count=len(given)), icon=":material/content_copy:", key=keys.of("copy", of)
        )
        tall: int | Literal["content"] = 300 if len(given) > 9 else "content"
        with popover.container(
            height=tall, border=False
        ):  # one that holds the button, so that the keyboard can scroll it
            st.code("\n".join(given), language=None, wrap_lines=True)


def _shown(found: pd.DataFrame, *, one_run: bool) -> pd.DataFrame:
    """The batches as a person reads them: words for states, the person's own clock; of many runs, each with its file."""
    calls = [called(*one) for one in zip(found["state"], found["held_as"], strict=True)]
    states = {
        call: t(f"batch.state.{call}") for call in set(calls)
    }  # a run being watched is drawn each second
    spans = zip(found["first_row"].tolist(), found["last_row"].tolist(), strict=True)
    table = pd.DataFrame(
        {
            t("batch.seq"): found["seq"],
            t("batch.unique_id"): found["unique_id"],
            t("batch.state"): [states[call] for call in calls],
            t("batch.rows"): found["rows"],
            t("batch.span"): [f"{row_name(first)}–{row_name(last)}" for first, last in spans],
            t("batch.sent_at"): moments(found["sent_at"]),
            t("batch.message"): found["message"],
        }
    )
    if not one_run:
        table.insert(2, t("batch.file"), found["file_name"])
        table.insert(
            3,
            t("batch.destination"),
            [_destination(*pair) for pair in zip(found["kind"], found["connection_name"], strict=True)],
        )
    return table


def _destination(kind: str, name: str) -> str:
    return t("practice.name") if kind == ConnectionKind.PRACTICE else name
