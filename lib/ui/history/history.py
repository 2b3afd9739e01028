"""The pieces of the history page: searching batches, downloads, what happened when."""

from functools import partial

import streamlit as st

from lib import results
from lib.results import exports
from lib.results.own_workbook import OwnFile, form_of_results
from lib.run.records import RunRecord
from lib.run.states import ENDED
from lib.store import AnyStore
from lib.ui import keys, messages, state
from lib.ui.parts import batch_table, journal
from lib.ui.services import Services
from lib.ui.words import moment, t, zone

#: Runs, newest first; runs of each task together; batches of every run, to be searched.
ARRANGEMENTS = ("time", "task", "batches")

#: States a person may filter by, those that matter most first.
STATES = ("accepted", "unknown", "held", "rejected", "sending", "planned", "cancelled", "split")


def arrangement() -> str:
    """How the history is shown: one of ARRANGEMENTS."""
    chosen = st.radio(
        t("history.arrangement"),
        ARRANGEMENTS,
        format_func=lambda name: t(f"history.by.{name}"),
        key="history.by",
        label_visibility="collapsed",
        horizontal=True,
    )
    return str(chosen)


def all_batches(store: AnyStore) -> None:
    """Every batch of every run, by state and by text, with the log to download."""
    left, right = st.columns([2, 3], vertical_alignment="bottom")
    chosen = left.selectbox(
        t("history.state"),
        ("", *STATES),
        format_func=lambda name: t(f"batch.state.{name}") if name else t("history.any"),
    )
    search = right.text_input(t("history.search"), placeholder=t("history.search_placeholder"))
    batch_table.batches(store, None, state=chosen or None, search=search.strip() or None)
    with st.container(horizontal=True):
        _log_downloads(store, None)


def wants_full() -> bool:
    """Whether files are to hold whole numbers; hidden until the person says otherwise, for each visit anew."""
    choices = {False: t("export.hidden"), True: t("export.full")}
    return bool(
        st.radio(
            t("export.numbers"),
            choices,
            format_func=choices.__getitem__,
            key="export.full",
            help=t("export.numbers_help"),
            horizontal=True,
        )
    )


def downloads(desk: Services, run: RunRecord, *, full: bool) -> None:
    """The person's own file with the results, the log of this run, and once it rests its receipt.

    desk: in whose store a file is made, and written down, when it is asked for; its directory names the task
    run: of which the files tell; while it moves there is no receipt
    full: whether the results hold whole numbers; the log and the receipt hold none
    """
    lang, store = state.language(), desk.store
    with st.container(horizontal=True):
        st.download_button(
            t("history.results"),
            data=partial(exports.results_file, store, run, lang, full=full, zone=zone().key),
            file_name=t("history.results_name", file=run.file_name.rsplit(".", 1)[0]),
            mime=results.XLSX,
            type="primary",
            icon=":material/download:",
            on_click="ignore",
            help=t("history.results_help"),
        )
        _log_downloads(store, run)
        if run.state not in batch_table.MOVING:
            _receipt_download(desk, run)
    st.caption(" ".join(_form(store, run, full=full).sentences(lang)))


def _form(store: AnyStore, run: RunRecord, *, full: bool) -> OwnFile:
    """Which file the results come in; looked at once a visit, since it takes as long as reading the file."""
    known: dict[bool, OwnFile] = state.view(keys.of("results_form", run.id, run.data_deleted), dict)
    if full not in known:
        known[full] = form_of_results(store, run, full=full)
    return known[full]


def _receipt_download(desk: Services, run: RunRecord) -> None:
    task = desk.directory.task(run.connection)
    make = partial(
        exports.receipt_file,
        desk.store,
        run.id,
        state.language(),
        zone().key,
        submitter=journal.name(run.created_by),
        task=task.name if task and task.name else run.connection.task_id,
    )
    st.download_button(
        t("history.receipt"),
        data=make,
        file_name=t("history.receipt_name", file=run.file_name.rsplit(".", 1)[0]),
        mime="text/html",
        key=keys.of("receipt", run.id),
        icon=":material/receipt_long:",
        on_click="ignore",
        help=t("history.receipt_help"),
    )


def _log_downloads(store: AnyStore, run: RunRecord | None) -> None:
    lang, clock, run_id = state.language(), zone().key, run.id if run else None
    for kind, mime in (("csv", "text/csv"), ("xlsx", results.XLSX)):
        st.download_button(
            t(f"history.log_{kind}"),
            data=partial(exports.log_file, store, run_id, lang, clock, kind),
            file_name=t("history.log_name", ext=kind),
            mime=mime,
            key=keys.of("log", kind, run_id),
            on_click="ignore",
        )


def gone(run: RunRecord) -> None:
    """What of this run is no longer kept, and what still is."""
    if run.data_deleted:
        words = "kept.run_forgotten" if run.forgotten else "kept.run_deleted"
        st.info(t(words, when=moment(run.data_deleted)), icon=":material/delete_sweep:")


def delete_data(store: AnyStore, run: RunRecord) -> None:
    """Delete sheet, requests, draft and file of this run, once the number of its rows was typed by hand."""
    if run.data_deleted or run.state not in ENDED or run.open_batches:
        return
    key = keys.of("kept.rows", run.id)
    with st.expander(t("kept.delete_run"), icon=":material/delete:"):
        st.markdown(t("kept.delete_run_means", days=store.settings.get().fingerprint_days))
        typed = st.text_input(t("kept.type_rows", count=run.rows_total), key=key, width=320).strip()
        st.button(
            t("kept.delete_run_yes"),
            key=keys.of("kept.delete", run.id),
            disabled=typed.replace(",", "") != str(run.rows_total),
            on_click=messages.attempt(partial(store.retention.delete_run, run.id)),
        )


def events(store: AnyStore, run: RunRecord) -> None:
    """What happened when, and who did it."""
    with st.expander(t("history.events")):
        lines = (
            f"{moment(event.at)}  {journal.name(event.who)}  {t(f'event.{event.what}')}"
            for event in store.run_log.events(run.id)
        )
        st.text("\n".join(lines))  # one element: a submission of 100,000 rows has thousands of lines
