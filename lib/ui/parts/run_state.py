"""Where a run stands, in honest words and one colour: a run that ended with everything refused does not look well."""

import streamlit as st

from lib.run.records import RunRecord
from lib.run.states import ENDED, UNSETTLED, BatchState, RunState
from lib.ui import colours, navigation
from lib.ui.parts import batch_table
from lib.ui.words import t


def badge(run: RunRecord) -> None:
    """State, and what came of it once nothing moves any more."""
    st.badge(_words(run), color=colour(run))


def rows(run: RunRecord, *states: str) -> int:
    """Numbers of the run in batches of these states."""
    return sum(run.rows_by_state.get(state, 0) for state in states)


def _words(run: RunRecord) -> str:
    """The state, and what came of an ended run."""
    return t("run.words.join").join(filter(None, (t(f"run.state.{run.state}"), came_of(run))))


def came_of(run: RunRecord) -> str:
    """Of an ended run how many numbers are unknown, wait for a person, were refused, or go no more; "" where all is well."""
    if run.state not in ENDED:
        return ""
    counts = {
        "unknown": rows(run, BatchState.UNKNOWN),
        "held": rows(run, BatchState.HELD),
        "rejected": rows(run, BatchState.REJECTED),
        "cancelled": rows(run, BatchState.CANCELLED, BatchState.PLANNED),
    }
    return t("run.words.join").join(
        t(f"run.words.{name}", count=count) for name, count in counts.items() if count
    )


def done(run: RunRecord) -> int:
    """Numbers of it that have an answer, or will get none any more."""
    return run.to_send - rows(run, BatchState.PLANNED, BatchState.SENDING)


def share_done(run: RunRecord) -> float:
    """0 to 1."""
    return done(run) / run.to_send if run.to_send else 1.0


def title(run: RunRecord) -> str:
    """For the browser's tab, so that a person may work elsewhere meanwhile: it goes, it waits for them or went wrong, or all is well."""
    if run.state in batch_table.MOVING:
        return f"▶ {share_done(run):.0%} · {run.file_name}"
    is_well = run.state == RunState.FINISHED and not rows(run, *UNSETTLED, BatchState.REJECTED)
    return f"{'✓' if is_well else '⚠'} {_words(run)} · {run.file_name}"


def colour(run: RunRecord) -> colours.Name:
    """Of the worst that is true of it."""
    if run.state == RunState.FINISHED and rows(run, *UNSETTLED):
        return colours.UNKNOWN
    if run.state == RunState.FINISHED and rows(run, BatchState.REJECTED):
        return colours.ERROR
    return colours.OF_RUN.get(run.state, colours.ENDED)


def link(run: RunRecord, label: str) -> None:
    """A link to a run's own page, which has an address of its own."""
    st.page_link(navigation.path("history"), label=label, query_params={"run": run.id})
