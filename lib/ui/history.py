"""The pieces of the history page: choosing a run, searching batches, downloads, what happened when."""

from functools import partial
from zoneinfo import ZoneInfo

import streamlit as st

from lib import results
from lib.plan import source_problems, source_table
from lib.store import RunRecord, Store
from lib.ui import destination, journal, keys, run_table, state
from lib.ui.words import moment, t, zone

#: States a person may filter by.
STATES = ("accepted", "unknown", "held", "rejected", "planned", "cancelled")


def choose(runs: list[RunRecord]) -> RunRecord | None:
    """One run, or all of them."""
    view = state.view("history", dict)
    by_id = {run.id: run for run in runs}
    key = "history.run"
    state.set_widget(key, view.get("run") if view.get("run") in by_id else "")
    chosen = st.selectbox(
        t("history.which"),
        ("", *by_id),
        format_func=lambda run_id: _title(by_id[run_id]) if run_id else t("history.every_run"),
        key=key,
        on_change=lambda: view.update(run=state.widget(key)),
    )
    return by_id.get(chosen)


def _title(run: RunRecord) -> str:
    return t(
        "history.run_title",
        when=moment(run.created),
        file=run.file_name,
        destination=destination.name_of(run.connection),
        count=run.to_send,
        state=t(f"run.state.{run.state}"),
    )


def all_batches(store: Store) -> None:
    """Every batch of every run, by state and by text, with the log to download."""
    left, right = st.columns([2, 3], vertical_alignment="bottom")
    chosen = left.selectbox(
        t("history.state"),
        ("", *STATES),
        format_func=lambda name: t(f"batch.state.{name}") if name else t("history.any"),
    )
    search = right.text_input(t("history.search"), placeholder=t("history.search_placeholder"))
    run_table.batches(store, None, state=chosen or None, search=search.strip() or None)
    with st.container(horizontal=True):
        _log_downloads(store, None)


def downloads(store: Store, run: RunRecord) -> None:
    """The person's own file with the results, and the log of this run."""
    st.subheader(t("history.downloads"))
    lang = state.language()
    with st.container(horizontal=True):
        st.download_button(
            t("history.results"),
            data=partial(workbook, store, run, lang),
            file_name=t("history.results_name", file=run.file_name.rsplit(".", 1)[0]),
            mime=results.XLSX,
            type="primary",
            icon=":material/download:",
            on_click="ignore",
            help=t("history.results_help"),
        )
        _log_downloads(store, run)


def workbook(store: Store, run: RunRecord, lang: str) -> bytes:
    """The person's own sheet with what became of every row, each bad cell marked and explained."""
    source = store.source(run.id)
    problems, columns = source_problems(source)
    rows, table = store.rows(run.id), source_table(source)
    return results.run_workbook(table, rows, lang, problems=problems, columns=columns, title=run.sheet_name)


def _log_downloads(store: Store, run: RunRecord | None) -> None:
    lang, clock, run_id = state.language(), zone(), run.id if run else None
    for kind, mime in (("csv", "text/csv"), ("xlsx", results.XLSX)):
        st.download_button(
            t(f"history.log_{kind}"),
            data=partial(_log, store, run_id, lang, clock, kind),
            file_name=t("history.log_name", ext=kind),
            mime=mime,
            key=keys.of("log", kind, run_id),
            on_click="ignore",
        )


def _log(store: Store, run_id: str | None, lang: str, clock: ZoneInfo, kind: str) -> bytes:
    write = results.log_csv if kind == "csv" else results.log_workbook
    return write(store.batches(run_id=run_id, limit=None), lang, zone=clock.key)


def events(store: Store, run: RunRecord) -> None:
    """What happened when, and who did it."""
    with st.expander(t("history.events")):
        lines = (
            f"{moment(event.at)}  {journal.name(event.who)}  {t(f'event.{event.what}')}" for event in store.events(run.id)
        )
        st.text("\n".join(lines))  # one element: a submission of 100,000 rows has thousands of lines
