"""Numbers and data: how long things stay, deleting one number, what is kept now, and what was done with it."""

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from lib.draft import do_not_call_file
from lib.erasure import forget_number
from lib.erasure.forget_number import Certificate
from lib.errors import AppError
from lib.run.retention_rules import LOG_DAYS, LONGEST_FINGERPRINT_DAYS, LONGEST_KEPT_DAYS
from lib.run.settings import Settings
from lib.run.states import DataDeed
from lib.store import AnyStore
from lib.store.retention import Figures
from lib.ui import keys, messages, state
from lib.ui.parts import journal, server_facts, tables
from lib.ui.services import Services
from lib.ui.words import day, moment, t, zone

_KEEP, _PRINTS = "kept.keep_days", "kept.fingerprint_days"

#: Kinds of a log line's counts that have words of their own, in the order they are told.
_COUNTED = ("runs", "fingerprints", "files", *forget_number.PLACES, "waiting")


def _view() -> dict[str, Any]:
    return state.view("privacy", lambda: {"certificate": None, "told": "", "version": 0})


# --- how long -------------------------------------------------------------------------------------------------


def periods(desk: Services) -> None:
    """How long what a run needs stays, and how long its numbers are known again; told what that deletes at once."""
    now = desk.store.settings.get()
    with st.container(border=True):
        st.header(t("kept.periods"), anchor=False)
        st.markdown(t("kept.periods_mean"))
        left, right = st.columns(2)
        with left:
            keep = int(_days(_KEEP, now.keep_days, 0, LONGEST_KEPT_DAYS))
        with right:
            prints = int(_days(_PRINTS, now.fingerprint_days, keep, LONGEST_FINGERPRINT_DAYS))
        if (keep, prints) == (now.keep_days, now.fingerprint_days):
            st.caption(t("kept.periods_now", keep=keep, prints=prints))
        else:
            _save(desk, keep, prints)
        if now.recent_days > prints:
            st.warning(t("kept.shorter_than_recent", days=now.recent_days))


def _days(key: str, value: int, least: int, most: int) -> int:
    """A number of days; what was typed stays until it is saved."""
    if state.widget(key) is None:
        state.set_widget(key, value)
    state.set_widget(key, max(least, state.widget(key)))
    found: int = st.number_input(
        t(key), min_value=least, max_value=most, step=1, key=key, help=t(f"{key}_help")
    )
    return found


def _save(desk: Services, keep: int, prints: int) -> None:
    runs, fingerprints = desk.store.retention.due(keep, prints)
    if runs or fingerprints:
        st.warning(t("kept.due", runs=runs, fingerprints=fingerprints))
    st.button(
        t("kept.save_and_delete" if runs or fingerprints else "kept.save"),
        key="kept.save",
        type="primary",
        on_click=messages.attempt(partial(_change, desk, keep, prints)),
    )


def _change(desk: Services, keep: int, prints: int) -> None:
    desk.store.retention.change_periods(keep, prints)
    desk.retention.wake()


# --- one number -----------------------------------------------------------------------------------------------


def number(desk: Services) -> None:
    """Everything about one number, deleted for good; below, the certificate of the last time."""
    view = _view()
    with st.container(border=True):
        st.header(t("kept.number_title"), anchor=False)
        st.markdown(t("kept.number_means"))
        version = view["version"]  # what was typed is gone once it has been deleted
        typed = st.text_input(
            t("kept.number"), key=keys.of("kept.number", version), width=320, placeholder="13012121211"
        )
        choices = {True: t("kept.block_yes"), False: t("kept.block_no")}
        block = st.radio(
            t("kept.block"), choices, format_func=choices.__getitem__, key=keys.of("kept.block", version),
            captions=[t("kept.block_yes_means"), t("kept.block_no_means")],
        )  # fmt: skip
        sure = st.checkbox(t("kept.number_sure"), key=keys.of("kept.sure", version))
        st.caption(t("kept.number_sure_means"))
        if st.button(
            t("kept.number_delete"),
            icon=":material/delete_forever:",
            disabled=not sure,
            key="kept.number_delete",
        ):
            _forget(desk, typed, block=bool(block))
        if view["told"]:
            st.warning(t(view["told"]))
        if view["certificate"]:
            _certificate(view["certificate"])


def _forget(desk: Services, typed: str, *, block: bool) -> None:
    view = _view()
    view.update(certificate=None, told="")
    found = do_not_call_file.of_text(typed)
    if len(found.phones) != 1:
        view["told"] = "kept.not_a_number"
        return
    try:
        with st.spinner(t("kept.searching")):
            certificate = desk.store.forget(found.phones[0], block=block)
    except AppError as error:
        messages.show(error)
        return
    try:
        desk.practice_control.forget(desk.reachable(desk.connections()[0]), found.phones[0])
    except AppError as error:  # what is deleted here is deleted
        state.keep_error(error)
    state.let_go_of_what_is_stale()
    _view().update(certificate=certificate, version=view["version"] + 1)
    st.rerun()


def _certificate(made: Certificate) -> None:
    lang = state.language()
    if made.is_empty and not made.unread:
        st.info(t("kept.nowhere"), icon=":material/search_off:")
    elif made.waiting:
        st.warning(t("kept.partly"), icon=":material/hourglass:")
    else:
        st.success(t("kept.deleted"), icon=":material/check:")
    told = forget_number.text(
        made, lang, who=journal.name(made.who), local=_dated, minutes=server_facts.longest_minutes()
    )
    st.code(told, language=None, wrap_lines=True)
    st.download_button(
        t("kept.certificate"), data=told.encode("utf-8-sig"), file_name=t("kept.certificate_name"), mime="text/plain",
        icon=":material/download:", on_click="ignore", key="kept.certificate",
    )  # fmt: skip


def _dated(stamp: str) -> str:
    """Day and time with the year and the zone: a certificate is read years later."""
    return f"{day(stamp)} {moment(stamp)[6:]} {zone().key}"


# --- what is kept ---------------------------------------------------------------------------------------------


def holdings(store: AnyStore) -> None:
    """What is kept where, how much of it, and until when."""
    figures, times = store.retention.figures(), store.settings.get()
    st.header(t("kept.holdings"), anchor=False)
    names = ("drafts", "runs", "fingerprints", "do_not_call", "receipts", "log", "outside")
    st.dataframe(
        {
            t("kept.column.what"): [t(f"kept.what.{name}") for name in names],
            t("kept.column.count"): [_count(name, figures) for name in names],
            t("kept.column.until"): [_until(name, times) for name in names],
        },
        hide_index=True,
        height=tables.height(len(names), 400),
        column_config={t("kept.column.until"): st.column_config.TextColumn(width="large")},
    )
    if figures.open_runs:
        st.caption(t("kept.open_runs", count=figures.open_runs))
    if figures.waiting:
        st.caption(t("kept.waiting", count=figures.waiting))
    if figures.owed:
        st.caption(t("kept.owed", when=moment(figures.owed)))
    st.caption(t("kept.file_size", megabytes=f"{figures.bytes / 1_000_000:,.1f}"))


def _count(name: str, figures: Figures) -> str:
    counts = {
        "drafts": figures.drafts,
        "runs": figures.runs,
        "fingerprints": figures.numbers,
        "do_not_call": figures.do_not_call,
    }
    return f"{counts[name]:,}" if name in counts else "–"


def _until(name: str, times: Settings) -> str:
    return t(f"kept.until.{name}", keep=times.keep_days, prints=times.fingerprint_days, log=LOG_DAYS)


# --- what was done --------------------------------------------------------------------------------------------


def log(store: AnyStore) -> None:
    """Who took numbers out of the app, saw them in full, or deleted something; newest first."""
    st.header(t("kept.log"), anchor=False)
    lines = store.journal.data_log()
    if lines.empty:
        st.caption(t("kept.log_empty"))
        return
    files = {run.id: run.file_name for run in store.runs.latest(limit=None)}
    table = pd.DataFrame(
        {
            t("kept.column.when"): [moment(at) for at in lines["at"]],
            t("kept.column.who"): lines["who"].map(journal.name),
            t("kept.column.what"): [_deed(line) for line in lines.itertuples()],
            t("kept.column.about"): [_about(store, line, files) for line in lines.itertuples()],
        }
    )
    st.dataframe(table, hide_index=True, height=tables.height(len(table), 420))


def _deed(line: Any) -> str:
    """One line of the log in words."""
    facts = line.facts
    if line.what == DataDeed.EXPORTED:
        how = t("export.was_full" if facts["full"] else "export.was_hidden")
        return t("kept.deed.exported", kind=t(f"export.kind.{facts['kind']}"), count=facts["rows"], how=how)
    if line.what == DataDeed.PERIODS_CHANGED:
        return t("kept.deed.periods_changed", keep=facts["keep_days"], prints=facts["fingerprint_days"])
    told = [t(f"kept.counted.{name}", count=facts[name]) for name in _COUNTED if facts.get(name)]
    words = t(f"kept.deed.{line.what}", fingerprint=line.fingerprint)
    return t("kept.with_counts", what=words, counts=t("kept.comma").join(told)) if told else words


def _about(store: AnyStore, line: Any, files: dict[str, str]) -> str:
    if line.run_id:
        return files.get(line.run_id, "")
    record = store.drafts.get(line.draft_id) if line.draft_id else None
    return record.state.get("file_name", "") if record else ""
